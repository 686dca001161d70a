import type { Report } from '../figures.js';
import { runJob } from '../jobs.js';
import { median } from '../measure.js';
import type { Bench } from '../section.js';

const ROUNDS = 20;
const WARM_UP_ROUNDS = 5;

/** What a second worker beside the first does to a single job: half before it, half after it, the other half with it. */
export async function secondWorker({ system, rounds = ROUNDS, progress }: Bench): Promise<Report[]> {
  const half = Math.ceil(rounds / 2);
  const run = async (what: string, count: number): Promise<number[]> => {
    const took: number[] = [];
    for (let round = -WARM_UP_ROUNDS; round < count; round++) {
      const { ms } = await runJob(system);
      await system.vendors.sweep();
      if (round >= 0) took.push(ms);
      progress(`second worker: ${what}, ${Math.max(round + 1, 0)}/${count}`);
    }
    return took;
  };
  const before = await run('one worker', half);
  const second = await system.startWorker();
  const withBoth = await run('two workers', half * 2).finally(() => second.stop());
  const after = await run('one worker again', half);
  const one = median([...before, ...after]);
  const two = median(withBoth);
  return [
    {
      title: `A second worker, chain of 12 nodes, vendors answer at once (${half * 2} rounds each)`,
      figures: [
        { name: 'job with one worker, p50', value: one, unit: 'ms' },
        { name: 'job with two workers, p50', value: two, unit: 'ms' },
        { name: 'two / one', value: two / one, unit: 'x' },
      ],
      notes: [],
    },
  ];
}
