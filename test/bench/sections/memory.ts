import type { Figure, Report } from '../figures.js';
import { runJobs } from '../jobs.js';
import { LINUX_ONLY, residentMB } from '../proc.js';
import type { Bench } from '../section.js';

const JOBS = 16;

/** Resident memory of each part, after jobs and at its highest since it was started. */
export async function memory({ system, progress }: Bench): Promise<Report[]> {
  progress(`memory: ${JOBS} jobs at once`);
  await runJobs(system, JOBS);
  await system.vendors.sweep();
  const figures = system.processes().flatMap(({ name, pid }): Figure[] => {
    const { now, highest } = residentMB(pid);
    const figure = (when: string, value: number | null): Figure => ({
      name: `${name}, ${when}`,
      value,
      unit: 'MB',
      ...(value === null ? { note: LINUX_ONLY } : {}),
    });
    return [figure('now', now), figure('highest', highest)];
  });
  const title = `Memory of the parts, each a process of its own, after ${JOBS} jobs at once`;
  return [{ title, figures, notes: ['and after all that this run has measured before'] }];
}
