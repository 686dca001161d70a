import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CRASHES } from './crash/crashes.js';
import { openLanes, type Lanes } from './crash/lanes.js';
import { cellsOf, POINTS, SHIFTS } from './crash/points.js';
import { crashRound, standingOf, type Outcome } from './crash/round.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
const ROUND_TIMEOUT_MS = 240_000;

let lanes: Lanes;

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
    const worker = await lanes.startWorker();
    outcomes = await crashRound(lanes, cells, () => happen(lanes, worker));
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
