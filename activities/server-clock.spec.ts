import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServerClock } from './server-clock.js';

/** A server whose clock is ahead of ours by so much, and what comes from it. */
function setup(aheadMs: number) {
  const ours = { now: 0 };
  const clock = new ServerClock(() => ours.now);
  /** Something comes that took so long. */
  const comes = (afterMs: number): void => {
    const madeAt = ours.now;
    ours.now += afterMs;
    clock.observe(madeAt + aheadMs);
  };
  return { clock, ours, comes, serverTime: (at: number) => at + aheadMs };
}

describe('a moment of the server', () => {
  it('is now as long as nothing has come from it', () => {
    const { clock, ours } = setup(5_000);
    ours.now = 700;
    expect(clock.momentOf(0)).toBe(700);
  });

  it('is known the better the faster the fastest message was', () => {
    const { clock, ours, comes, serverTime } = setup(5_000);
    const at = ours.now;
    comes(40_000);
    expect(clock.momentOf(serverTime(at))).toBe(40_000);
    comes(20);
    ours.now += 60_000;
    expect(clock.momentOf(serverTime(at))).toBe(1_020);
  });

  it('is never before it was, and never after now, whatever the two clocks show and however long messages take', () => {
    const ahead = fc.integer({ min: -1e12, max: 1e12 });
    const delays = fc.array(fc.integer({ min: 0, max: 400_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(ahead, delays, fc.nat({ max: 19 }), (aheadMs, tookMs, nth) => {
        const { clock, ours, comes, serverTime } = setup(aheadMs);
        let asked = 0;
        for (const [i, ms] of tookMs.entries()) {
          if (i === nth % tookMs.length) asked = ours.now;
          comes(ms);
        }
        const moment = clock.momentOf(serverTime(asked));
        return moment >= asked && moment <= ours.now;
      }),
    );
  });

  it('is learned anew when the clock of the server was set back', () => {
    const { clock, ours, comes } = setup(100_000);
    comes(10);
    // From now on the server is ahead by a tenth of that.
    const later = (): void => clock.observe(ours.now + 10_000);
    for (let minute = 0; minute < 12; minute++) {
      ours.now += 60_000;
      later();
    }
    expect(clock.momentOf(ours.now - 30_000 + 10_000)).toBe(ours.now - 29_000);
  });
});
