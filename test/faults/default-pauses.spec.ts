import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cellsOf, type Cell } from './matrix/cells.js';
import { recordChains } from './matrix/chains.js';
import { startLanes, type Lanes, type LaneTimes } from './matrix/lanes.js';
import { runCell } from './matrix/run-cell.js';

/** `npm run test:faults` runs every create, update and delete that a fault stays at; `npm test` two. */
const all = process.env['GANGWAY_FAULTS'] === 'all';
const seed = Number(process.env['GANGWAY_FAULT_SEED'] ?? '1');

/**
 * The pauses that a connection has by default (`retry` and `limits` in README): an attempt lasts as long as they do, longer than the
 * heartbeats of the SDK, its throttling and the heartbeat timeout, which the short ones of the matrix never are.
 */
const DEFAULTS: LaneTimes = {
  timeoutMs: 10_000,
  settleMs: [2_000, 5_000, 15_000],
  initialIntervalMs: 1_000,
  // Short, so that it has passed by the end of the second attempt.
  giveUpAfterMs: 8_000,
};
const CELL_TIMEOUT_MS = 900_000;

/** Whose attempts last longest: without a unique key a create is looked for until it can no longer take effect. */
const FEW = ['sinch.app create / 503 HTML for good', 'egain.orchestration create / 503 HTML for good'];
const LASTING = ['503 HTML', 'reply lost'];
const WRITES = ['create', 'update', 'delete'];

const cells = cellsOf(await recordChains(), seed).filter(({ id, persistence, target, fault }) =>
  all
    ? persistence === 'for good' && WRITES.includes(target.operation) && LASTING.includes(fault.id) && !target.byPerson
    : FEW.some((name) => id === `${name} / forward with nothing there`),
);

describe('a fault that stays, at the default pauses', () => {
  let lanes: Lanes;
  const results = new Map<Cell, Promise<string[]>>();

  beforeAll(async () => {
    lanes = await startLanes(inject('temporal'), all ? 8 : FEW.length, DEFAULTS);
    for (const cell of cells) {
      const result = lanes.run((lane) => runCell(cell, lane, seed));
      result.catch(() => undefined); // the cell's own test tells
      results.set(cell, result);
    }
  });
  afterAll(() => lanes.close());

  it('has the cells that were asked for', () => {
    expect(cells.length).toBeGreaterThanOrEqual(all ? 20 : FEW.length);
  });

  for (const cell of cells) {
    it(`${cell.id}: ${cell.expected.end}. ${cell.expected.reason}`, { timeout: CELL_TIMEOUT_MS }, async () => {
      expect(await results.get(cell)).toEqual([]);
    });
  }
});
