import { expect, it } from 'vitest';
import { addressOwner, RateLimiter } from './rate-limiter.js';

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

it('remembers who has asked within a window, and forgets the others', () => {
  let now = 0;
  const limiter = new RateLimiter({ requests: 1, windowMs: 1_000 }, () => now);
  limiter.take('early');
  now = 900;
  limiter.take('late');
  now = 1_100;
  expect([limiter.take('late'), limiter.size]).toEqual([1, 3]);
  now = 2_200;
  limiter.take('another');
  expect(limiter.size).toBe(2);
});

it('is not held up by many callers, and keeps no more than it can', () => {
  const limiter = new RateLimiter({ requests: 1, windowMs: 60_000 }, () => 0);
  const begun = performance.now();
  for (let i = 0; i < 500_000; i += 1) limiter.take(`address ${i}`);
  expect(performance.now() - begun).toBeLessThan(10_000); // below a second; looking at all of them each time takes hours
  expect(limiter.size).toBeLessThanOrEqual(200_000);
});

it.each([
  { ip: '192.0.2.7', owner: '192.0.2.7' },
  { ip: '2001:db8:1:2:3:4:5:6', owner: '2001:db8:1:2::/64' },
  { ip: '2001:0db8:0001:0002::9', owner: '2001:db8:1:2::/64' },
  { ip: '2001:db8::1', owner: '2001:db8:0:0::/64' },
  { ip: '::1', owner: '0:0:0:0::/64' },
  { ip: 'fe80::1%eth0', owner: 'fe80:0:0:0::/64' },
  { ip: '::ffff:192.0.2.7', owner: '::ffff:192.0.2.7' },
])('takes $ip for one of $owner', ({ ip, owner }) => {
  expect(addressOwner(ip)).toBe(owner);
});
