import { performance } from 'node:perf_hooks';

/** How long an observation counts, in milliseconds; then another must take its place, as the server's clock may be set. */
const WINDOW_MS = 300_000;
/** The hosts of a server may differ by so much, in milliseconds. */
const SKEW_MS = 1_000;

/**
 * Brings times of the Temporal server to this process' own clock, `performance.now()`, without trusting that the two agree: what has
 * come here was sent before, so each message that tells when it was made bounds by how much the server's clock is ahead, and the one
 * that came the fastest bounds it best.
 */
export class ServerClock {
  /** The largest of (server's time - our time) seen, in this window and in the one before. */
  private window = { since: -Infinity, ahead: -Infinity };
  private before = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Something that the server made at `serverMs`, milliseconds since the epoch, has just come here. */
  observe(serverMs: number): void {
    const now = this.now();
    if (now - this.window.since > WINDOW_MS) {
      this.before = this.window.ahead;
      this.window = { since: now, ahead: -Infinity };
    }
    this.window.ahead = Math.max(this.window.ahead, serverMs - now);
  }

  /**
   * A moment by `performance.now()` that is not before what was at the server at `serverMs`: now at the latest, and a second after it at
   * the earliest. Now, while nothing has been observed.
   */
  momentOf(serverMs: number): number {
    const ahead = Math.max(this.window.ahead, this.before);
    return Math.min(serverMs - ahead + SKEW_MS, this.now());
  }
}

/** The clock of this process' server. */
export const serverClock = new ServerClock();
