import { describe, expect, it } from 'vitest';
import { TokenCache, type IssuedToken } from './token-cache.js';

/** A cache on a clock of its own, and an issuer that counts. */
function setup(expiresInMs = 100_000, leadMs = 0) {
  const clock = { now: 0 };
  const state = { issued: 0 };
  const cache = new TokenCache({ share: 0.8, leadMs }, () => clock.now);
  const issue = (): Promise<IssuedToken> => {
    state.issued++;
    return Promise.resolve({ token: `t${state.issued}`, expiresInMs });
  };
  return { cache, clock, state, issue };
}

describe('a token', () => {
  it('is asked for once by all who need it at a time', async () => {
    const { cache, issue, state } = setup();
    expect(await Promise.all([cache.get(issue), cache.get(issue), cache.get(issue)])).toEqual(['t1', 't1', 't1']);
    expect(state.issued).toBe(1);
  });

  it('is renewed at 80 % of its life', async () => {
    const { cache, issue, clock } = setup();
    await cache.get(issue);
    clock.now = 79_999;
    expect(await cache.get(issue)).toBe('t1');
    clock.now = 80_000;
    expect(await cache.get(issue)).toBe('t2');
  });

  const leads = [
    { life: 3_600_000, renewAt: 2_880_000, reason: 'the share comes first' },
    { life: 200_000, renewAt: 140_000, reason: 'a minute early comes first' },
    { life: 60_000, renewAt: 48_000, reason: 'a life as short as the lead knows the share alone' },
  ];
  it.each(leads)('of $life ms is renewed after $renewAt ms: $reason', async ({ life, renewAt }) => {
    const { cache, issue, clock } = setup(life, 60_000);
    await cache.get(issue);
    clock.now = renewAt - 1;
    expect(await cache.get(issue)).toBe('t1');
    clock.now = renewAt;
    expect(await cache.get(issue)).toBe('t2');
  });

  it('that was refused is replaced once, also for those who were refused with it', async () => {
    const { cache, issue, state } = setup();
    const old = await cache.get(issue);
    expect(await Promise.all([cache.replace(old, issue), cache.replace(old, issue)])).toEqual(['t2', 't2']);
    expect(await cache.replace(old, issue)).toBe('t2');
    expect(state.issued).toBe(2);
  });

  it('is asked for again after a failure, which everybody who waited gets', async () => {
    const { cache, issue } = setup();
    const fail = (): Promise<IssuedToken> => Promise.reject(new Error('no token today'));
    const results = await Promise.allSettled([cache.get(fail), cache.get(fail)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await cache.get(issue)).toBe('t1');
  });
});
