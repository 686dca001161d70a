import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cellsOf, quickSlice, recordWays, runCell, type Cell } from './lifecycle/run.js';
import { BACK, WAYS } from './lifecycle/ways.js';
import { startLanes, type Lanes, type LaneTimes } from './matrix/lanes.js';

/** `npm run test:faults` runs every cell; `npm test` a slice. */
const all = process.env['GANGWAY_FAULTS'] === 'all';
const seed = Number(process.env['GANGWAY_FAULT_SEED'] ?? '1');
/** Id of the one cell to run, or a regular expression that fits the ids of several. */
const only = process.env['GANGWAY_FAULT_CELL'];

const LANES = 4;
const CELL_TIMEOUT_MS = 300_000;
const TIMES = { timeoutMs: 800, settleMs: [20, 40, 60], initialIntervalMs: 20 };
/** Gives up soon, for faults that do not pass. */
const BRIEF: LaneTimes = { ...TIMES, giveUpAfterMs: 2_500 };
/** Outlives every fault that passes. */
const PATIENT: LaneTimes = { ...TIMES, giveUpAfterMs: 40_000 };

const temporal = inject('temporal');
const patient = await startLanes(temporal, LANES, PATIENT);
const recorded = await recordWays((task) => patient.run(task));
const matrix = cellsOf(recorded, seed);
const chosen = only === undefined ? (all ? matrix : quickSlice(matrix)) : named(only);

function named(name: string): Cell[] {
  const one = matrix.filter(({ id }) => id === name);
  const pattern = new RegExp(name);
  return one.length > 0 ? one : matrix.filter(({ id }) => pattern.test(id));
}

describe('the matrix of what a live account goes through', () => {
  it('has every way, with every call that it makes, and every cell once', () => {
    expect(recorded.map(({ way }) => way)).toEqual([...WAYS]);
    for (const { calls } of recorded) expect(calls).not.toEqual([]);
    expect(new Set(matrix.map(({ id }) => id)).size).toBe(matrix.length);
    expect(matrix.length).toBeGreaterThanOrEqual(1_500);
  });

  it('writes nothing where it observes, and leaves nothing where it takes off', () => {
    const of = (name: string): (typeof recorded)[number] | undefined => recorded.find(({ way }) => way === name);
    expect(of('observe')?.calls.map(({ operation }) => operation)).not.toContain('update');
    expect(of('observe')?.after).toEqual(of('observe')?.before);
    expect(of('repair')?.after).toEqual(of('repair')?.live);
    for (const way of BACK) expect(of(way)?.after, way).toEqual(of(way)?.live);
    expect(of('offboard')?.after).toEqual([]);
  });
});

describe(`cells of seed ${String(seed)}`, () => {
  let brief: Lanes;
  const results = new Map<Cell, Promise<string[]>>();

  beforeAll(async () => {
    brief = await startLanes(temporal, LANES, BRIEF);
    for (const cell of chosen) {
      const pool = cell.persistence === 'for good' ? brief : patient;
      const result = pool.run((lane) => runCell(cell, lane, seed));
      result.catch(() => undefined); // the cell's own test tells
      results.set(cell, result);
    }
  });
  afterAll(() => Promise.all([brief.close(), patient.close()]));

  for (const cell of chosen) {
    it(
      `${cell.id}: ${cell.expected.ends.join(' or ')}. ${cell.expected.reason}`,
      { timeout: CELL_TIMEOUT_MS },
      async () => {
        const again = `GANGWAY_FAULT_SEED=${String(seed)} GANGWAY_FAULT_CELL='${cell.id}' npm run test:faults -- lifecycle`;
        expect(await results.get(cell), again).toEqual([]);
      },
    );
  }
});
