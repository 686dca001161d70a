import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import {
  accountWorkflowId,
  adhocReconciliationId,
  fleetMemo,
  FLEET_WORKFLOW,
  parseAccountId,
  reconciliationWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type AccountState,
  type FleetReport,
  type JsonObject,
  type OnboardingSpec,
  type ReconcileFleetInput,
} from '#libs/contracts/index.js';
import { createDecoder } from '#libs/temporal/decode.js';
import { chain12Spec } from '#test/factories/index.js';
import type { Engine, Job } from './engine.js';
import { until } from './until.js';

/** A fleet of one tenant. */
export interface Fleet {
  tenant: string;
  jobs: Job[];
  /** Starts a run over the tenant's accounts. */
  start(change?: Partial<ReconcileFleetInput>): Promise<WorkflowHandle>;
  /** A run over the tenant's accounts, to its end. */
  run(change?: Partial<ReconcileFleetInput>): Promise<FleetReport>;
  /** Objects of a kind that carry the marker of the nth account, from 0. */
  objects(nth: number, vendor: string, kind: string): JsonObject[];
  /** Calls that the vendors have had since `seq`, but for tokens. */
  calls(since: number): { vendor: string; resource: string; operation: string }[];
  seq(): number;
  /** The state with which the latest run of the nth account began. */
  state(nth: number): Promise<AccountState>;
  /** Per account its latest run, and how many signals that has had: equal while nobody has told it anything. */
  heard(): Promise<string[]>;
  /** Marks so many objects of eGain that nobody has made as those of an account `gone`, which is not there. Returns their ids. */
  abandon(kind: string, key: string, count: number): string[];
  /** Ends what the tests began. */
  close(): Promise<void>;
}

let count = 0;

/** A spec of the nth account, such that several can stand side by side. */
export function fleetSpec(tenant: string, nth: number): OnboardingSpec {
  const spec = chain12Spec({ tenant, account: `a${String(nth)}` });
  for (const [i, channel] of (spec.egain?.channels ?? []).entries()) {
    channel.account.address = `+1555${String(nth).padStart(3, '0')}${String(i)}`;
  }
  return spec;
}

/** Onboards so many accounts of a tenant that nobody else has. */
export async function onboardFleet(engine: Engine, size: number, specOf = fleetSpec): Promise<Fleet> {
  const tenant = `fleet${String(Date.now() % 1_000_000)}-${String((count += 1))}`;
  const jobs: Job[] = [];
  for (let nth = 0; nth < size; nth++) jobs.push(await engine.start(specOf(tenant, nth)));
  for (const job of jobs) await job.reached('succeeded');
  const { client, sandbox } = engine;
  const decoder = createDecoder(client.options.loadedDataConverter, client.options.namespace);
  const workflowIdOf = (id: string): string => accountWorkflowId(parseAccountId(id) ?? { tenant: '', account: '' });
  const fleet: Fleet = {
    tenant,
    jobs,
    start: (change = {}) => {
      const input: ReconcileFleetInput = {
        ...{ schedule: null, by: 'test', mode: 'observe', tenant, chain: null, tenants: null, from: null },
        removeOrphans: false,
        ...change,
      };
      return client.workflow.start(FLEET_WORKFLOW, {
        workflowId: reconciliationWorkflowId(adhocReconciliationId(randomUUID())),
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [input],
        memo: fleetMemo(input),
      });
    },
    run: async (change) => (await (await fleet.start(change)).result()) as FleetReport,
    objects: (nth, vendor, kind) => {
      const marker = `:${jobs[nth]?.id ?? ''}:`;
      const all = sandbox.state({ ledger: false }).objects[vendor]?.[kind] ?? [];
      return all.filter((object) => JSON.stringify(object).includes(marker));
    },
    seq: () => sandbox.state({ objects: false }).ledger.at(-1)?.seq ?? 0,
    calls: (since) =>
      sandbox
        .state({ objects: false, since })
        .ledger.filter(({ operation }) => operation !== 'token')
        .map(({ vendor, resource, operation }) => ({ vendor, resource, operation })),
    state: async (nth) => {
      const workflowId = workflowIdOf(jobs[nth]?.id ?? '');
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      const { input } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
      return (await decoder.value(input, workflowId)) as AccountState;
    },
    abandon: (kind, key, count) => {
      const all = sandbox.state({ ledger: false }).objects['egain']?.[kind] ?? [];
      const foreign = all.filter((object) => !JSON.stringify(object).includes('gw:')).slice(0, count);
      if (foreign.length < count)
        throw new Error(`there are ${String(foreign.length)} of ${kind} that nobody has made`);
      return foreign.map((object) => {
        const id = object['id'] as string;
        const description = `gw:${engine.installation}:${tenant}.gone:${key}`;
        sandbox.edit('egain', kind, id, { description });
        return id;
      });
    },
    heard: () =>
      Promise.all(
        jobs.map(async ({ id }) => {
          const handle = client.workflow.getHandle(workflowIdOf(id));
          const { runId } = await handle.describe();
          const { events } = await client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
          const signals = (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes);
          return `${id} ${runId}: ${String(signals.length)} signals`;
        }),
      ),
    close: async () => {
      for (const { id } of jobs) {
        await client.workflow
          .getHandle(workflowIdOf(id))
          .terminate('the test is over')
          .catch(() => undefined);
      }
    },
  };
  for (const [nth] of jobs.entries()) {
    await until(
      async () => ((await fleet.state(nth)).state === 'live' ? true : undefined),
      `account ${String(nth)} to be live`,
    );
  }
  return fleet;
}
