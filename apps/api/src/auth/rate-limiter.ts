import { isIP } from 'node:net';
import type { RateLimit } from '#libs/config/api-settings.js';

/** Of each caller of the codec. A page of a history in the Temporal UI asks it up to some hundred times. */
export const CODEC_RATE_LIMIT: RateLimit = { requests: 6_000, windowMs: 60_000 };

/** More callers of a window are not kept apart: those that have not asked since as many others came begin anew. */
const CALLERS_KEPT = 100_000;

interface Bucket {
  /** Requests that may be made at once. */
  tokens: number;
  at: number;
}

/** A token bucket per caller: the whole allowance at once, refilled evenly over the window. */
export class RateLimiter {
  private recent = new Map<string, Bucket>();
  /** Of the window before: who has not asked for a whole one has its whole allowance again, and is forgotten. */
  private before = new Map<string, Bucket>();
  private begun: number;

  constructor(
    private readonly limit: RateLimit,
    private readonly now: () => number = Date.now,
  ) {
    this.begun = now();
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.recent.size + this.before.size;
  }

  /** Takes one request of a caller's allowance. Returns 0, or the whole seconds after which there is one again. */
  take(caller: string): number {
    const { requests, windowMs } = this.limit;
    const now = this.now();
    if (now - this.begun >= windowMs || this.recent.size >= CALLERS_KEPT) this.beginWindow(now);
    const bucket = this.recent.get(caller) ?? this.before.get(caller) ?? { tokens: requests, at: now };
    const tokens = Math.min(requests, bucket.tokens + ((now - bucket.at) * requests) / windowMs);
    const allowed = tokens >= 1;
    this.recent.set(caller, { tokens: allowed ? tokens - 1 : tokens, at: now });
    return allowed ? 0 : Math.max(1, Math.ceil(((1 - tokens) * windowMs) / requests / 1000));
  }

  private beginWindow(now: number): void {
    this.before = this.recent;
    this.recent = new Map();
    this.begun = now;
  }
}

/** Whom an address stands for: of IPv6 the network of 64 bits, in which one subscriber has as many addresses as he likes. */
export function addressOwner(ip: string): string {
  if (isIP(ip) !== 6 || ip.toLowerCase().startsWith('::ffff:')) return ip;
  const [head = '', tail] = ip.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length;
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...behind];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
