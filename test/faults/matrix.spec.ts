import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import { cellsOf, quickSlice, type Cell } from './matrix/cells.js';
import { nameOf } from './matrix/chain.js';
import { recordChains } from './matrix/chains.js';
import { startLanes, type Lanes, type LaneTimes } from './matrix/lanes.js';
import { runCell } from './matrix/run-cell.js';

/** `npm run test:faults` runs every cell; `npm test` a slice. */
const all = process.env['GANGWAY_FAULTS'] === 'all';
/** Order of the cells and the times within their ranges. */
const seed = Number(process.env['GANGWAY_FAULT_SEED'] ?? '1');
/** Id of the one cell to run, or a regular expression that fits the ids of several: `update .* with adopted there`. */
const only = process.env['GANGWAY_FAULT_CELL'];

const QUICK_CELLS = 70;
const LANES = 4;
const CELL_TIMEOUT_MS = 300_000;
const TIMES = { timeoutMs: 800, settleMs: [20, 40, 60], initialIntervalMs: 20 };
/** Gives up soon, for faults that do not pass. */
const BRIEF: LaneTimes = { ...TIMES, giveUpAfterMs: 2_500 };
/** Outlives every fault that passes. */
const PATIENT: LaneTimes = { ...TIMES, giveUpAfterMs: 40_000 };

const chains = await recordChains();
const matrix = cellsOf(chains, seed);
const chosen = only === undefined ? (all ? matrix : quickSlice(matrix, QUICK_CELLS)) : named(only);

function named(name: string): Cell[] {
  const one = matrix.filter(({ id }) => id === name);
  const pattern = new RegExp(name);
  return one.length > 0 ? one : matrix.filter(({ id }) => pattern.test(id));
}

describe('the matrix', () => {
  it('has every resource that is registered', () => {
    const planned = new Set(
      chains.flatMap(({ plan }) => plan.nodes.map(({ vendor, resource }) => `${vendor} ${resource}`)),
    );
    const registered = VENDOR_MODULES.flatMap(({ vendor, resources }) =>
      resources.map(({ name }) => `${vendor} ${name}`),
    );
    const cure = 'add it to chain12Spec in test/factories/specs.ts, or as a chain to test/faults/matrix/chains.ts';
    expect(
      registered.filter((name) => !planned.has(name)),
      cure,
    ).toEqual([]);
  });

  it('has every call of its chains, and every cell once', () => {
    const targets = new Set(chains.flatMap((chain) => chain.targets.map(nameOf)));
    for (const chain of chains) {
      for (const call of chain.calls) expect(targets).toContain(nameOf(call));
      for (const { node } of chain.objects) {
        for (const operation of ['list', 'create', 'update', 'delete']) {
          expect(targets).toContain(`${node.vendor} ${node.resource} ${operation}`);
        }
      }
    }
    expect(new Set(matrix.map(({ id }) => id)).size).toBe(matrix.length);
    expect(matrix.length).toBeGreaterThanOrEqual(2_000);
  });

  it('has the cells that were asked for', () => {
    expect(chosen).not.toEqual([]);
  });
});

describe(`cells of seed ${String(seed)}`, () => {
  let lanes: Record<'brief' | 'patient', Lanes>;
  const results = new Map<Cell, Promise<string[]>>();

  beforeAll(async () => {
    const temporal = inject('temporal');
    const [brief, patient] = await Promise.all([
      startLanes(temporal, LANES, BRIEF),
      startLanes(temporal, LANES, PATIENT),
    ]);
    lanes = { brief, patient };
    for (const cell of chosen) {
      const pool = cell.persistence === 'for good' ? lanes.brief : lanes.patient;
      const result = pool.run((lane) => runCell(cell, lane, seed));
      result.catch(() => undefined); // the cell's own test tells
      results.set(cell, result);
    }
  });
  afterAll(() => Promise.all([lanes.brief.close(), lanes.patient.close()]));

  for (const cell of chosen) {
    it(`${cell.id}: ${cell.expected.end}. ${cell.expected.reason}`, { timeout: CELL_TIMEOUT_MS }, async () => {
      expect(await results.get(cell), replay(cell)).toEqual([]);
    });
  }
});

function replay({ id }: Cell): string {
  return `GANGWAY_FAULT_SEED=${String(seed)} GANGWAY_FAULT_CELL='${id}' npm run test:faults -- matrix`;
}
