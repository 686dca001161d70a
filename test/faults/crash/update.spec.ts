import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { adoptingScene } from './adopting.js';
import { CRASHES } from './crashes.js';
import { openLanes, type Lanes } from './lanes.js';
import { cellsOf } from './points.js';
import { crashRound, type Outcome } from './round.js';
import { UPDATE_POINTS, UPDATE_SHIFTS, UPDATE_TARGETS } from './update-points.js';

const ALL = process.env['GANGWAY_FAULTS'] === 'all';
const ROUND_TIMEOUT_MS = 240_000;

const scene = await adoptingScene();
let lanes: Lanes;

beforeAll(async () => {
  lanes = await openLanes(
    inject('temporal'),
    UPDATE_POINTS.map(({ hold: { timeoutMs } }) => ({ timeoutMs, giveUpAfterMs: 60_000 })),
  );
});
afterAll(() => lanes.close());

const rounds = ALL
  ? CRASHES.flatMap((crash) => UPDATE_SHIFTS.map((shift) => ({ ...crash, shift })))
  : CRASHES.slice(0, 1).map((crash) => ({ ...crash, shift: 0 }));

describe.each(rounds)('$name, where objects are taken over (targets from $shift)', ({ happen, shift }) => {
  const cells = cellsOf(UPDATE_POINTS, shift, UPDATE_TARGETS);
  let outcomes: Outcome[];

  beforeAll(async () => {
    const worker = await lanes.startWorker();
    outcomes = await crashRound(lanes, cells, () => happen(lanes, worker), scene);
  }, ROUND_TIMEOUT_MS);

  it.each(cells.map(({ point, target }, i) => ({ at: `${point.name}: ${target.name}`, point, i })))(
    '$at',
    ({ point, i }) => {
      expect(outcomes[i], outcomes[i]?.calls).toMatchObject({
        status: point.ends,
        standing: [], // what was taken over carries no marker, and nothing was made
        othersUntouched: true,
        blind: [],
      });
    },
  );
});
