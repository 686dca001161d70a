import { performance } from 'node:perf_hooks';

/**
 * Who goes first when calls wait, the first lane before all others:
 * - `write`: has a moment by which it must have been sent
 * - `read`: a single read, somebody waits for its answer
 * - `job`: a page of a list that a job waits for
 * - `preview`: a page of a list that only a dry run waits for
 * - `fleet`: a page that nobody waits for; at most `scanShare` of the rate, and only when no other call waits
 */
export const LANES = ['write', 'read', 'job', 'preview', 'fleet'] as const;
export type Lane = (typeof LANES)[number];

/** What a connection allows this process. */
export interface PaceLimits {
  requestsPerSecond: number;
  /** Calls at a time. */
  concurrency: number;
  /** Share of `requestsPerSecond` that the lane `fleet` gets at most, above 0 and at most 1. Default 0.5. */
  scanShare?: number;
}

/** What a call that waits for its turn says of itself. */
export interface TurnOptions {
  /** Its lane; a function is asked whenever a turn is given, as what waits may become urgent meanwhile. Default `read`. */
  lane?: Lane | (() => Lane);
  /** Ends the waiting. */
  signal?: AbortSignal | undefined;
}

/** Calls that may start at once after a quiet time, as a share of a second's calls; at least one. */
const BURST_SHARE = 0.25;
const DEFAULT_SCAN_SHARE = 0.5;
/** A timer that wakes this much late (milliseconds) has not made a quiet time: the pace goes on from when the call was due. */
const LATE_MS = 20;

/**
 * Spreads the calls of one connection evenly (a token bucket with a small burst) and bounds how many run at a time. A turn goes to the
 * first lane in which a call waits; within a lane first come, first served. No turn is given ahead of its time, so a call waits for
 * one in an earlier lane only, and never for one that waits itself in a later lane.
 */
export class Pacer {
  private readonly intervalMs: number;
  private readonly scanIntervalMs: number;
  private readonly burst: number;
  private nextAt = -Infinity;
  private nextScanAt = -Infinity;
  private running = 0;
  private readonly queue: Waiter[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly limits: PaceLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { requestsPerSecond, scanShare = DEFAULT_SCAN_SHARE } = limits;
    this.intervalMs = 1_000 / requestsPerSecond;
    this.scanIntervalMs = this.intervalMs / scanShare;
    this.burst = Math.max(1, Math.floor(requestsPerSecond * BURST_SHARE));
  }

  /**
   * Waits for a turn.
   * @returns what gives it back; must be called once the call has ended
   * @throws the signal's reason when it ends first
   */
  turn({ lane = 'read', signal }: TurnOptions = {}): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const waiter: Waiter = {
        rank: () => LANES.indexOf(typeof lane === 'function' ? lane() : lane),
        go: () => {
          signal?.removeEventListener('abort', stop);
          resolve(this.releaser());
        },
      };
      const stop = (): void => {
        this.queue.splice(this.queue.indexOf(waiter), 1);
        this.give(); // the timer may have been set for the one that has gone
        reject(reasonOf(signal));
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.queue.push(waiter);
      this.give();
    });
  }

  /** Gives all turns that are due, and sets the timer for the next one. */
  private give(): void {
    clearTimeout(this.timer);
    while (this.running < this.limits.concurrency) {
      const first = this.first();
      if (!first) return;
      const { waiter, rank } = first;
      const now = this.now();
      const at = this.due(now);
      const isScan = LANES[rank] === 'fleet';
      const waitMs = (isScan ? Math.max(at, this.nextScanAt) : at) - now;
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.give(), Math.ceil(waitMs));
        return;
      }
      this.nextAt = at + this.intervalMs;
      if (isScan) this.nextScanAt = Math.max(this.nextScanAt, now) + this.scanIntervalMs;
      this.queue.splice(this.queue.indexOf(waiter), 1);
      this.running++;
      waiter.go();
    }
  }

  /** The one whose turn is next, with the number of its lane. */
  private first(): { waiter: Waiter; rank: number } | undefined {
    let best: { waiter: Waiter; rank: number } | undefined;
    for (const waiter of this.queue) {
      const rank = waiter.rank();
      if (!best || rank < best.rank) best = { waiter, rank };
    }
    return best;
  }

  /** When the next call may start: at most a burst of calls is made up for after a quiet time. */
  private due(now: number): number {
    if (this.nextAt >= now - LATE_MS) return this.nextAt;
    return Math.max(this.nextAt, now - (this.burst - 1) * this.intervalMs);
  }

  private releaser(): () => void {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.running--;
      this.give();
    };
  }
}

interface Waiter {
  /** Number of its lane, 0 for the first. */
  rank(): number;
  go(): void;
}

function reasonOf(signal: AbortSignal | undefined): Error {
  return signal?.reason instanceof Error ? signal.reason : new Error('aborted');
}
