import { describe, expect, it } from 'vitest';
import { runModel } from './readings/run.js';

const SEEDS_OF_ALL = 6_000;
const BLOCK = 500;
const BLOCK_TIMEOUT_MS = 300_000;
const { GANGWAY_SEED: replayed, GANGWAY_FAULTS: slice } = process.env;

/** `GANGWAY_SEED=n` replays the seed n alone. */
const blocks =
  replayed === undefined
    ? Array.from({ length: slice === 'all' ? SEEDS_OF_ALL / BLOCK : 1 }, (_, i) => ({
        from: i * BLOCK + 1,
        seeds: BLOCK,
      }))
    : [{ from: Number(replayed), seeds: 1 }];

describe('whoever asks for a list gets all that stood, none begun too early, whatever happens meanwhile', () => {
  it.each(blocks)(
    '$seeds seeds from $from',
    async ({ from, seeds }) => {
      const broken: string[] = [];
      for (let seed = from; seed < from + seeds; seed++) {
        const outcome = await runModel(seed);
        broken.push(...outcome.broken.map((what) => `GANGWAY_SEED=${seed} npm run test:faults -- readings: ${what}`));
      }
      expect(broken).toEqual([]);
    },
    BLOCK_TIMEOUT_MS,
  );
});
