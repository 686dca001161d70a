import type { Clock } from './clock.js';

/** A token bucket on the sandbox's clock. Its size and speed are asked for on every use, so that knobs may change. */
export class Bucket {
  readonly #clock: Clock;
  #level: number | undefined;
  #at = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes one; `false` when none was left. */
  take(capacity: number, refillPerSecond: number): boolean {
    const now = this.#clock.now();
    const gained = ((now - this.#at) / 1000) * refillPerSecond;
    const level = Math.min(capacity, this.#level === undefined ? capacity : this.#level + gained);
    this.#at = now;
    this.#level = level >= 1 ? level - 1 : level;
    return level >= 1;
  }

  reset(): void {
    this.#level = undefined;
  }
}

/** What is left of a fixed window of one minute. */
export interface WindowState {
  allowed: boolean;
  remaining: number;
  /** End of the window, in milliseconds since the epoch. */
  resetsAt: number;
  now: number;
}

const MINUTE = 60_000;

/** Counts calls in fixed windows of one minute, beginning with the first call. */
export class MinuteWindow {
  readonly #clock: Clock;
  #startedAt = -Infinity;
  #used = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  count(limit: number): WindowState {
    const now = this.#clock.now();
    if (now >= this.#startedAt + MINUTE) {
      this.#startedAt = now;
      this.#used = 0;
    }
    const allowed = this.#used < limit;
    if (allowed) this.#used += 1;
    return { allowed, remaining: Math.max(0, limit - this.#used), resetsAt: this.#startedAt + MINUTE, now };
  }

  reset(): void {
    this.#startedAt = -Infinity;
  }
}
