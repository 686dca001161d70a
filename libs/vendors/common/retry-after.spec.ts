import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

const cases: { headers: Record<string, string>; ms: number | null; reason: string }[] = [
  { headers: {}, ms: null, reason: 'nothing is said' },
  { headers: { 'retry-after': '7' }, ms: 7_000, reason: 'seconds' },
  { headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, ms: 9_000, reason: 'a date' },
  { headers: { 'retry-after': '86400' }, ms: 300_000, reason: 'never more than five minutes' },
  { headers: { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' }, ms: 0, reason: 'a date that has passed' },
  { headers: { 'retry-after': 'soon' }, ms: null, reason: 'no time at all' },
  { headers: { 'x-ratelimit-reset': '2026-01-01T00:00:30Z' }, ms: 30_000, reason: 'the end of the window' },
  { headers: { 'x-ratelimit-reset': '1767225620' }, ms: 20_000, reason: 'the end of the window as seconds since 1970' },
  {
    headers: { 'retry-after': '1', 'x-ratelimit-reset': '2026-01-01T00:01:00Z' },
    ms: 1_000,
    reason: 'the plain word wins',
  },
];

it.each(cases)('waits $ms ms: $reason', ({ headers, ms }) => {
  expect(retryAfterMs(headers, NOW)).toBe(ms);
});
