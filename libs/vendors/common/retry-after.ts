/** Longest wait that a vendor's header can ask for, in milliseconds. */
const CAP_MS = 5 * 60_000;

/**
 * Milliseconds to wait by `Retry-After` (seconds or a date), else by `X-RateLimit-Reset` (a UTC date-time), at most 5 minutes
 * (`docs/vendors/egain.md` §9.3); null when the answer names no readable time.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number = Date.now()): number | null {
  const value = headers['retry-after'] ?? headers['x-ratelimit-reset'];
  if (value === undefined) return null;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
  // A number in X-RateLimit-Reset is a moment in seconds since the epoch when it is too large to be a pause.
  const ms = seconds === undefined ? Date.parse(value) - now : seconds > 1e9 ? seconds * 1_000 - now : seconds * 1_000;
  return Number.isNaN(ms) ? null : Math.min(Math.max(Math.ceil(ms), 0), CAP_MS);
}
