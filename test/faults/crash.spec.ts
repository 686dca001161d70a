import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openLanes, type Lanes } from './crash/lanes.js';
import { cellsOf, POINTS, SHIFTS } from './crash/points.js';
import { crashRound, WHOLE, type Outcome } from './crash/round.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
/** Longer than the heartbeat timeout: the frozen worker counts as dead, and is not. */
const FROZEN_MS = 7_000;
const ROUND_TIMEOUT_MS = 240_000;

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
    POINTS.map(({ hold: { timeoutMs } }) => ({ timeoutMs, giveUpAfterMs: 60_000 })),
  );
});
afterAll(() => lanes.close());

const rounds = CRASHES.flatMap((crash) => (ALL ? SHIFTS : SHIFTS.slice(0, 1)).map((shift) => ({ ...crash, shift })));

describe.each(rounds)('$name (targets from $shift)', ({ happen, shift }) => {
  const cells = cellsOf(POINTS, shift);
  let outcomes: Outcome[];

  beforeAll(async () => {
    worker = await lanes.startWorker();
    outcomes = await crashRound(lanes, cells, () => happen(lanes));
  }, ROUND_TIMEOUT_MS);

  it.each(cells.map(({ point, target }, i) => ({ at: `${point.name}: ${target.name}`, point, i })))(
    '$at',
    ({ point, i }) => {
      expect(outcomes[i], outcomes[i]?.calls).toMatchObject({
        status: point.ends,
        standing: point.ends === 'succeeded' ? WHOLE : [],
        othersUntouched: true,
      });
    },
  );
});
