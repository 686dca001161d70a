import { expect, it } from 'vitest';
import { readWait } from './prefer.js';

it.each([
  { header: undefined, ms: 15_000, reason: 'nothing is preferred' },
  { header: 'wait=0', ms: 0, reason: 'the id alone is wanted' },
  { header: 'wait=60', ms: 60_000, reason: 'seconds' },
  { header: 'respond-async, Wait = "90"', ms: 90_000, reason: 'one of several, quoted, in any case' },
  { header: 'wait=5;x=1, wait=50', ms: 5_000, reason: 'the first counts' },
  { header: 'wait=600', ms: 120_000, reason: 'longer than is served' },
  { header: 'wait=soon', ms: 15_000, reason: 'what cannot be read is passed over' },
  { header: 'await=3', ms: 15_000, reason: 'another preference' },
])('waits $ms ms: $reason', ({ header, ms }) => {
  expect(readWait(header)).toBe(ms);
});
