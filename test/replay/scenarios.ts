import {
  accountWorkflowId,
  notificationWorkflowId,
  operationWorkflowId,
  type HandoffAnswer,
  type OnboardingSpec,
} from '#libs/contracts/index.js';
import { issuedField } from '#libs/onboarding/index.js';
import { createSealer } from '#libs/secrets/index.js';
import { livepersonTextSpec, minimalEgainSpec } from '#test/factories/index.js';
import type { Engine, Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import { accountIs, LIFECYCLE } from './lifecycle-scenarios.js';

/** A job that ends in a certain way, and which of its workflows are kept as histories. */
export interface Scenario {
  /** Name of the history files: `{name}.{workflow}.json`. */
  name: string;
  /** The operation whose history is kept, the latest of the account; absent: the onboarding. */
  operation?: 'amendAccount' | 'offboardAccount' | 'reconcileAccount';
  /** Whether the vendor takes everything; absent: it refuses the eGain account. */
  unhindered?: true;
  onFailure: OnboardingSpec['onFailure'];
  /** Who is told; absent: nobody. */
  notify?: OnboardingSpec['notify'];
  /** What is onboarded; absent: the smallest eGain account. */
  spec?: Partial<OnboardingSpec>;
  play(engine: Engine, job: Job): Promise<void>;
}

/** Every way in which an onboarding can end, and the states in which one can be found by a deploy. */
const ONBOARDINGS: readonly Scenario[] = [
  {
    name: 'succeeded',
    unhindered: true,
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
  {
    // A wrong answer, then the right one, with reminders in between.
    name: 'handed-over',
    onFailure: 'rollback',
    spec: handedOver({ dueInMs: 3_600_000, remindEveryMs: 200_000 }),
    play: async (engine: Engine, job: Job): Promise<void> => {
      await job.reached('waiting');
      await answer(engine, job, { clientId: 'nobody', clientSecret: 'wrong' });
      await until(async () => ((await refusals(engine, job)) === 1 ? true : undefined), 'the answer to be refused');
      await job.reached('waiting');
      await answer(engine, job, await installed(engine, job));
      await job.reached('succeeded');
      await accountIs(engine, job, 'live');
    },
  },
  {
    name: 'handed-over-open',
    onFailure: 'rollback',
    spec: handedOver({ dueInMs: 365 * 86_400_000, remindEveryMs: 100 * 86_400_000 }),
    play: async (_engine: Engine, job: Job): Promise<void> => {
      await job.reached('waiting');
      await job.command('handoff-fetched', { answer: { handoff: 1 } });
    },
  },
  {
    // Reminded, overdue and held, handed over again, called off, and taken back by the person.
    name: 'handed-over-undone',
    onFailure: 'rollback',
    spec: handedOver({ dueInMs: 1_000, remindEveryMs: 300 }),
    play: async (_engine: Engine, job: Job): Promise<void> => {
      await job.reached('waiting');
      await job.command('handoff-fetched', { answer: { handoff: 1 } });
      await job.reached('held');
      await job.command('rollback');
      await job.reached('rolling-back');
      await job.command('handoff', { answer: { handoff: 2, done: true } });
      await job.reached('rolled-back');
      await job.ended();
    },
  },
  {
    name: 'rejected',
    onFailure: 'rollback',
    spec: handedOver({ dueInMs: 3_600_000 }),
    play: async (_engine: Engine, job: Job): Promise<void> => {
      await job.reached('waiting');
      await job.command('handoff', { answer: { handoff: 1, rejected: true } });
      await job.reached('rejected');
      await job.ended();
    },
  },
];

/** Every way in which an operation can end, and the states in which one can be found by a deploy. */
export const SCENARIOS: readonly Scenario[] = [...ONBOARDINGS, ...LIFECYCLE];

/** An account whose one step a person does. */
function handedOver(handoff: { dueInMs: number; remindEveryMs?: number }): Partial<OnboardingSpec> {
  const { chain, liveperson } = livepersonTextSpec();
  const connections = { liveperson: 'liveperson-handoff' };
  return { chain, connections, ...(liveperson ? { liveperson: { ...liveperson, handoff } } : {}) };
}

/** Answers a job's hand-off as the API does. */
async function answer(engine: Engine, job: Job, values: Record<string, string>): Promise<void> {
  const sealer = createSealer(engine.settings.keyRing);
  const sealed = Object.entries(values).map(([name, value]) => {
    const place = { accountId: job.id, field: issuedField('liveperson.app', 'person', name) };
    return [name, sealer.seal(value, place)] as const;
  });
  const given: HandoffAnswer = { handoff: 1, values: Object.fromEntries(sealed) };
  await job.command('handoff', { answer: given });
}

/** What the person at LivePerson does with the file. */
async function installed(engine: Engine, job: Job): Promise<Record<string, string>> {
  const { text: manifest = '' } = livepersonTextSpec({ account: job.id }).liveperson ?? {};
  const response = await fetch(`${engine.sandboxUrl}/_sandbox/liveperson/person`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accountId: '87654321', manifest }),
  });
  const { clientId, clientSecret } = (await response.json()) as { clientId: string; clientSecret: string };
  return { clientId, clientSecret };
}

/** How many answers to a job's hand-off were not accepted, by its memo. */
async function refusals(engine: Engine, job: Job): Promise<number> {
  const { memo } = await engine.client.workflow.getHandle(job.operation().workflowId).describe();
  return (memo?.['handoff'] as { refusals?: number } | undefined)?.refusals ?? 0;
}

/** The operation of which a scenario keeps the history. */
export function operationOf({ operation }: Scenario): string {
  return operation ?? 'onboardAccount';
}

/** The spec of a scenario. */
export function scenarioSpec({ name, notify = [], onFailure, spec = {} }: Scenario): OnboardingSpec {
  const { egain: _egain, ...base } = minimalEgainSpec({ tenant: 'replay', account: name, onFailure, notify });
  return spec.chain === 'liveperson'
    ? { ...base, ...spec }
    : minimalEgainSpec({ tenant: 'replay', account: name, onFailure, notify, ...spec });
}

/** The histories of a scenario: of its operation, of the account's runs, the last of them as the latest, of the first notification. */
export async function historiesOf(
  engine: Engine,
  job: Job,
  scenario: Scenario,
): Promise<{ workflow: string; workflowId: string; runId: string | undefined }[]> {
  const ref = { tenant: 'replay', account: scenario.name };
  const workflowId = accountWorkflowId(ref);
  const runs = await runsOf(engine, workflowId, job.account.firstExecutionRunId);
  const named = (i: number): string => {
    if (i === 0) return 'account';
    return i === runs.length - 1 ? 'account-latest' : `account-${String(i + 1)}`;
  };
  return [
    { workflow: operationOf(scenario), workflowId: operationWorkflowId(ref), runId: undefined },
    ...runs.map((runId, i) => ({ workflow: named(i), workflowId, runId })),
    ...(job.plan.notify.length === 0
      ? []
      : [{ workflow: 'notify', workflowId: notificationWorkflowId(job.runId, 'held', 1), runId: undefined }]),
  ];
}

/** The runs of a workflow from one on: each continued as the next. */
async function runsOf(engine: Engine, workflowId: string, first: string): Promise<string[]> {
  const runs: string[] = [];
  for (let next: string | null | undefined = first; next;) {
    runs.push(next);
    const { events } = await engine.client.workflow.getHandle(workflowId, next).fetchHistory();
    next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}
