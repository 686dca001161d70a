/** The sandbox's time: real time plus what a test has added to it. Milliseconds since the epoch. */
export interface Clock {
  now(): number;
}

/** A clock that can be moved forward, so that tokens expire and channels settle without waiting. */
export class MovableClock implements Clock {
  #offset = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves the clock forward by `ms`; it never runs backwards. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError('advanceMs: must be zero or more milliseconds');
    this.#offset += ms;
  }

  /** What has been added to real time, in milliseconds. */
  get offset(): number {
    return this.#offset;
  }

  reset(): void {
    this.#offset = 0;
  }
}
