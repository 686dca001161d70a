import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporal, type TemporalUnderTest } from '#test/support/temporal-under-test.js';
import { openLanes, type Lanes } from './lanes.js';
import { cellsOf, POINTS, SHIFTS } from './points.js';
import { crashRound, standingOf, type Outcome } from './round.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
const ROUND_TIMEOUT_MS = 300_000;

const points = POINTS.filter((point) => !point.cancel); // a command needs the server
let server: TemporalUnderTest;
let lanes: Lanes;

beforeAll(async () => {
  server = await startTemporal();
  lanes = await openLanes(
    server.temporal,
    points.map(({ hold }) => ({ timeoutMs: hold.timeoutMs, giveUpAfterMs: 60_000 })),
  );
});
afterAll(async () => {
  await lanes.close();
  await server.stop();
});

const CRASHES = [
  { name: 'the server and the worker killed together', withWorker: true },
  { name: 'the server killed', withWorker: false },
];

const rounds = ALL
  ? CRASHES.flatMap((crash) => SHIFTS.map((shift) => ({ ...crash, shift })))
  : CRASHES.slice(0, 1).map((crash) => ({ ...crash, shift: 0 }));

describe.each(rounds)('$name, and started again on its database (targets from $shift)', ({ withWorker, shift }) => {
  const cells = cellsOf(points, shift);
  let outcomes: Outcome[];

  beforeAll(async () => {
    const worker = await lanes.startWorker();
    const crash = async (): Promise<void> => {
      if (withWorker) worker.signal('SIGKILL');
      await server.killServer();
      if (withWorker) await lanes.startWorker();
    };
    outcomes = await crashRound(lanes, cells, crash);
  }, ROUND_TIMEOUT_MS);

  it.each(cells.map((cell, i) => ({ at: `${cell.point.name}: ${cell.target.name}`, cell, i })))(
    '$at',
    ({ cell, i }) => {
      expect(outcomes[i], outcomes[i]?.calls).toMatchObject({
        status: cell.point.ends,
        standing: standingOf(cell),
        othersUntouched: true,
        blind: [],
      });
    },
  );
});
