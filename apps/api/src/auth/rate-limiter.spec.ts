import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.js';

it('gives each caller the whole allowance at once, then evenly over the window', () => {
  let now = 0;
  const limiter = new RateLimiter({ requests: 3, windowMs: 60_000 }, () => now);
  const take = (): number => limiter.take('ci');
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 20]);
  expect(limiter.take('other')).toBe(0);
  now = 5_000;
  expect(take()).toBe(15);
  now = 20_000;
  expect([take(), take()]).toEqual([0, 20]);
  now = 600_000;
  expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 20]);
});
