import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pacer } from './pacer.js';

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

/** Takes turns and notes when each came, in milliseconds. */
function startsOf(pacer: Pacer, count: number, hold = false): number[] {
  const starts: number[] = [];
  for (let n = 0; n < count; n++) {
    void pacer.turn().then((release) => {
      starts.push(Date.now());
      if (!hold) release();
    });
  }
  return starts;
}

describe('pace', () => {
  it('spreads calls evenly', async () => {
    const starts = startsOf(new Pacer({ requestsPerSecond: 2, concurrency: 10 }, Date.now), 4);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(starts).toEqual([0, 500, 1_000, 1_500]);
  });

  it('lets a small burst through after a quiet time, and no larger one after a longer', async () => {
    const pacer = new Pacer({ requestsPerSecond: 20, concurrency: 100 }, Date.now);
    await vi.advanceTimersByTimeAsync(60_000);
    const starts = startsOf(pacer, 8);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(starts.map((at) => at - 60_000)).toEqual([0, 0, 0, 0, 0, 50, 100, 150]);
  });
});

describe('turns', () => {
  it('are given one after the other, first come first served', async () => {
    const pacer = new Pacer({ requestsPerSecond: 1_000, concurrency: 1 }, Date.now);
    const order: string[] = [];
    const first = await pacer.turn();
    const waiting = ['a', 'b'].map(async (name) => {
      const release = await pacer.turn();
      order.push(name);
      release();
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(order).toEqual([]);
    first();
    await vi.advanceTimersByTimeAsync(100);
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b']);
  });

  it('that are given back twice count once', async () => {
    const pacer = new Pacer({ requestsPerSecond: 1_000, concurrency: 1 }, Date.now);
    const release = await pacer.turn();
    release();
    release();
    const starts = startsOf(pacer, 2, true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(starts).toHaveLength(1);
  });

  it('are not lost when those who waited stop waiting', async () => {
    const pacer = new Pacer({ requestsPerSecond: 1_000, concurrency: 1 }, Date.now);
    const release = await pacer.turn();
    const controller = new AbortController();
    const stopped = expect(pacer.turn(controller.signal)).rejects.toThrow('enough');
    const slow = new Pacer({ requestsPerSecond: 0.1, concurrency: 1 }, Date.now);
    (await slow.turn())();
    const paced = expect(slow.turn(controller.signal)).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await Promise.all([stopped, paced]);
    release();
    const starts = [startsOf(pacer, 1), startsOf(slow, 1)];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts.map((list) => list.length)).toEqual([1, 1]);
  });
});
