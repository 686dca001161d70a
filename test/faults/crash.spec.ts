import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openLanes, type Lanes } from './crash/lanes.js';
import { POINTS, TARGETS } from './crash/points.js';
import { crashRound, WHOLE, type Cell, type Outcome } from './crash/round.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
/** Longer than the heartbeat timeout: the frozen worker counts as dead, and is not. */
const FROZEN_MS = 7_000;
const ROUND_TIMEOUT_MS = 240_000;

const cells: Cell[] = POINTS.flatMap((point) => TARGETS.map((target) => ({ point, target })));
/** Every point once, the targets in turn; `all` takes every point at every target. */
const chosen = ALL
  ? cells
  : cells.filter((_cell, i) => i % TARGETS.length === Math.floor(i / TARGETS.length) % TARGETS.length);

interface Crash {
  name: string;
  happen: (lanes: Lanes) => Promise<void>;
}

let lanes: Lanes;
let worker: Awaited<ReturnType<Lanes['startWorker']>>;

const CRASHES: readonly Crash[] = [
  {
    name: 'a worker killed by SIGKILL',
    happen: async () => {
      worker.signal('SIGKILL');
      expect(await worker.exited).toBe('ended by SIGKILL');
      await lanes.startWorker();
    },
  },
  {
    name: 'a worker asked to go by SIGTERM',
    happen: async () => {
      worker.signal('SIGTERM');
      await lanes.startWorker();
      expect(await worker.exited).toBe('exit code 0');
    },
  },
  {
    name: 'a worker frozen beside a second one, then awake again',
    happen: async () => {
      worker.signal('SIGSTOP');
      const awake = new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
      await lanes.startWorker();
      await awake;
      worker.signal('SIGCONT');
    },
  },
];

beforeAll(async () => {
  lanes = await openLanes(
    inject('temporal'),
    chosen.map(
      ({
        point: {
          hold: { timeoutMs },
        },
      }) => ({ timeoutMs, giveUpAfterMs: 60_000 }),
    ),
  );
});
afterAll(() => lanes.close());

describe.each(CRASHES)('$name', ({ happen }) => {
  let outcomes: Outcome[];

  beforeAll(async () => {
    worker = await lanes.startWorker();
    const placed = chosen.flatMap((cell, i) => {
      const engine = lanes.engines[i];
      return engine ? [{ cell, engine }] : [];
    });
    outcomes = await crashRound(
      placed,
      () => happen(lanes),
      () => lanes.stopWorkers(),
    );
  }, ROUND_TIMEOUT_MS);

  it.each(chosen.map(({ point, target }, i) => ({ at: `${point.name}: ${target.name}`, point, i })))(
    '$at',
    ({ point, i }) => {
      expect(outcomes[i]).toMatchObject({
        status: point.ends,
        standing: point.ends === 'succeeded' ? WHOLE : [],
        othersUntouched: true,
      });
    },
  );
});
