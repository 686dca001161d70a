/** How long a plan is waited for where its caller does not say; milliseconds. */
const USUAL_WAIT_MS = 15_000;
/** The longest that a caller may have it waited for; milliseconds. */
const LONGEST_WAIT_MS = 120_000;

/**
 * How long a caller wants to wait, from `Prefer: wait=N` (RFC 7240): seconds, of which at most 120 count. A preference that cannot be
 * read is passed over, as the RFC wants it. Returns milliseconds.
 */
export function readWait(header: string | undefined): number {
  for (const preference of (header ?? '').split(',')) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;|$)/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds) * 1_000, LONGEST_WAIT_MS);
  }
  return USUAL_WAIT_MS;
}
