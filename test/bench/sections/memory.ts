import { existsSync, readFileSync } from 'node:fs';
import type { Figure, Report } from '../figures.js';
import { runJobs } from '../jobs.js';
import type { Bench } from '../section.js';

const JOBS = 64;

/** Resident memory of each part, after jobs and at its highest since it was started. */
export async function memory({ system, progress }: Bench): Promise<Report[]> {
  progress(`memory: ${JOBS} jobs at once`);
  await runJobs(system, JOBS);
  await system.vendors.sweep();
  const figures = system.processes().flatMap(({ name, pid }): Figure[] => {
    const status = statusOf(pid);
    return [
      { name: `${name}, now`, ...megabytes(status, 'VmRSS') },
      { name: `${name}, highest`, ...megabytes(status, 'VmHWM') },
    ];
  });
  const title = `Memory of the parts, each a process of its own, after ${JOBS} jobs at once`;
  return [{ title, figures, notes: ['with all that this run has measured before'] }];
}

function statusOf(pid: number): string | undefined {
  const file = `/proc/${pid}/status`;
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function megabytes(status: string | undefined, field: 'VmRSS' | 'VmHWM'): Pick<Figure, 'value' | 'unit' | 'note'> {
  const kB = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status ?? '')?.[1];
  return kB === undefined
    ? { value: null, unit: 'MB', note: 'told by Linux alone' }
    : { value: (Number(kB) * 1_024) / 1e6, unit: 'MB' };
}
