import { performance } from 'node:perf_hooks';

/** What a connection allows this process. */
export interface PaceLimits {
  requestsPerSecond: number;
  /** Calls at a time. */
  concurrency: number;
}

/** Calls that may start at once after a quiet time, as a share of a second's calls; at least one. */
const BURST_SHARE = 0.25;

/**
 * Spreads the calls of one connection evenly (a token bucket with a small burst) and bounds how many run at a time. First come,
 * first served.
 */
export class Pacer {
  private readonly intervalMs: number;
  private readonly burst: number;
  private nextAt = -Infinity;
  private running = 0;
  private readonly queue: Waiter[] = [];

  constructor(
    private readonly limits: PaceLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.intervalMs = 1_000 / limits.requestsPerSecond;
    this.burst = Math.max(1, Math.floor(limits.requestsPerSecond * BURST_SHARE));
  }

  /**
   * Waits for a turn; the returned function gives it back. Must be called once the call has ended.
   * @param signal ends the waiting
   * @throws the signal's reason when it ends first
   */
  async turn(signal?: AbortSignal): Promise<() => void> {
    await this.slot(signal);
    try {
      await sleep(this.reserve(), signal);
    } catch (error) {
      this.release();
      throw error;
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.release();
    };
  }

  /** Milliseconds until the next start is due; that start is taken. */
  private reserve(): number {
    const now = this.now();
    const at = Math.max(this.nextAt, now - (this.burst - 1) * this.intervalMs);
    this.nextAt = at + this.intervalMs;
    return Math.max(0, at - now);
  }

  private slot(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.running < this.limits.concurrency) {
      this.running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        go: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      const stop = (): void => {
        this.queue.splice(this.queue.indexOf(waiter), 1);
        reject(reasonOf(signal));
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.queue.push(waiter);
    });
  }

  /** Hands the slot to the next in line, so that nobody can take it in between. */
  private release(): void {
    const next = this.queue.shift();
    if (next) next.go();
    else this.running--;
  }
}

interface Waiter {
  go(): void;
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}
