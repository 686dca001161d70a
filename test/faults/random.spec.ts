import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runBatch, type SeedOutcome } from './crash/batch.js';
import { openLanes, type Lanes } from './crash/lanes.js';
import { BATCH, crashesOf, scheduleOf } from './crash/schedule.js';

const SEEDS_OF_ALL = 200;
const BATCH_TIMEOUT_MS = 600_000;
const { GANGWAY_SEED: replayed, GANGWAY_FAULTS: slice } = process.env;

/** `GANGWAY_SEED=n` replays the seed n, with its batch: they share their workers and the workers' crashes. */
const batches =
  replayed === undefined
    ? Array.from({ length: slice === 'all' ? SEEDS_OF_ALL / BATCH : 1 }, (_, i) => i)
    : [Math.floor(Number(replayed) / BATCH)];

describe.each(batches)('batch %i', (batch) => {
  const schedules = Array.from({ length: BATCH }, (_, i) => scheduleOf(batch * BATCH + i));
  let lanes: Lanes;
  let outcomes: SeedOutcome[];

  beforeAll(async () => {
    lanes = await openLanes(
      inject('temporal'),
      schedules.map(({ timeoutMs, giveUpAfterMs }) => ({ timeoutMs, giveUpAfterMs })),
    );
    outcomes = await runBatch(lanes, schedules, crashesOf(batch));
  }, BATCH_TIMEOUT_MS);
  afterAll(() => lanes.close());

  it.each(schedules.map(({ seed }, i) => ({ seed, i })))('seed $seed', ({ seed, i }) => {
    const outcome = outcomes[i];
    const { ends, reason } = outcome?.expected ?? { ends: [], reason: 'there is no outcome' };
    const replay = `GANGWAY_SEED=${String(seed)} npm run test:faults -- random`;
    const told = `${replay} ended as ${String(outcome?.status)}. ${reason} ${JSON.stringify(scheduleOf(seed))}`;
    expect(ends, told).toContain(outcome?.status);
    expect(outcome?.blind, told).toEqual([]);
    expect(outcome?.standing, told).toEqual(outcome?.status === 'succeeded' ? outcome.planned : []);
    expect(outcome?.othersUntouched, told).toBe(true);
  });
});
