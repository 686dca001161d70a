import type { RateLimit } from '#libs/config/api-settings.js';

/** Of each caller of the codec. A page of a history in the Temporal UI asks it up to some hundred times. */
export const CODEC_RATE_LIMIT: RateLimit = { requests: 6_000, windowMs: 60_000 };

/** Above so many callers, those that have not asked for a whole window are forgotten. */
const CALLERS_KEPT = 10_000;

interface Bucket {
  /** Requests that may be made at once. */
  tokens: number;
  at: number;
}

/** A token bucket per caller: the whole allowance at once, refilled evenly over the window. */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly limit: RateLimit,
    private readonly now: () => number = Date.now,
  ) {}

  /** Takes one request of a caller's allowance. Returns 0, or the whole seconds after which there is one again. */
  take(caller: string): number {
    const { requests, windowMs } = this.limit;
    const now = this.now();
    const bucket = this.buckets.get(caller) ?? { tokens: requests, at: now };
    const tokens = Math.min(requests, bucket.tokens + ((now - bucket.at) * requests) / windowMs);
    const allowed = tokens >= 1;
    this.buckets.set(caller, { tokens: allowed ? tokens - 1 : tokens, at: now });
    if (this.buckets.size > CALLERS_KEPT) this.forgetIdle(now);
    return allowed ? 0 : Math.max(1, Math.ceil(((1 - tokens) * windowMs) / requests / 1000));
  }

  private forgetIdle(now: number): void {
    for (const [caller, { at }] of this.buckets) if (now - at >= this.limit.windowMs) this.buckets.delete(caller);
  }
}
