import {
  accountId,
  accountWorkflowId,
  type AccountLifeState,
  type AccountRef,
  type AccountState,
  type Chain,
  type DriftEntry,
  type JsonObject,
  type OnboardingSpec,
  type OperationKind,
  type OperationRecord,
  type OperationRequest,
  type OperationResult,
  type OwnedResource,
  type Ownership,
  type Plan,
  type ReconciliationCap,
  type ReconciliationRecord,
} from '#libs/contracts/index.js';
import { lineOf, readAccountHistory, type AccountHistory } from '#libs/history/account-run.js';
import { describeAccount, type AccountRun } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { loadJob } from '#libs/history/load-job.js';
import { locateJob } from '#libs/history/locate.js';
import { redact } from '#libs/onboarding/index.js';
import { expandTexts } from '#libs/planning/index.js';
import { closeReason, type Job } from '#libs/progress/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { afterFailure, operationRow } from '#workflows/operations.js';
import type { Caller } from '../auth/caller.js';
import { requireAccount } from '../onboardings/jobs.js';
import { notFound } from '../problems/problem.js';
import type { LastCovered } from '../reconciliations/last-covered.js';

/** An account as the API shows it (`docs/http.md` §4). */
export interface AccountAnswer {
  id: string;
  tenant: string;
  account: string;
  chain: Chain;
  state: AccountLifeState;
  /** What it should look like, secrets hidden; it may be sent back by PUT. */
  spec: JsonObject | null;
  /** SHA-256 of that spec; the answer's ETag. */
  specHash: string | null;
  protect: boolean;
  resources: (Pick<OwnedResource, 'key' | 'vendor' | 'resource' | 'externalId'> & { origin: Ownership })[];
  lastOperation: OperationRecord | null;
  /** Operations that are accepted and wait, in order. */
  queue: { id: string; kind: OperationKind; by: string; at: string }[];
  lastReconciliation: ReconciliationRecord | null;
  reconciliation: ReconciliationCap | null;
  drift: DriftEntry[];
  /** Keys of nodes of which nothing can be read. */
  unseen?: string[];
}

/** An account as it stands, with what is under way and what waits. */
export interface CurrentAccount {
  /** The state as the account itself recorded it last. */
  recorded: AccountState;
  /** The state, with what its running operation has come to meanwhile. */
  state: AccountState;
  run: AccountRun;
  /** What runs, or was just accepted, and then what waits, in order. */
  line: OperationRequest[];
  /** `runId` of the operation that runs; null while none does. */
  running: string | null;
}

/** Reads accounts from the state with which their latest run began. Needs neither worker nor visibility. */
export class AccountReader {
  /** `lastCovered`: the last reconciliation of an account, runs that had nothing to note on it among them. */
  constructor(
    private readonly engine: Engine,
    private readonly lastCovered: Pick<LastCovered, 'of'>,
  ) {}

  /** @throws {Problem} `not-found` once nothing is left of it, also for another tenant's. */
  async read(caller: Caller, id: string): Promise<AccountAnswer> {
    const current = await this.require(caller, id);
    return { ...answerOf(current), lastReconciliation: await this.lastCovered.of(current.state) };
  }

  /** @throws {Problem} `not-found`, also for another tenant's. */
  async require(caller: Caller, id: string): Promise<CurrentAccount> {
    const current = await this.current(requireAccount(caller, id));
    if (!current) throw notFound(`account ${id}`);
    return current;
  }

  /** What the account records of its objects. @throws {Problem} `not-found`, also for another tenant's. */
  async owned(caller: Caller, id: string): Promise<OwnedResource[]> {
    return (await this.require(caller, id)).state.resources;
  }

  /** What the account records of its objects; none for one that is not there. */
  async resources(ref: AccountRef): Promise<OwnedResource[]> {
    return (await this.current(ref))?.state.resources ?? [];
  }

  /** Keys of the nodes that the account takes over, or has taken over; none for one that is not there. */
  async adopted(ref: AccountRef): Promise<ReadonlySet<string>> {
    const state = (await this.current(ref))?.state;
    const planned = state?.plan?.nodes.filter(({ adopt }) => adopt) ?? [];
    const recorded = state?.resources.filter(({ ownership }) => ownership === 'adopted') ?? [];
    return new Set([...planned, ...recorded].map(({ key }) => key));
  }

