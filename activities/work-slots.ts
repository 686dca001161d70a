/** Of the steps that wait for a slot, one of a smaller number goes first. Steps without one count as this. */
const USUAL_PRIORITY = 3;

interface Waiter {
  priority: number;
  go(): void;
}

/**
 * How many steps of a connection work at a time in this process. A step that waits for a list which others read too holds none, so that
 * any number of accounts can wait for it; of those that wait to work, the one with the higher priority goes first.
 */
export class WorkSlots {
  private free: number;
  private readonly queue: Waiter[] = [];

  constructor(count: number) {
    this.free = count;
  }

  /** Waits for a slot; `give` must follow. @throws the signal's reason when it ends first */
  take(priority: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.free > 0) {
        this.free--;
        resolve();
        return;
      }
      const waiter: Waiter = {
        priority,
        go: () => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      const stop = (): void => {
        this.queue.splice(this.queue.indexOf(waiter), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('the step was stopped'));
      };
      signal.addEventListener('abort', stop, { once: true });
      this.queue.push(waiter);
    });
  }

  give(): void {
    const priorities = this.queue.map(({ priority }) => priority);
    const [next] = this.queue.splice(priorities.indexOf(Math.min(...priorities)), 1);
    if (next) next.go();
    else this.free++;
  }
}

/** The slot of one step. */
export class HeldSlot {
  private held = false;
  private ended = false;
  private waits = 0;

  constructor(
    private readonly slots: WorkSlots,
    private readonly signal: AbortSignal,
    private readonly priority = USUAL_PRIORITY,
  ) {}

  /** Waits until the step may work. @throws the signal's reason when it ends first */
  async take(): Promise<void> {
    if (this.held || this.ended) return;
    await this.slots.take(this.priority, this.signal);
    if (this.isNeeded()) this.held = true;
    else this.slots.give();
  }

  /** Waits for something without holding the slot; has it again by the end, unless the step has ended. Several waits may overlap. */
  async whileWaiting<T>(wait: () => Promise<T>): Promise<T> {
    if (this.waits++ === 0) this.leave();
    try {
      return await wait();
    } finally {
      if (--this.waits === 0) await this.take();
    }
  }

  /** Gives the slot back for good. */
  end(): void {
    this.ended = true;
    this.leave();
  }

  private leave(): void {
    if (!this.held) return;
    this.held = false;
    this.slots.give();
  }

  /** Things may have changed while it waited for the slot. */
  private isNeeded(): boolean {
    return !this.held && !this.ended;
  }
}
