import type { Order } from './order.js';

/** What the server takes besides `$pagenum`. */
export type Sizing = '' | `&$pagesize=${number}`;

/** What readings of one kind have shown. */
export interface KindPaging {
  /**
   * The order of its pages where it has been proved, and which way of reading is enough then; `none`: it has been seen to be neither,
   * once and for all. Undefined: not known.
   */
  order?: Exclude<Order, 'unknown'>;
  /** Objects of a full page, and how many there were in all when the list was last read. */
  size?: { page: number; count: number };
}

/**
 * What a connection has taught about its lists, for as long as the process lives. None of it is documented (`docs/vendors/egain.md` §6),
 * so it is found out once, and again when an answer does not fit.
 */
export class Paging {
  private known: Sizing | undefined;
  private learning: { ended: Promise<void>; end: () => void } | undefined;
  private hasTried = false;
  private readonly kinds = new Map<string, KindPaging>();

  /** How pages are asked for; undefined while that is not known. */
  get sizing(): Sizing | undefined {
    return this.known;
  }

  /**
   * Lets the first list of a connection find out how it pages, while all others wait for what it finds.
   * @returns true for the one who shall find out: it must call `end` whatever happens
   * @throws the signal's reason when that ends first
   */
  async finds(signal: AbortSignal): Promise<boolean> {
    if (this.known !== undefined || this.hasTried) return false;
    if (!this.learning) {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      this.learning = { ended, end };
      return true;
    }
    await orAborted(this.learning.ended, signal);
    return false;
  }

  /** Pages can be asked for so. */
  learn(sizing: Sizing): void {
    this.known = sizing;
    this.end();
  }

  /** An answer did not fit. */
  forget(): void {
    this.known = undefined;
  }

  /** The first list has found out what it could: nobody waits any longer. */
  end(): void {
    this.hasTried = true;
    this.learning?.end();
  }

  of(kind: string): KindPaging {
    return this.kinds.get(kind) ?? {};
  }

  /** Remembers what a reading has shown of a kind. That it has no order stays. */
  remember(kind: string, shown: KindPaging): void {
    const before = this.of(kind);
    this.kinds.set(kind, { ...before, ...shown, ...(before.order === 'none' ? { order: 'none' } : {}) });
  }
}

/** Stops waiting when the signal ends. */
async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([promise, aborted]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
}
