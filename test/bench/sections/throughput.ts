import type { Figure, Report } from '../figures.js';
import { runJobs } from '../jobs.js';
import { median } from '../measure.js';
import type { Bench } from '../section.js';

const AT_ONCE = [
  { jobs: 1, rounds: 10 },
  { jobs: 16, rounds: 3 },
  { jobs: 64, rounds: 2 },
];

/** Jobs per second when so many are started at once, with vendors that answer at once. */
export async function throughput({ system, rounds, progress }: Bench): Promise<Report[]> {
  const figures: Figure[] = [];
  for (const { jobs, rounds: usual } of AT_ONCE) {
    const count = Math.min(rounds ?? usual, usual);
    const took: number[] = [];
    for (let round = 0; round < count; round++) {
      took.push(await runJobs(system, jobs));
      await system.vendors.sweep();
      progress(`throughput: ${jobs} at once, ${round + 1}/${count}`);
    }
    const ms = median(took);
    figures.push({
      name: `${jobs} at once`,
      value: (jobs * 1_000) / ms,
      unit: 'jobs/s',
      note: `all ended after ${ms.toFixed(0)} ms`,
    });
  }
  return [{ title: 'Throughput, chain of 12 nodes, vendors answer at once', figures, notes: [] }];
}
