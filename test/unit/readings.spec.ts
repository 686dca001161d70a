import { expect, it } from 'vitest';
import { runModel } from '../faults/readings/run.js';

/** A slice of those of `test/faults/readings.spec.ts`, which can replay each of them. */
const SEEDS = 50;

it('whoever asks for a list gets all that stood, whatever happens meanwhile', async () => {
  let answered = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await runModel(seed);
    expect(outcome.broken, `GANGWAY_SEED=${seed} npm run test:faults -- readings`).toEqual([]);
    answered += outcome.answered;
  }
  expect(answered, 'a model in which hardly anybody is answered proves nothing').toBeGreaterThan(SEEDS * 5);
});
