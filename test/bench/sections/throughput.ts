import type { Figure, Report } from '../figures.js';
import { runJobs } from '../jobs.js';
import { median } from '../measure.js';
import { familyProcessorMs, LINUX_ONLY, processorMs } from '../proc.js';
import type { Bench } from '../section.js';
import type { BenchProcess } from '../system.js';

const AT_ONCE = [
  { jobs: 1, rounds: 10 },
  { jobs: 16, rounds: 3 },
  { jobs: 64, rounds: 2 },
];

/** Jobs per second when so many are started at once, and the processor time that a job takes; vendors answer at once. */
export async function throughput({ system, rounds, progress }: Bench): Promise<Report[]> {
  const figures: Figure[] = [];
  const processes = system.processes();
  const before = processes.map(used);
  let all = 0;
  for (const { jobs, rounds: usual } of AT_ONCE) {
    const count = Math.min(rounds ?? usual, usual);
    const took: number[] = [];
    for (let round = 0; round < count; round++) {
      progress(`throughput: ${jobs} at once, ${round + 1}/${count}`);
      took.push(await runJobs(system, jobs));
      await system.vendors.sweep();
    }
    all += count * jobs;
    const ms = median(took);
    figures.push({
      name: `${jobs} at once`,
      value: (jobs * 1_000) / ms,
      unit: 'jobs/s',
      note: `all ended after ${ms.toFixed(0)} ms`,
    });
  }
  figures.push(...processes.map((one, i) => processorFigure(one, before[i] ?? null, all)));
  return [{ title: 'Throughput, chain of 12 nodes, vendors answer at once', figures, notes: [] }];
}

function used({ pid, family }: BenchProcess): number | null {
  return family === true ? familyProcessorMs(pid) : processorMs(pid);
}

function processorFigure(measured: BenchProcess, before: number | null, jobs: number): Figure {
  const after = used(measured);
  const known = before !== null && after !== null;
  return {
    name: `processor time per job, ${measured.name}`,
    value: known ? (after - before) / jobs : null,
    unit: 'ms',
    ...(known ? {} : { note: LINUX_ONLY }),
  };
}
