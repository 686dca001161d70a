import { VendorError, type VendorFault } from '#libs/contracts/index.js';
import type { Lane } from '#libs/http/index.js';
import { reasonOf, type Clock } from './clock.js';
import type { Listed, Listing, PageOptions, Pages } from './listing.js';
import type { ReadingMeter } from './meter.js';
import type { Question, ReadingState } from './question.js';

/** Times in which a call of a reading that fails is made again before the reading fails; milliseconds. */
export interface RepeatTimes {
  initialIntervalMs: number;
  maximumIntervalMs: number;
  /** A call that has failed for so long is not made again. */
  giveUpAfterMs: number;
}

export interface ReadingDeps {
  clock: Clock;
  times: RepeatTimes;
  meter: ReadingMeter;
}

/** How often one call of a reading is made. The pauses between them double: with a first one of a second, half a minute in all. */
const TRIES = 6;

/** One who waits for a reading. */
interface Asker<T> {
  question: Question;
  resolve(items: readonly T[]): void;
  reject(error: unknown): void;
}

/**
 * One reading of a list, shared by all who ask for it. It goes on as long as somebody waits, whoever leaves meanwhile, and brings the
 * same answer, or the same fault, to all of them.
 */
export class Reading<T extends Listed> {
  /** When the first call was sent that was answered, by the clock's `now`. Infinity as long as no call is under way that may be it. */
  begunAt = Infinity;
  private answered = false;
  private state: ReadingState;
  private readonly askers = new Set<Asker<T>>();
  private readonly nobodyWaits = new AbortController();
  private readonly gone = new Set<string>();

  constructor(
    private readonly listing: Listing<T>,
    private readonly deps: ReadingDeps,
  ) {
    this.state = { kind: listing.kind, page: 0, of: null, fault: null, over: false };
  }

  /** Whether all who waited have left: it ends, and nobody can join it. */
  get isAbandoned(): boolean {
    return this.nobodyWaits.signal.aborted;
  }

  /** Whether it serves a question that is open since `begunAfter`. */
  serves(begunAfter: number): boolean {
    return !this.isAbandoned && this.begunAt >= begunAfter;
  }

  /**
   * Waits for its end.
   * @returns everything that stood from its first call to its last
   * @throws its fault; the signal's reason when that ends first
   */
  join(question: Question): Promise<readonly T[]> {
    const { signal } = question;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = (settle: () => void): void => {
        signal?.removeEventListener('abort', stop);
        this.askers.delete(asker);
        if (this.askers.size === 0) this.nobodyWaits.abort(new Error('nobody waits for the reading any more'));
        try {
          question.onReading?.({ ...this.state, over: true });
          settle();
        } catch (error) {
          reject(asError(error)); // the asker's own fault, which must not reach the others
        }
      };
      const asker: Asker<T> = {
        question,
        resolve: (items) => leave(() => resolve(items)),
        reject: (error) => leave(() => reject(asError(error))),
      };
      const stop = (): void => asker.reject(signal && reasonOf(signal));
      signal?.addEventListener('abort', stop, { once: true });
      this.askers.add(asker);
      this.tellOne(asker);
    });
  }

  /**
   * Reads the list. Call once.
   * @returns its objects, without those that are known to have gone meanwhile
   */
  async read(): Promise<T[]> {
    const { clock, meter } = this.deps;
    const askedAt = clock.now();
    meter.begun(this.listing.kind);
    const pages: Pages = {
      signal: this.nobodyWaits.signal,
      page: (call) => this.page(call),
      expect: (calls) => this.tell({ of: calls }),
    };
    const items = await this.listing.read(pages);
    if (this.begunAt === Infinity) this.begunAt = askedAt; // it took no call
    return this.gone.size === 0 ? items : items.filter(({ id }) => !this.gone.has(id));
  }

  /** Ends the waiting of all. */
  settle(outcome: { items: readonly T[] } | { error: unknown }): void {
    for (const asker of [...this.askers]) {
      if ('items' in outcome) asker.resolve(outcome.items);
      else asker.reject(outcome.error);
    }
  }

  /** An object of the list is proved to be gone: whatever page still shows it was read before. */
  forget(id: string): void {
    this.gone.add(id);
  }

  private async page<P>(call: (options: PageOptions) => Promise<P>): Promise<P> {
    const { clock, times, meter } = this.deps;
    const { signal } = this.nobodyWaits;
    const options: PageOptions = { signal, lane: () => this.lane(), onSent: () => this.sent() };
    let failedAt: { now: number; wall: number } | undefined;
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      try {
        const answer = await call(options);
        this.answered = true;
        this.tell({ page: this.state.page + 1, fault: null });
        return answer;
      } catch (error) {
        if (signal.aborted || !passes(error)) throw error;
        if (!this.answered) this.begunAt = Infinity; // nothing is known yet: it begins with the next try
        failedAt ??= { now: clock.now(), wall: clock.wallNow() };
        // What the vendor asks for makes our own pause longer, never shorter.
        const pauseMs = Math.max(error.fault.retryAfterMs ?? 0, backoffMs(tries, times));
        const givesUp = clock.now() - failedAt.now + pauseMs > times.giveUpAfterMs;
        if (tries === TRIES || givesUp) throw error;
        meter.repeated(this.listing.kind);
        this.tell({ fault: { fault: error.fault, since: failedAt.wall, againAt: clock.wallNow() + pauseMs } });
        await clock.sleep(pauseMs, signal);
      }
    }
  }

  /** A call has its turn and leaves. */
  private sent(): void {
    if (!this.answered) this.begunAt = this.deps.clock.now();
  }

  /** A page goes in the lane of the most urgent one who waits for it. */
  private lane(): Lane {
    const lanes = new Set([...this.askers].map(({ question }) => question.lane ?? 'job'));
    return (['job', 'preview'] as const).find((lane) => lanes.has(lane)) ?? 'fleet';
  }

  private tell(change: Partial<ReadingState>): void {
    this.state = { ...this.state, ...change };
    for (const asker of [...this.askers]) this.tellOne(asker);
  }

  private tellOne(asker: Asker<T>): void {
    try {
      asker.question.onReading?.(this.state);
    } catch (error) {
      asker.reject(error); // its own fault: the others go on
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the reading failed', { cause: error });
}

/** Whether the vendor may answer the same call soon: it is down, too busy, or what came was not its answer. */
function passes(error: unknown): error is VendorError {
  if (!(error instanceof VendorError)) return false;
  const { retryable, code }: VendorFault = error.fault;
  return retryable && (code === 'VENDOR_UNAVAILABLE' || code === 'RATE_LIMITED');
}

function backoffMs(tries: number, { initialIntervalMs, maximumIntervalMs }: RepeatTimes): number {
  const spread = 0.8 + Math.random() * 0.4; // readings of several kinds fail together: they shall not come back together
  return Math.min(initialIntervalMs * 2 ** (tries - 1) * spread, maximumIntervalMs);
}
