import type { JobStatus } from '#libs/contracts/index.js';
import type { Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

const ENDED_WITHIN_MS = 90_000;
const OVER: readonly JobStatus[] = ['succeeded', 'rolled-back', 'cancelled'];
const PARKED: readonly JobStatus[] = ['rollback-incomplete', 'held'];

/** Whether the operation is closed. */
export function isOver(status: JobStatus | undefined): boolean {
  return status !== undefined && OVER.includes(status);
}

/** Waits until all jobs are over or parked; returns the last status of each, also of those that are neither after a while. */
export async function endsOf(jobs: readonly Job[], withinMs = ENDED_WITHIN_MS): Promise<JobStatus[]> {
  const last = new Map<Job, JobStatus>();
  const rests = (job: Job): boolean => {
    const status = last.get(job);
    return isOver(status) || (status !== undefined && PARKED.includes(status));
  };
  const end = Date.now() + withinMs;
  await until(
    async () => {
      for (const job of jobs) if (!rests(job)) last.set(job, await job.status());
      return jobs.every(rests) || Date.now() > end || undefined;
    },
    'every job to end',
    withinMs + 10_000,
  );
  return jobs.map((job) => last.get(job) ?? 'queued');
}
