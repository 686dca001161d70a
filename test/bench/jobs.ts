import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { OnboardingSpec } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { startJob, type Job } from '#test/support/engine.js';
import type { BenchSystem } from './system.js';

/** A job that takes longer is stuck; with the longest settling of the benchmarks it takes a fraction of that. */
const LONGEST_JOB_MS = 90_000;

let count = 0;

/** A chain of twelve nodes for an account that was not there before, with channel types of its own: nothing is shared with another job. */
export function nextSpec(): OnboardingSpec {
  count += 1;
  const spec = chain12Spec({ tenant: 'bench', account: `account-${count}` });
  if (!spec.egain) throw new Error('the chain has an eGain section');
  const channels = spec.egain.channels.map((channel, i) => ({ ...channel, type: `custom.bench-${count}-${i}` }));
  return { ...spec, egain: { ...spec.egain, channels } };
}

/** A job that has ended well, and how long it took from its start to the account's turning live, in milliseconds. */
export interface RanJob {
  job: Job;
  ms: number;
}

/** Starts a job and waits for its end. What planning and sealing take is not counted. */
export async function runJob(system: BenchSystem, spec: OnboardingSpec = nextSpec()): Promise<RanJob> {
  const plan = system.plan(spec);
  const began = performance.now();
  const job = await startJob(system.client, system.namespace, spec, plan);
  await endedWell(system, job);
  return { job, ms: performance.now() - began };
}

/** Runs so many jobs at once; returns the milliseconds until the last has ended. */
export async function runJobs(system: BenchSystem, jobs: number, longestMs = LONGEST_JOB_MS): Promise<number> {
  const planned = Array.from({ length: jobs }, () => {
    const spec = nextSpec();
    return { spec, plan: system.plan(spec) };
  });
  const began = performance.now();
  await allEndedWell(
    system,
    planned.map(({ spec, plan }) => startJob(system.client, system.namespace, spec, plan)),
    longestMs,
  );
  return performance.now() - began;
}

/** Waits for the ends of all jobs, also when one did not end well, so that none runs on into the next figure. @throws as `endedWell` */
export async function allEndedWell(
  system: BenchSystem,
  jobs: readonly Promise<Job>[],
  longestMs = LONGEST_JOB_MS,
): Promise<void> {
  const ends = await Promise.allSettled(jobs.map(async (job) => endedWell(system, await job, longestMs)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** Waits for a job's end. @throws when it did not succeed, or is stuck: its figures mean nothing */
async function endedWell({ client }: BenchSystem, job: Job, longestMs = LONGEST_JOB_MS): Promise<void> {
  const over = new AbortController();
  setMaxListeners(0, over.signal); // every poll for the end listens
  const late = pause(longestMs, `no end after ${longestMs / 1_000} s`, { signal: over.signal });
  late.catch(() => undefined); // it ended in time
  try {
    const fault = await Promise.race([client.withAbortSignal(over.signal, () => job.ended()), late]);
    if (fault !== undefined) throw new Error(`${job.id}: ${fault} (status ${await job.status()})`);
  } finally {
    over.abort();
  }
}
