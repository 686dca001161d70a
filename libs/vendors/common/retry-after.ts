/** Longest wait that a vendor's header can ask for, in milliseconds. */
const CAP_MS = 5 * 60_000;

/** Headers that name a moment or a pause, the plainest first. `ratelimit-reset` and `x-ratelimit-reset` end a window of calls. */
const HEADERS = ['retry-after', 'x-ratelimit-reset', 'ratelimit-reset'] as const;

/** Numbers from here on are no pause but a moment: seconds since 1970, and from the second bound on milliseconds since then. */
const LEAST_EPOCH_SECONDS = 1e9;
const LEAST_EPOCH_MS = 1e11;

/** Longer values are read no further: no date is. */
const LONGEST_VALUE = 200;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * Milliseconds to wait by the first of the headers `Retry-After`, `X-RateLimit-Reset` and `RateLimit-Reset` that names a moment to
 * come, at most 5 minutes (`docs/vendors/egain.md §9.3`). Each may hold seconds, seconds or milliseconds since 1970, or a date in
 * one of the forms of RFC 9110 §5.6.7 or of ISO 8601; a date without a zone is UTC. Of one that was sent twice the longest counts.
 * Moments are compared with the vendor's own clock where the answer's `Date` tells it, else with `now`.
 *
 * Returns null when none of them names a time to come: then whoever asks has a pause of its own. Never returns 0 or less.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number = Date.now()): number | null {
  const clock = dateOf(headers['date'] ?? '') ?? now;
  for (const name of HEADERS) {
    const value = headers[name];
    const pauses = value === undefined ? [] : pausesOf(value, clock);
    const longest = Math.max(0, ...pauses);
    if (longest > 0) return Math.min(Math.ceil(longest), CAP_MS);
  }
  return null;
}

/** The pauses that a value names: one, or several where a header was sent twice and joined by commas. Unreadable parts are left out. */
function pausesOf(value: string, clock: number): number[] {
  const whole = pauseOf(value, clock);
  if (whole !== undefined) return [whole];
  const parts = value.slice(0, LONGEST_VALUE).split(',');
  return parts.flatMap((part, i) => {
    // The comma may also be the one within a date: `Thu, 01 Jan 2026 00:00:09 GMT`.
    const dated = i === 0 ? undefined : pauseOf(`${parts[i - 1] ?? ''},${part}`, clock);
    return dated ?? pauseOf(part, clock) ?? [];
  });
}

function pauseOf(text: string, clock: number): number | undefined {
  const value = text.slice(0, LONGEST_VALUE).trim();
  if (/^[+-]?\d{1,20}(\.\d{1,20})?$/.test(value)) {
    const number = Number(value);
    if (number >= LEAST_EPOCH_MS) return number - clock;
    return number >= LEAST_EPOCH_SECONDS ? number * 1_000 - clock : number * 1_000;
  }
  const date = dateOf(value);
  return date === undefined ? undefined : date - clock;
}

/** Milliseconds since 1970 of a date; undefined for a text that is none. Nothing hangs on the time zone of this process. */
function dateOf(text: string): number | undefined {
  const value = text.trim();
  return isoDate(value) ?? httpDate(value) ?? asctimeDate(value);
}

/** `2026-01-01T00:00:30Z`, also with an offset, a blank for the T, without seconds, a time or a zone. */
function isoDate(value: string): number | undefined {
  const found =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?)?$/i.exec(
      value,
    );
  if (!found) return undefined;
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', fraction = '0', zone = 'Z'] = found;
  const ms = Math.floor(Number(`0.${fraction}`) * 1_000);
  const time = utc(year, Number(month) - 1, day, hours, minutes, seconds);
  return time === undefined ? undefined : time + ms - offsetMs(zone);
}

/** `Thu, 01 Jan 2026 00:00:09 GMT`, and `Thursday, 01-Jan-26 00:00:09 GMT` of old. */
function httpDate(value: string): number | undefined {
  const found =
    /^(?:[a-z]{3,9}, ?)?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}|\d\d) (\d\d):(\d\d):(\d\d)(?: (Z|UTC|GMT|[+-]\d\d:?\d\d))?$/i.exec(
      value,
    );
  if (!found) return undefined;
  const [, day, month = '', year = '', hours, minutes, seconds, zone = 'Z'] = found;
  const time = utc(wholeYear(year), MONTHS.indexOf(month.toLowerCase()), day, hours, minutes, seconds);
  return time === undefined ? undefined : time - offsetMs(zone);
}

/** `Thu Jan  1 00:00:09 2026`, which is UTC (RFC 9110 §5.6.7). */
function asctimeDate(value: string): number | undefined {
  const found = /^[a-z]{3} ([a-z]{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/i.exec(value);
  if (!found) return undefined;
  const [, month = '', day, hours, minutes, seconds, year] = found;
  return utc(year, MONTHS.indexOf(month.toLowerCase()), day, hours, minutes, seconds);
}

function utc(
  year: string | undefined,
  month: number,
  day: string | undefined,
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
): number | undefined {
  const [y, d, h, m, s] = [year, day, hours, minutes, seconds].map(Number) as [number, number, number, number, number];
  const inRange = month >= 0 && month < 12 && d >= 1 && d <= 31 && h < 24 && m < 60 && s <= 60;
  return inRange ? Date.UTC(y, month, d, h, m, s) : undefined;
}

/** Two digits are of this century until 50 (RFC 9110 would count from now; no pause is that long). */
function wholeYear(year: string): string {
  if (year.length === 4) return year;
  return Number(year) < 50 ? `20${year}` : `19${year}`;
}

function offsetMs(zone: string): number {
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (!found) return 0;
  const [, sign, hours, minutes = '0'] = found;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
