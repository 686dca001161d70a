import type { OnboardingSpec } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { startJob, type Job } from '#test/support/engine.js';
import type { BenchSystem } from './system.js';

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
  await endedWell(job);
  return { job, ms: performance.now() - began };
}

/** Runs so many jobs at once; answers the milliseconds until the last has ended. */
export async function runJobs(system: BenchSystem, jobs: number): Promise<number> {
  const planned = Array.from({ length: jobs }, () => {
    const spec = nextSpec();
    return { spec, plan: system.plan(spec) };
  });
  const began = performance.now();
  await Promise.all(
    planned.map(async ({ spec, plan }) => endedWell(await startJob(system.client, system.namespace, spec, plan))),
  );
  return performance.now() - began;
}

/** @throws when the job did not succeed: figures of a failed one mean nothing */
export async function endedWell(job: Job): Promise<void> {
  const fault = await job.ended();
  if (fault !== undefined) throw new Error(`${job.id}: ${fault}`);
}
