import { WorkflowNotFoundError } from '@temporalio/client';
import type { JobStatus, OnboardingSpec } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { othersAtVendors, ownedAtVendors, type Engine, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import { blindCreates, creatablesOf } from '../blind-creates.js';
import { endsOf, isOver } from './ends.js';
import { expectedOf, type Expectation } from './expected.js';
import { SETTLE_MS, type Lanes } from './lanes.js';
import { markedAppSpec, oneOfEach, SECOND_APP_ACCEPTED } from './round.js';
import type { Crash, Schedule } from './schedule.js';
import type { WorkerProcess } from './worker-process.js';

const WORKERS = 2;
const ANSWERED_WITHIN_MS = 90_000;
/** Some of the faults of a job come one after the other, each with its D. */
const ENDED_WITHIN_MS = 240_000;
/** How often an operator answers a job that parks again. */
const ANSWERS = 3;

/** What became of a seed's job. */
export interface SeedOutcome {
  status: JobStatus;
  reason: string | undefined;
  /** What its events allow. */
  expected: Expectation;
  standing: string[];
  planned: string[];
  /** Second creates that nothing proved to be right. */
  blind: string[];
  othersUntouched: boolean;
}

interface Run {
  schedule: Schedule;
  engine: Engine;
  job: Job;
  before: string;
}

/** Runs the jobs of several seeds side by side over two worker processes, which crash as told. */
export async function runBatch(
  lanes: Lanes,
  schedules: readonly Schedule[],
  crashes: readonly Crash[],
): Promise<SeedOutcome[]> {
  const pool = await Promise.all(Array.from({ length: WORKERS }, () => lanes.startWorker()));
  const runs = await Promise.all(
    schedules.map((schedule, i) => {
      const engine = lanes.engines[i];
      if (!engine) throw new Error(`there is no lane ${String(i)}`);
      return begin(schedule, engine);
    }),
  );
  let over = false;
  const concluded = conclude(runs).finally(() => (over = true));
  const [statuses, cancelled] = await Promise.all([
    concluded,
    Promise.all(runs.map((run) => cancelInTime(run, () => over))),
    crashAll(lanes, pool, runs, crashes, () => over),
  ]);
  const reasons = await Promise.all(runs.map(async ({ job }, i) => (isOver(statuses[i]) ? job.ended() : undefined)));
  await lanes.stopWorkers();
  await Promise.all(runs.map(({ engine }) => engine.sandbox.settled()));
  return runs.map(({ schedule, engine, job, before }, i) => {
    const { ledger } = engine.sandbox.state({ objects: false });
    return {
      status: statuses[i] ?? 'queued',
      reason: reasons[i],
      expected: expectedOf(schedule, { ledger, cancelSent: cancelled[i] ?? false }),
      standing: ownedAtVendors(engine.sandbox, job.id).sort(),
      planned: planned(job),
      blind: blindCreates(ledger, creatablesOf(job.plan), { timeoutMs: schedule.timeoutMs, settleMs: SETTLE_MS }),
      othersUntouched: othersAtVendors(engine.sandbox, job.id) === before,
    };
  });
}

async function begin(schedule: Schedule, engine: Engine): Promise<Run> {
  const { onFailure, rules } = schedule;
  engine.sandbox.reset();
  engine.sandbox.setKnobs(SECOND_APP_ACCEPTED);
  engine.sandbox.setFaults(rules);
  const job = await engine.start({ ...specOf(schedule), onFailure });
  return { schedule, engine, job, before: othersAtVendors(engine.sandbox, job.id) };
}

function specOf({ seed, chain, whole }: Schedule): OnboardingSpec {
  const tenant = `seed${String(seed)}`;
  if (chain === 'liveperson') return markedAppSpec(tenant);
  return whole ? chain12Spec({ tenant, account: 'support' }) : oneOfEach(tenant);
}

function calls({ engine }: Run): number {
  return engine.sandbox.state({ objects: false }).seq;
}

/** Returns whether the job was cancelled before it had ended. */
async function cancelInTime(run: Run, over: () => boolean): Promise<boolean> {
  const { cancelAfter } = run.schedule;
  if (cancelAfter === undefined) return false;
  const due = await until(
    () => (calls(run) >= cancelAfter ? 'now' : over() ? 'never' : undefined),
    'a cancel',
    ENDED_WITHIN_MS,
  );
  if (due === 'never') return false;
  try {
    await run.job.cancel();
    return true;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return false; // the job has ended in the meantime
  }
}

async function crashAll(
  lanes: Lanes,
  pool: WorkerProcess[],
  runs: readonly Run[],
  crashes: readonly Crash[],
  over: () => boolean,
): Promise<void> {
  for (const { signal, lane, afterCalls, victim, frozenMs } of crashes) {
    const run = runs[lane];
    const worker = pool[victim];
    if (!run || !worker) throw new Error('the schedule names a lane or a worker that is not there');
    const due = await until(
      () => (calls(run) >= afterCalls ? 'now' : over() ? 'never' : undefined),
      'a crash',
      ENDED_WITHIN_MS,
    );
    if (due === 'never') return;
    worker.signal(signal);
    if (signal === 'SIGSTOP') {
      await new Promise((resolve) => setTimeout(resolve, frozenMs));
      worker.signal('SIGCONT');
    } else {
      pool[victim] = await lanes.startWorker();
    }
  }
}

/** Waits for the ends; a job that parks is answered as an operator would, once the vendors are well again. */
async function conclude(runs: readonly Run[]): Promise<JobStatus[]> {
  const one = async ({ schedule, engine, job }: Run): Promise<JobStatus> => {
    for (let answers = 0; ; answers += 1) {
      const [status = 'queued'] = await endsOf([job], ENDED_WITHIN_MS);
      if (answers === ANSWERS || (status !== 'held' && status !== 'rollback-incomplete')) return status;
      engine.sandbox.setFaults([]);
      await job.command(status === 'held' ? schedule.whenHeld : 'rollback');
      await until(
        async () => (await job.status()) !== status || undefined,
        `a job that was ${status} to take the answer`,
        ANSWERED_WITHIN_MS,
      );
    }
  };
  return Promise.all(runs.map(one));
}

/** What stands when the whole plan does. */
function planned(job: Job): string[] {
  return job.plan.nodes
    .filter((node) => node.waits !== true)
    .map((node) => `${node.vendor}.${node.resource}`)
    .sort();
}
