import {
  accountWorkflowId,
  notificationWorkflowId,
  operationWorkflowId,
  type OnboardingSpec,
} from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import type { Engine, Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

/** A job that ends in a certain way, and which of its workflows are kept as histories. */
export interface Scenario {
  /** Name of the history files: `{name}.{workflow}.json`. */
  name: string;
  onFailure: OnboardingSpec['onFailure'];
  /** Who is told; absent: nobody. */
  notify?: OnboardingSpec['notify'];
  play(engine: Engine, job: Job): Promise<void>;
}

/** Every way in which a job can end, and the states in which one can be found by a deploy. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'succeeded',
    onFailure: 'rollback',
    play: async (engine: Engine, job: Job): Promise<void> => {
      await job.reached('succeeded');
      await accountIs(engine, job, 'live');
    },
  },
  {
    name: 'rolled-back',
    onFailure: 'rollback',
    play: async (_engine: Engine, job: Job): Promise<void> => {
      await job.reached('rolled-back');
      await job.ended();
    },
  },
  {
    name: 'held-retried',
    onFailure: 'hold',
    play: async (engine: Engine, job: Job): Promise<void> => {
      await job.reached('held');
      engine.sandbox.setFaults([]);
      await job.command('retry');
      await job.reached('succeeded');
    },
  },
  {
    name: 'held-open',
    onFailure: 'hold',
    play: async (_engine: Engine, job: Job): Promise<void> => {
      await job.reached('held');
    },
  },
  {
    name: 'cancelled',
    onFailure: 'hold',
    play: async (_engine: Engine, job: Job): Promise<void> => {
      await job.reached('held');
      await job.cancel();
      await job.reached('cancelled');
      await job.ended();
    },
  },
  {
    name: 'leftovers-accepted',
    onFailure: 'hold',
    play: async (engine: Engine, job: Job): Promise<void> => {
      await job.reached('held');
      const effect = { kind: 'status', status: 403 } as const;
      engine.sandbox.setFaults([{ match: { resource: 'channel', operation: 'delete' }, effect }]);
      await job.command('rollback');
      await job.reached('rollback-incomplete');
      await job.command('accept-leftovers');
      await job.ended();
    },
  },
  {
    name: 'interrupted',
    onFailure: 'hold',
    play: async (engine: Engine, job: Job): Promise<void> => {
      await job.reached('held');
      await job.operation().terminate('by a person');
      await accountIs(engine, job, 'interrupted');
    },
  },
  {
    // Nobody listens there: the first delivery ends as failed while the job is open, the second goes on after it.
    name: 'notified',
    onFailure: 'hold',
    notify: [
      { url: 'http://127.0.0.1:9/', secret: 'whsec_cmVwbGF5IGtleSBvZiAyNCBieXRlcy4=', events: ['held', 'succeeded'] },
    ],
    play: async (engine: Engine, job: Job): Promise<void> => {
      await job.reached('held');
      await engine.client.workflow
        .getHandle(notificationWorkflowId(job.runId, 'held', 1))
        .result()
        .catch(() => undefined); // it fails, as it shall
      engine.sandbox.setFaults([]);
      await job.command('retry');
      await job.reached('succeeded');
      await accountIs(engine, job, 'live');
    },
  },
];

/** The spec of a scenario; its account create is refused except in the one that succeeds. */
export function scenarioSpec({ name, notify = [], onFailure }: Scenario): OnboardingSpec {
  return minimalEgainSpec({ tenant: 'replay', account: name, onFailure, notify });
}

/** The histories of a scenario: of the operation, of the account's first run and of its latest, of the first notification. */
export async function historiesOf(
  engine: Engine,
  job: Job,
): Promise<{ workflow: string; workflowId: string; runId: string | undefined }[]> {
  const ref = { tenant: 'replay', account: job.id.slice('replay.'.length) };
  const workflowId = accountWorkflowId(ref);
  const { runId } = await engine.client.workflow.getHandle(workflowId).describe();
  const first = job.account.firstExecutionRunId;
  return [
    { workflow: 'onboardAccount', workflowId: operationWorkflowId(ref), runId: undefined },
    { workflow: 'account', workflowId, runId: first },
    ...(runId === first ? [] : [{ workflow: 'account-latest', workflowId, runId }]),
    ...(job.plan.notify.length === 0
      ? []
      : [{ workflow: 'notify', workflowId: notificationWorkflowId(job.runId, 'held', 1), runId: undefined }]),
  ];
}

async function accountIs(engine: Engine, job: Job, state: string): Promise<void> {
  await until(async () => {
    const { memo } = await engine.client.workflow.getHandle(job.account.workflowId).describe();
    return memo?.['state'] === state ? true : undefined;
  }, `the account to be ${state}`);
}
