import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LANES, Pacer, type Lane } from './pacer.js';

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

describe('a timer that is late', () => {
  it('does not slow the pace', async () => {
    // Every wake-up comes 5 ms late: the calls are due every 500 ms all the same.
    const pacer = new Pacer({ requestsPerSecond: 2, concurrency: 10 }, () => Date.now() + 5);
    const starts = startsOf(pacer, 21);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(starts.at(-1)).toBeLessThanOrEqual(10_000);
    expect(starts).toHaveLength(21);
  });
});

describe('lanes', () => {
  /** Names of waiting calls in the order of their turns; the one slot is taken until `free` is called. */
  async function contended(limits: { requestsPerSecond: number; concurrency: number; scanShare?: number }) {
    const pacer = new Pacer(limits, Date.now);
    const free = await pacer.turn();
    const order: { name: string; at: number }[] = [];
    const wait = (name: string, lane: Lane | (() => Lane), signal?: AbortSignal): void => {
      pacer.turn({ lane, signal }).then(
        (release) => {
          order.push({ name, at: Date.now() });
          release();
        },
        () => order.push({ name: `${name} stopped`, at: Date.now() }),
      );
    };
    return { free, order, wait, names: () => order.map(({ name }) => name) };
  }

  it('go one before the other, whoever came first; within one, first come first served', async () => {
    const { free, wait, names } = await contended({ requestsPerSecond: 1_000, concurrency: 1 });
    for (const lane of [...LANES].reverse()) {
      wait(`${lane} 1`, lane);
      wait(`${lane} 2`, lane);
    }
    free();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(names()).toEqual(LANES.flatMap((lane) => [`${lane} 1`, `${lane} 2`]));
  });

  it('let a write wait for one call at most, however many pages wait and though nothing runs', async () => {
    const pacer = new Pacer({ requestsPerSecond: 2, concurrency: 2 }, Date.now);
    const pages: number[] = [];
    for (let n = 0; n < 20; n++) {
      void pacer.turn({ lane: 'job' }).then((release) => {
        pages.push(Date.now());
        release();
      });
    }
    await vi.advanceTimersByTimeAsync(1_200);
    expect(pages).toEqual([0, 500, 1_000]);
    let written: number | undefined;
    void pacer.turn({ lane: 'write' }).then((release) => {
      written = Date.now();
      release();
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toBe(1_500);
    expect(pages).toEqual([0, 500, 1_000, 2_000]);
  });

  it('are asked again whenever a turn is given: what waits for nobody may become urgent', async () => {
    const { free, wait, names } = await contended({ requestsPerSecond: 1_000, concurrency: 1 });
    let lane: Lane = 'preview';
    wait('shared page', () => lane);
    wait('page of a job', 'job');
    lane = 'job';
    free();
    await vi.advanceTimersByTimeAsync(100);
    expect(names()).toEqual(['shared page', 'page of a job']);
  });

  it.each([
    { scanShare: 1, every: 100, reason: 'the whole rate' },
    { scanShare: 0.5, every: 200, reason: 'half of it' },
    { scanShare: 0.1, every: 1_000, reason: 'a tenth' },
  ])('give the fleet at most its share of the rate: $reason', async ({ scanShare, every }) => {
    const pacer = new Pacer({ requestsPerSecond: 10, concurrency: 3, scanShare }, Date.now);
    (await pacer.turn())();
    await vi.advanceTimersByTimeAsync(60_000);
    const starts: number[] = [];
    for (let n = 0; n < 5; n++) {
      void pacer.turn({ lane: 'fleet' }).then((release) => {
        starts.push(Date.now() - 60_000);
        release();
      });
    }
    await vi.advanceTimersByTimeAsync(10_000);
    const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0));
    expect(starts).toHaveLength(5);
    expect(gaps.every((gap) => gap >= every)).toBe(true);
  });

  it('start nothing of the fleet as long as anything else waits', async () => {
    const { free, wait, names } = await contended({ requestsPerSecond: 2, concurrency: 1, scanShare: 1 });
    wait('scan', 'fleet');
    for (const name of ['a', 'b', 'c']) wait(name, 'preview');
    free();
    await vi.advanceTimersByTimeAsync(1_900);
    expect(names()).toEqual(['a', 'b', 'c']);
    await vi.advanceTimersByTimeAsync(100);
    expect(names()).toEqual(['a', 'b', 'c', 'scan']);
  });

  it('go on when the one whose turn was next stops waiting', async () => {
    const { free, wait, names } = await contended({ requestsPerSecond: 2, concurrency: 1, scanShare: 0.1 });
    const controller = new AbortController();
    wait('scan', 'fleet');
    wait('read', 'read', controller.signal);
    free();
    controller.abort(new Error('enough'));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(names()).toEqual(['read stopped', 'scan']);
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
    const stopped = expect(pacer.turn({ signal: controller.signal })).rejects.toThrow('enough');
    const slow = new Pacer({ requestsPerSecond: 0.1, concurrency: 1 }, Date.now);
    (await slow.turn())();
    const paced = expect(slow.turn({ signal: controller.signal })).rejects.toThrow('enough');
    controller.abort(new Error('enough'));
    await Promise.all([stopped, paced]);
    release();
    const starts = [startsOf(pacer, 1), startsOf(slow, 1)];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(starts.map((list) => list.length)).toEqual([1, 1]);
  });
});
