import { createHash, randomUUID } from 'node:crypto';
import {
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { startWorker, type RunningWorker } from '#apps/worker/src/worker.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { readWorkerSettings, type WorkerSettings } from '#libs/config/worker-settings.js';
import {
  accountId,
  accountWorkflowId,
  COMMAND_SIGNAL,
  HANDOFF_MEMO,
  OPERATION_SIGNAL,
  operationWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type AccountState,
  type AmendRequest,
  type Command,
  type CommandVerb,
  type Handoff,
  type JobStatus,
  type JsonObject,
  type OffboardRequest,
  type OnboardingSpec,
  type OperationRequest,
  type Plan,
  type ReconcileRequest,
} from '#libs/contracts/index.js';
import { connectionFacts, planWithSecrets } from '#libs/onboarding/index.js';
import { createSealer } from '#libs/secrets/index.js';
import { connectClient, type TemporalClient } from '#libs/temporal/client.js';
import { installationName } from '#libs/temporal/installation.js';
import type { TestTemporal } from '../global-setup.js';
import { connectionsFile, startSandbox, tempFolder, type ConnectionTimes } from './sandbox.js';
import { until } from './until.js';

/** A worker, a Temporal client and the sandbox: the engine without its API. */
export interface Engine {
  sandbox: Sandbox;
  sandboxUrl: string;
  client: Client;
  temporal: TemporalClient;
  settings: WorkerSettings;
  /** What a worker process needs to serve the same queues. */
  environment: NodeJS.ProcessEnv;
  installation: string;
  plan(spec: OnboardingSpec): Plan;
  /** Starts the job of a spec as the API does. */
  start(spec: OnboardingSpec): Promise<Job>;
  startWorker(): Promise<RunningWorker>;
  stop(): Promise<void>;
}

/** One onboarding of one account. */
export interface Job {
  id: string;
  runId: string;
  plan: Plan;
  account: WorkflowHandleWithFirstExecutionRunId;
  operation(): WorkflowHandle;
  /** The last status that the operation has shown, `queued` before it has started. */
  status(): Promise<JobStatus>;
  /** Waits until the operation shows one of these. */
  reached(...statuses: JobStatus[]): Promise<JobStatus>;
  command(verb: CommandVerb, change?: Partial<Command>): Promise<void>;
  /** Cancels as the API does: the signal, then natively. */
  cancel(): Promise<void>;
  /** The first operation's end as the account tells it: undefined when the account lives on or ended well. */
  ended(): Promise<string | undefined>;
  /** Queues a further operation on the account, as the API does. */
  next(operation: NextOperation): Promise<Job>;
}

/** What is asked of an account that is there. */
export type NextOperation =
  Pick<AmendRequest, 'kind' | 'plan'> | Pick<OffboardRequest, 'kind'> | Pick<ReconcileRequest, 'kind' | 'mode'>;

export interface EngineOptions extends ConnectionTimes {
  /** False: no worker is started. */
  worker?: boolean;
  /** Settings besides those of the test, for example a key ring. */
  environment?: NodeJS.ProcessEnv;
}

/** Starts an engine over the run's Temporal server. Connections get names of their own, so that queues of test files never mix. */
export async function startEngine(temporal: TestTemporal, options: EngineOptions = {}): Promise<Engine> {
  const { folder, remove } = tempFolder();
  const { sandbox, url } = await startSandbox();
  const prefix = `${randomUUID().slice(0, 8)}-`;
  const environment: NodeJS.ProcessEnv = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    GANGWAY_ENCRYPTION_KEYS: temporal.encryptionKeys,
    GANGWAY_CONNECTIONS: connectionsFile(folder, url, options, prefix),
    GANGWAY_DATA_DIR: folder,
    GANGWAY_ALLOW_PRIVATE_URLS: 'true',
    GANGWAY_LOG_LEVEL: 'silent',
    ...options.environment,
  };
  const settings = readWorkerSettings(environment);
  const connected = await connectClient(settings.temporal, settings.keyRing);
  const { client, connection } = connected;
  const installation = await installationName(connection, temporal.namespace);
  const sealer = createSealer(settings.keyRing);
  const workers: RunningWorker[] = [];
  const launch = async (): Promise<RunningWorker> => {
    const worker = await startWorker(settings);
    workers.push(worker);
    return worker;
  };
  if (options.worker !== false) await launch();
  const plan = (spec: OnboardingSpec): Plan => {
    const ref = accountId(spec);
    const connections = Object.fromEntries(
      Object.entries(spec.connections).map(([vendor, name]) => [vendor, `${prefix}${name}`]),
    );
    return planWithSecrets(
      { ...spec, connections },
      {
        installation,
        sha256,
        facts: connectionFacts({ connections }, settings.connections),
      },
      {
        seal: (secret, field) => sealer.seal(secret, { accountId: ref, field }),
        hmac: (secret) => sealer.hmac(secret),
      },
    );
  };
  return {
    sandbox,
    sandboxUrl: url,
    client,
    temporal: connected,
    settings,
    environment,
    installation,
    plan,
    start: (spec) => startJob(client, temporal.namespace, spec, plan(spec)),
    startWorker: launch,
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await connected.close();
      await sandbox.close();
      remove();
    },
  };
}