  /** The account with what its running operation has come to; undefined when nothing is left of it. */
  async current(ref: AccountRef): Promise<CurrentAccount | undefined> {
    const workflowId = accountWorkflowId(ref);
    const run = await describeAccount(this.engine, workflowId);
    if (!run || run.state === 'ended' || run.memo.sweep === true) return undefined;
    const history = await readAccountHistory(this.engine, { workflowId, runId: run.runId });
    const cancelled = new Set(history.commands.map(({ command }) => (command.verb === 'cancel' ? command.runId : '')));
    const started = history.operation?.jobRunId ?? null;
    const line = lineOf(history).filter(
      ({ runId }) => runId === started || !cancelled.has(runId) || !isBehind(history, runId),
    );
    const [first] = line;
    const running = started;
    const located = first && (await locateJob(this.engine, ref, running ?? first.runId));
    const loaded = located && (await loadJob(this.engine, located));
    const request = located && line.find(({ runId }) => runId === located.runId);
    const state = loaded && request ? withOperation(history.state, request, loaded.job) : history.state;
    if (!state) return undefined;
    // It has ended, and the account is about to record that: what waits behind it is next.
    if (loaded?.job.closed && loaded.job.status !== 'interrupted' && run.state === 'running') {
      return { recorded: state, state, run, line: line.filter((each) => each !== request), running: null };
    }
    const terminated = run.state === 'terminated' ? { ...state, state: 'interrupted' as const } : state;
    return { recorded: history.state, state: terminated, run, line, running };
  }
}

/** Whether an operation waits behind another: one that is cancelled there never begins. */
function isBehind(history: AccountHistory, runId: string): boolean {
  return lineOf(history)[0]?.runId !== runId || history.state.plan !== null;
}

const STATE_DURING: Partial<Record<OperationKind, AccountLifeState>> = { amend: 'changing', offboard: 'offboarding' };

/** What the account will record of an operation, before it has done so itself; undefined when nothing will be left of it. */
function withOperation(state: AccountState, request: OperationRequest, job: Job): AccountState | undefined {
  const lastOperation = recordOf(job);
  const { kind } = job.request;
  switch (lastOperation.status) {
    case 'succeeded': {
      const result = job.closed?.result as OperationResult;
      const folded = operationRow(request)?.fold(state, request, result, job.closed?.at ?? '');
      return folded ? { ...folded, lastOperation } : undefined;
    }
    case 'undone':
    case 'failed': {
      const details = job.closed?.details;
      if (details) return afterFailure(state, request, details, lastOperation) ?? undefined;
      // It never began: an account whose first operation that was is gone.
      return state.plan === null && state.state === 'onboarding' ? undefined : { ...state, lastOperation };
    }
    case 'interrupted':
      return { ...state, plan: state.plan ?? job.plan, state: 'interrupted', lastOperation };
    default: {
      const during = state.state === 'interrupted' && kind !== 'offboard' ? 'changing' : STATE_DURING[kind];
      const resources = state.plan === null ? standingIn(job) : state.resources;
      return { ...state, plan: state.plan ?? job.plan, resources, state: during ?? state.state, lastOperation };
    }
  }
}

/** What a first operation has made so far. */
function standingIn(job: Job): OwnedResource[] {
  return [...job.steps.values()].flatMap(({ node, externalId, phase, origin }) => {
    const stands = externalId !== null && node.waits !== true && phase !== 'undone' && phase !== 'skipped';
    if (!stands) return [];
    const { key, vendor, resource, connection } = node;
    const ownership: Ownership = origin === 'adopted' || origin === 'shared' ? origin : 'created';
    return [{ key, vendor, resource, connection, externalId, ownership }];
  });
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
    case 'failed':
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

function answerOf({ state, line, running }: CurrentAccount): AccountAnswer {
  const { tenant, account, chain, plan, resources, lastOperation, lastReconciliation, reconciliation, drift } = state;
  const current = running ?? (lastOperation?.status === 'running' ? lastOperation.id : null);
  return {
    id: accountId(state),
    tenant,
    account,
    chain,
    state: state.state,
    spec: plan && shownSpec(plan),
    specHash: plan?.specHash ?? null,
    protect: plan?.spec['protect'] === true,
    resources: resources.map(({ key, vendor, resource, externalId, ownership }) => ({
      key,
      vendor,
      resource,
      externalId,
      origin: ownership,
    })),
    lastOperation,
    queue: line.flatMap(({ runId, kind, by, at }) => (runId === current ? [] : [{ id: runId, kind, by, at }])),
    lastReconciliation: lastReconciliation ?? null,
    reconciliation: inForce(reconciliation),
    drift: drift?.entries ?? [],
    ...(drift?.unseen ? { unseen: drift.unseen } : {}),
  };
}

/** A cap that has an end is none any more once that has passed. */
function inForce(cap: ReconciliationCap | undefined): ReconciliationCap | null {
  if (!cap || (cap.until !== null && Date.parse(cap.until) <= Date.now())) return null;
  return cap.mode === 'repair' && cap.until === null ? null : cap;
}

/** The spec as it could be sent again: secrets and long texts by placeholders that mean "as recorded". */
export function shownSpec(plan: Plan): JsonObject {
  return specDocument(redact(expandTexts(plan.spec, plan.texts)) as unknown as OnboardingSpec);
}
