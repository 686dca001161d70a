import {
  accountId,
  accountWorkflowId,
  type AccountLifeState,
  type AccountState,
  type Chain,
  type JsonObject,
  type OnboardResult,
  type OnboardingSpec,
  type OperationRecord,
  type OwnedResource,
  type Plan,
  type AccountRef,
} from '#libs/contracts/index.js';
import { expandTexts, redact } from '#libs/planning/index.js';
import { closeReason, type Job } from '#libs/progress/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import type { Caller } from '../auth/caller.js';
import { readAccountState } from '../engine/account-run.js';
import { describeAccount, type AccountRun } from '../engine/describe.js';
import type { Engine } from '../engine/engine.js';
import { loadJob } from '../engine/load-job.js';
import { locateJob } from '../engine/locate.js';
import { requireAccount } from '../onboardings/jobs.js';
import { notFound } from '../problems/problem.js';

/** An account as the API shows it (`api.md` section 4). */
export interface AccountAnswer {
  id: string;
  tenant: string;
  account: string;
  chain: Chain;
  state: AccountLifeState;
  /** What it should look like, secrets hidden. */
  spec: JsonObject | null;
  resources: Pick<OwnedResource, 'key' | 'vendor' | 'resource' | 'externalId' | 'origin'>[];
  lastOperation: OperationRecord | null;
  lastReconciliation: { at: string; mode: string; status: string } | null;
  drift: { key: string; kind: string; fields: { path: string; expected: unknown; seen: unknown }[] }[];
}

/** Reads accounts from the state with which their latest run began. Needs no worker. */
export class AccountReader {
  constructor(private readonly engine: Engine) {}

  /** @throws {Problem} `not-found` once nothing is left of it, also for another tenant's. */
  async read(caller: Caller, id: string): Promise<AccountAnswer> {
    const ref = requireAccount(caller, id);
    const current = await this.current(ref);
    if (!current) throw notFound(`account ${id}`);
    return answerOf(current);
  }

  /** What the account records of its objects. @throws {Problem} `not-found`, also for another tenant's. */
  async owned(caller: Caller, id: string): Promise<OwnedResource[]> {
    const current = await this.current(requireAccount(caller, id));
    if (!current) throw notFound(`account ${id}`);
    return current.resources;
  }

  /** What the account records of its objects; none for one that is not there. */
  async resources(ref: AccountRef): Promise<OwnedResource[]> {
    return (await this.current(ref))?.resources ?? [];
  }

  /** The account's state with what its running operation has come to meanwhile; undefined when nothing is left of it. */
  private async current(ref: AccountRef): Promise<AccountState | undefined> {
    const workflowId = accountWorkflowId(ref);
    const latest = await describeAccount(this.engine, workflowId);
    if (!latest || latest.state === 'ended') return undefined;
    const state = await readAccountState(this.engine, { workflowId, runId: latest.runId });
    const [operation] = state.queue;
    const located = operation && (await locateJob(this.engine, ref, operation.runId));
    const loaded = located && (await loadJob(this.engine, located));
    return withTermination(loaded ? withOperation(state, loaded.job) : state, latest);
  }
}

function withTermination(state: AccountState | undefined, latest: AccountRun): AccountState | undefined {
  return state && latest.state === 'terminated' ? { ...state, state: 'interrupted' } : state;
}

/** What the account will record of an operation that has ended, in the moment before it has done so itself. */
function withOperation(state: AccountState, job: Job): AccountState | undefined {
  const lastOperation = recordOf(job);
  const plan = state.plan ?? job.plan;
  switch (lastOperation.status) {
    case 'succeeded': {
      const { resources } = job.closed?.result as OnboardResult;
      return { ...state, state: 'live', plan: job.plan, resources, lastOperation };
    }
    case 'undone':
    case 'failed':
      // An account whose first operation was taken back is gone.
      return state.plan === null ? undefined : { ...state, lastOperation };
    case 'interrupted':
      return { ...state, plan, state: 'interrupted', lastOperation };
    default:
      return { ...state, plan, state: state.plan === null ? 'onboarding' : 'changing', lastOperation };
  }
}

function recordOf(job: Job): OperationRecord {
  const { request, closed } = job;
  return {
    id: request.runId,
    kind: request.kind,
    status: recordStatus(job),
    startedAt: request.acceptedAt,
    endedAt: closed?.at ?? null,
    reason: closed ? closeReason(job) : null,
  };
}

function recordStatus({ status, closed }: Job): OperationRecord['status'] {
  switch (status) {
    case 'succeeded':
    case 'held':
    case 'interrupted':
      return status;
    case 'rollback-incomplete':
      return closed ? 'failed' : status;
    case 'rolled-back':
    case 'cancelled':
    case 'rejected':
      return 'undone';
    default:
      return 'running';
  }
}

function answerOf(state: AccountState): AccountAnswer {
  const { tenant, account, chain, plan, resources, lastOperation } = state;
  return {
    id: accountId(state),
    tenant,
    account,
    chain,
    state: state.state,
    spec: plan && shownSpec(plan),
    resources: resources.map(({ key, vendor, resource, externalId, origin }) => ({
      key,
      vendor,
      resource,
      externalId,
      origin,
    })),
    lastOperation,
    lastReconciliation: null,
    drift: [],
  };
}

/** The spec as it could be sent again, but for its secrets. */
function shownSpec(plan: Plan): JsonObject {
  return specDocument(redact(expandTexts(plan.spec, plan.texts)) as unknown as OnboardingSpec);
}