/** Starts the job of a planned spec as the API does. */
export async function startJob(client: Client, namespace: string, spec: OnboardingSpec, plan: Plan): Promise<Job> {
  const { tenant, account, chain } = spec;
  const runId = randomUUID();
  const state: AccountState = {
    version: 1,
    tenant,
    account,
    chain,
    state: 'onboarding',
    plan: null,
    resources: [],
    queue: [{ kind: 'onboard', runId, by: 'test', at: new Date().toISOString(), plan }],
    lastOperation: null,
    commands: [],
  };
  const memo = { runId, specHash: plan.specHash, planHash: plan.planHash, state: state.state, chain, idempotency: '' };
  const handle = await client.workflow.start('account', {
    workflowId: accountWorkflowId(spec),
    taskQueue: WORKFLOW_TASK_QUEUE,
    args: [state],
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    memo,
    typedSearchAttributes: [
      keyword('Job', runId),
      keyword('OnboardingStatus', 'queued'),
      keyword('Tenant', tenant),
      keyword('Chain', chain),
      keyword('Account', accountId(spec)),
    ],
  });
  return jobOf(client, namespace, spec, { plan, runId, handle });
}

/** An operation on an account, by the id of its run. */
function jobOf(
  client: Client,
  namespace: string,
  spec: OnboardingSpec,
  { plan, runId, handle }: { plan: Plan; runId: string; handle: WorkflowHandleWithFirstExecutionRunId },
): Job {
  const accountRun = handle.firstExecutionRunId;
  const operation = (): WorkflowHandle => client.workflow.getHandle(operationWorkflowId(spec));
  const status = async (): Promise<JobStatus> => {
    try {
      const { typedSearchAttributes: attributes } = await operation().describe();
      if (attributes.get(defineSearchAttributeKey('Job', SearchAttributeType.KEYWORD)) !== runId) return 'queued';
      return (attributes.get(defineSearchAttributeKey('OnboardingStatus', SearchAttributeType.KEYWORD)) ??
        'queued') as JobStatus;
    } catch {
      return 'queued'; // the operation has not started yet
    }
  };
  const command = async (verb: CommandVerb, change: Partial<Command> = {}): Promise<void> => {
    const payload = {
      id: randomUUID(),
      verb,
      runId,
      by: 'test',
      reason: 'asked for',
      at: new Date().toISOString(),
      ...change,
    } as Command;
    const target = (await status()) === 'queued' ? handle : operation();
    await target.signal(COMMAND_SIGNAL, payload);
  };
  return {
    id: accountId(spec),
    runId,
    plan,
    account: handle,
    operation,
    status,
    reached: (...statuses) =>
      until(
        async () => {
          const now = await status();
          return statuses.includes(now) ? now : undefined;
        },
        `the job to be ${statuses.join(' or ')}`,
      ),
    command,
    cancel: async () => {
      await command('cancel');
      await client.workflowService.requestCancelWorkflowExecution({
        namespace,
        workflowExecution: { workflowId: accountWorkflowId(spec), runId: accountRun },
        requestId: randomUUID(),
      });
    },
    ended: async () => {
      const first = client.workflow.getHandle(accountWorkflowId(spec), accountRun, { followRuns: false });
      try {
        await first.result();
        return undefined;
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) return undefined; // continued as new: the account lives
        return error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : 'failed';
      }
    },
    next: async (asked) => {
      const next = randomUUID();
      const origin = asked.kind === 'reconcile' ? { origin: 'person' as const } : {};
      const at = new Date().toISOString();
      const request = { ...asked, ...origin, runId: next, by: 'test', at } as OperationRequest;
      await client.workflow.getHandle(accountWorkflowId(spec)).signal(OPERATION_SIGNAL, request);
      const wanted = asked.kind === 'amend' ? asked.plan : plan;
      return jobOf(client, namespace, spec, { plan: wanted, runId: next, handle });
    },
  };
}

/** The latest task that a job has handed to a person; undefined: none yet. */
export async function handoffOf(job: Job): Promise<Handoff | undefined> {
  const { memo } = await job.operation().describe();
  return memo?.[HANDOFF_MEMO] as Handoff | undefined;
}

function keyword(
  name: string,
  value: string,
): { key: ReturnType<typeof defineSearchAttributeKey<'KEYWORD'>>; value: string } {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What LivePerson deletes softly. */
const GONE = 'deletedApp';

/** All objects at the vendors that carry the account's marker (a LivePerson app in the name that a test gives it), or belong to an app that does, as `vendor.kind`. */
export function ownedAtVendors(sandbox: Sandbox, id: string): string[] {
  const marker = `:${id}:`;
  const { objects } = sandbox.state({ ledger: false });
  const apps = new Set((objects['sinch']?.['app'] ?? []).filter((app) => carries(app, marker)).map((app) => app['id']));
  return Object.entries(objects).flatMap(([vendor, kinds]) =>
    Object.entries(kinds).flatMap(([kind, list]) =>
      kind === GONE
        ? []
        : list.filter((object) => carries(object, marker) || apps.has(object['app_id'])).map(() => `${vendor}.${kind}`),
    ),
  );
}

/** What stands at the vendors and is not the account's, as text: equal texts are equal byte for byte. */
export function othersAtVendors(sandbox: Sandbox, id: string): string {
  const marker = `:${id}:`;
  const { objects } = sandbox.state({ ledger: false });
  const apps = new Set((objects['sinch']?.['app'] ?? []).filter((app) => carries(app, marker)).map((app) => app['id']));
  return JSON.stringify(objects, (_key, value: unknown) =>
    Array.isArray(value)
      ? value.filter(
          (object: unknown) => !(isObject(object) && (carries(object, marker) || apps.has(object['app_id']))),
        )
      : value,
  );
}

function carries(object: JsonObject, marker: string): boolean {
  return [object['description'], object['display_name'], object['client_name']].some(
    (text) => typeof text === 'string' && text.includes(marker),
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
