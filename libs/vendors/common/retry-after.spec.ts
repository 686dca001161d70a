import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const SECONDS = NOW / 1_000;

interface Case {
  headers: Record<string, string>;
  reason: string;
}

const waits: (Case & { ms: number })[] = [
  { headers: { 'retry-after': '7' }, ms: 7_000, reason: 'seconds' },
  { headers: { 'retry-after': ' 7 ' }, ms: 7_000, reason: 'seconds between blanks' },
  { headers: { 'retry-after': '0.25' }, ms: 250, reason: 'a part of a second' },
  { headers: { 'retry-after': '0.0001' }, ms: 1, reason: 'never less than a millisecond' },
  { headers: { 'retry-after': '86400' }, ms: 300_000, reason: 'never more than five minutes' },
  { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, ms: 9_000, reason: 'a date' },
  { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09' }, ms: 9_000, reason: 'a date without its zone' },
  { headers: { 'retry-after': 'Thu, 01 Jan 2026 02:00:09 +0200' }, ms: 9_000, reason: 'a date of another zone' },
  { headers: { 'retry-after': 'Thursday, 01-Jan-26 00:00:09 GMT' }, ms: 9_000, reason: 'a date as RFC 850 had it' },
  { headers: { 'retry-after': 'Thu Jan  1 00:00:09 2026' }, ms: 9_000, reason: 'a date of asctime, which is UTC' },
  { headers: { 'retry-after': '2026-01-01T00:00:09Z' }, ms: 9_000, reason: 'a date by ISO 8601' },
  { headers: { 'retry-after': '2, 2' }, ms: 2_000, reason: 'sent twice' },
  { headers: { 'retry-after': '2, 5' }, ms: 5_000, reason: 'sent twice, the longer one' },
  {
    headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT, Thu, 01 Jan 2026 00:00:09 GMT' },
    ms: 9_000,
    reason: 'a date sent twice',
  },
  { headers: { 'retry-after': '0, 3' }, ms: 3_000, reason: 'sent twice, once to no use' },
  { headers: { 'retry-after': String(SECONDS + 20) }, ms: 20_000, reason: 'seconds since 1970' },
  { headers: { 'retry-after': String(NOW + 20_000) }, ms: 20_000, reason: 'milliseconds since 1970' },
  { headers: { 'x-ratelimit-reset': '2026-01-01T00:00:30Z' }, ms: 30_000, reason: 'the end of the window' },
  { headers: { 'x-ratelimit-reset': '2026-01-01T00:00:30' }, ms: 30_000, reason: 'the same without a zone: UTC' },
  { headers: { 'x-ratelimit-reset': '2026-01-01 00:00:30.5 UTC' }, ms: 30_500, reason: 'the same with a blank' },
  { headers: { 'x-ratelimit-reset': '2026-01-01T01:00:30+01:00' }, ms: 30_000, reason: 'the same by an offset' },
  { headers: { 'x-ratelimit-reset': String(SECONDS + 20) }, ms: 20_000, reason: 'the same in seconds since 1970' },
  { headers: { 'x-ratelimit-reset': String(NOW + 20_000) }, ms: 20_000, reason: 'the same in milliseconds since 1970' },
  { headers: { 'x-ratelimit-reset': '12' }, ms: 12_000, reason: 'the same as a pause' },
  { headers: { 'ratelimit-reset': '12' }, ms: 12_000, reason: 'the same by the name of the draft standard' },
  {
    headers: { 'retry-after': '1', 'x-ratelimit-reset': '2026-01-01T00:01:00Z' },
    ms: 1_000,
    reason: 'the plain word wins',
  },
  {
    headers: { 'retry-after': '0', 'x-ratelimit-reset': '2026-01-01T00:00:10Z' },
    ms: 10_000,
    reason: 'the plain word tells nothing, the other one does',
  },
  {
    headers: { date: 'Wed, 31 Dec 2025 23:00:00 GMT', 'retry-after': 'Wed, 31 Dec 2025 23:00:09 GMT' },
    ms: 9_000,
    reason: 'our clock is an hour ahead of the vendor, who tells its own',
  },
  {
    headers: { date: 'Thu, 01 Jan 2026 01:00:00 GMT', 'retry-after': 'Thu, 01 Jan 2026 01:00:09 GMT' },
    ms: 9_000,
    reason: 'our clock is an hour behind',
  },
  {
    headers: { date: 'yesterday', 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' },
    ms: 9_000,
    reason: 'a clock that cannot be read',
  },
];

const tellsNothing: Case[] = [
  { headers: {}, reason: 'nothing is said' },
  { headers: { 'retry-after': '0' }, reason: 'no pause at all' },
  { headers: { 'retry-after': '0.0' }, reason: 'no pause at all, with a point' },
  { headers: { 'retry-after': '-1' }, reason: 'a negative one' },
  { headers: { 'retry-after': '' }, reason: 'an empty one' },
  { headers: { 'retry-after': ',' }, reason: 'an empty one sent twice' },
  { headers: { 'retry-after': '-1, 0' }, reason: 'nothing, sent twice' },
  { headers: { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, reason: 'a date that has passed' },
  { headers: { 'retry-after': 'Wed Dec 31 23:59:59 2025' }, reason: 'a date of asctime that has passed' },
  { headers: { 'x-ratelimit-reset': '2025-12-31T23:59:59' }, reason: 'a window that is over, without a zone' },
  { headers: { 'x-ratelimit-reset': String(SECONDS - 1) }, reason: 'a window that is over, in seconds' },
  { headers: { 'x-ratelimit-reset': String(NOW - 1) }, reason: 'a window that is over, in milliseconds' },
  { headers: { 'retry-after': 'soon' }, reason: 'no time at all' },
  { headers: { 'retry-after': 'soon 2099' }, reason: 'a word beside a number' },
  { headers: { 'retry-after': '9'.repeat(400) }, reason: 'a number without end' },
  { headers: { 'retry-after': 'NaN' }, reason: 'no number' },
  { headers: { 'retry-after': 'Thu, 99 Foo 2026 00:00:09 GMT' }, reason: 'no date' },
];

afterEach(() => vi.unstubAllEnvs());

describe.each(['UTC', 'America/Los_Angeles', 'America/St_Johns', 'Pacific/Kiritimati'])(
  'in the time zone %s',
  (zone) => {
    it('is the time zone of the test', () => {
      vi.stubEnv('TZ', zone);
      expect(new Intl.DateTimeFormat().resolvedOptions().timeZone).toBe(zone);
    });

    it.each(waits)('waits $ms ms: $reason', ({ headers, ms }) => {
      vi.stubEnv('TZ', zone);
      expect(retryAfterMs(headers, NOW)).toBe(ms);
    });

    it.each(tellsNothing)('leaves the pause to whoever asks: $reason', ({ headers }) => {
      vi.stubEnv('TZ', zone);
      expect(retryAfterMs(headers, NOW)).toBeNull();
    });
  },
);

it('names a pause of at least a millisecond and at most five minutes, or none, whatever a vendor sends', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constantFrom('0', '-0', '+1', '1e9', 'Infinity', ' ', 'GMT'),
  );
  const value = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(', '));
  const headers = fc.dictionary(fc.constantFrom('retry-after', 'x-ratelimit-reset', 'ratelimit-reset', 'date'), value);
  fc.assert(
    fc.property(headers, (some) => {
      const ms = retryAfterMs(some, NOW);
      expect(ms === null || (Number.isInteger(ms) && ms >= 1 && ms <= 300_000), String(ms)).toBe(true);
    }),
  );
});
