import {
  accountFromWorkflowId,
  accountId,
  accountWorkflowId,
  QUEUE_LIMIT,
  requestedPlan,
  type AccountRef,
  type AccountState,
  type OperationKind,
  type OperationRequest,
} from '#libs/contracts/index.js';
import { jobRequest, type JobRequest } from '#libs/progress/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { lineOf, readAccountHistory, readAccountState, type AccountHistory } from './account-run.js';
import { describeAccount } from './describe.js';
import type { Engine } from './engine.js';
import type { RunRef } from './event.js';
import { byVisibility } from './rows.js';

/** An account continues as new without starting what is queued only in rare turns: more hops mean that something is broken. */
const HOPS = 10;

/** Runs that are looked back through: each performs one operation, and all that wait may have run since one was dropped. */
const FORMER_RUNS = 3 * QUEUE_LIMIT;

const KINDS: Record<string, OperationKind> = {
  onboardAccount: 'onboard',
  amendAccount: 'amend',
  offboardAccount: 'offboard',
  reconcileAccount: 'reconcile',
  sweepOrphans: 'sweep',
};

/** Workflow types of operations. */
export const OPERATION_TYPES: readonly string[] = Object.keys(KINDS);

/** Workflow type of a kind of operation. */
export function operationType(kind: OperationKind): string {
  return OPERATION_TYPES.find((type) => KINDS[type] === kind) ?? kind;
}

/** The kind of operation that a workflow type stands for; undefined for any other workflow. */
export function kindOf(workflowType: string): OperationKind | undefined {
  return Object.hasOwn(KINDS, workflowType) ? KINDS[workflowType] : undefined;
}

/** Where a job is to be found. */
export interface LocatedJob {
  ref: AccountRef;
  runId: string;
  kind: OperationKind;
  /** The operation's run; null while it has not started. */
  operation: RunRef | null;
  /** The account's run that holds the operation; null when only the operation is known. */
  account: RunRef | null;
  /** While there is no operation: what was asked for, and what has happened to the account since. */
  queued: {
    request: JobRequest;
    history: AccountHistory;
    /** Why the account went on without beginning it; null while it may still begin, or a command says why. */
    refusal: string | null;
  } | null;
}

/**
 * Finds the job of an account by its `runId`; without one the latest onboarding. Strongly consistent for that one, for what runs and for
 * what waits; by visibility for older ones. Undefined when there is none.
 */
export async function locateJob(engine: Engine, ref: AccountRef, runId?: string): Promise<LocatedJob | undefined> {
  const workflowId = accountWorkflowId(ref);
  const latest = await describeAccount(engine, workflowId);
  const wanted = runId ?? latest?.memo.runId;
  if (wanted === undefined) return undefined;
  if (latest) {
    const first = wanted === latest.memo.runId ? latest.firstRunId : latest.runId;
    const found = await inAccountRun(engine, ref, { workflowId, runId: first }, wanted, true);
    if (found) return found;
  }
  // What is recent is found without a list: of lists Temporal takes only some a second.
  const former = latest && (await inFormerRuns(engine, ref, { workflowId, runId: latest.runId }, wanted));
  return former ?? (await listed(engine, ref, wanted));
}

/**
 * The operation that an account performs now; else the next that waits; else its latest onboarding. What a command means that names
 * none. Undefined when there is no account.
 */
export async function locateCurrent(engine: Engine, ref: AccountRef): Promise<LocatedJob | undefined> {
  const workflowId = accountWorkflowId(ref);
  const latest = await describeAccount(engine, workflowId);
  if (latest?.state !== 'running') return locateJob(engine, ref);
  const history = await readOrNothing(engine, { workflowId, runId: latest.runId });
  const [next] = history ? lineOf(history) : [];
  const current = history?.operation?.jobRunId ?? next?.runId;
  return locateJob(engine, ref, current);
}

/** Follows an account from one run to the next until the one that holds the operation. */
async function inAccountRun(
  engine: Engine,
  ref: AccountRef,
  from: RunRef,
  runId: string,
  /** Whether the account may have gone on while it was asked for: then what is not in its run may be in the next one. */
  onwards = false,
): Promise<LocatedJob | undefined> {
  let run = from;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const history = await readOrNothing(engine, run);
    const request = history && lineOf(history).find((queued) => queued.runId === runId);
    if (onwards && history && !request && history.end?.how === 'continued' && history.end.nextRunId !== null) {
      run = { workflowId: run.workflowId, runId: history.end.nextRunId };
      continue;
    }
    if (!history || !request) return undefined;
    const { kind } = request;
    if (history.operation?.jobRunId === runId) {
      return { ref, runId, kind, operation: history.operation, account: run, queued: null };
    }
    // Each run performs one operation: what waits behind it is a later run's.
    const goesOn = history.end?.how === 'continued' && history.end.nextRunId !== null && !wasDropped(history, runId);
    if (goesOn && history.end?.nextRunId) {
      const next = { workflowId: run.workflowId, runId: history.end.nextRunId };
      const state = await readStateOrNothing(engine, next);
      if (state?.queue.some((queued) => queued.runId === runId) === true) {
        run = next;
        continue;
      }
      return queuedIn(ref, request, history, refusalIn(state, runId));
    }
    return queuedIn(ref, request, history, null);
  }
  return undefined;
}

/** Looks back for an operation that was accepted and never began: no run of its own tells of it. */
async function inFormerRuns(
  engine: Engine,
  ref: AccountRef,
  latest: RunRef,
  runId: string,
): Promise<LocatedJob | undefined> {
  let run: RunRef | undefined = latest;
  for (let hop = 0; run && hop < FORMER_RUNS; hop += 1) {
    const history: AccountHistory | undefined = await readOrNothing(engine, run);
    const before: string | null = history?.formerRunId ?? null;
    run = before === null ? undefined : { workflowId: latest.workflowId, runId: before };
    const found = run && (await inAccountRun(engine, ref, run, runId));
    if (found) return found;
  }
  return undefined;
}

function queuedIn(
  ref: AccountRef,
  request: OperationRequest,
  history: AccountHistory,
  refusal: string | null,
): LocatedJob {
  const { runId, kind } = request;
  // What was asked for while the onboarding before it had not been recorded yet is about the plan of that one.
  const before =
    lineOf(history)
      .map(requestedPlan)
      .find((plan) => plan !== null) ?? null;
  const { state } = history;
  const asked = jobRequest({ ...state, plan: state.plan ?? before }, request);
  const queued = asked ? { request: asked, history, refusal } : null;
  return { ref, runId, kind, operation: null, account: history.run, queued };
}

function wasDropped({ commands }: AccountHistory, runId: string): boolean {
  return commands.some(({ command }) => command.verb === 'cancel' && command.runId === runId);
}

/** Why the account did not begin an operation, as its next run recorded it. */
function refusalIn(state: AccountState | undefined, runId: string): string | null {
  const last = state?.lastOperation;
  if (last?.id === runId) return last.reason;
  return 'The account could not carry it on.';
}

async function readStateOrNothing(engine: Engine, run: RunRef): Promise<AccountState | undefined> {
  try {
    return await readAccountState(engine, run);
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

async function readOrNothing(engine: Engine, run: RunRef): Promise<AccountHistory | undefined> {
  try {
    return await readAccountHistory(engine, run);
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

/** What lies further back, or in a former life of the account. */
async function listed(engine: Engine, ref: AccountRef, runId: string): Promise<LocatedJob | undefined> {
  if (!/^[0-9A-Za-z-]{1,64}$/.test(runId)) return undefined;
  const query = `Job = '${runId}' AND Account = '${accountId(ref)}'`;
  const { executions } = await byVisibility(engine, () =>
    engine.service.listWorkflowExecutions({ namespace: engine.namespace, query, pageSize: 10 }),
  );
  const rows = executions.map(({ execution, type, parentExecution }) => ({
    run: { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' },
    kind: kindOf(type?.name ?? ''),
    parent: parentExecution,
  }));
  const operation = rows.find(({ kind }) => kind !== undefined);
  if (operation?.kind) {
    const { parent, run, kind } = operation;
    const account = parent?.workflowId && parent.runId ? { workflowId: parent.workflowId, runId: parent.runId } : null;
    return { ref, runId, kind, operation: run, account, queued: null };
  }
  const account = rows.find(({ run }) => accountFromWorkflowId(run.workflowId) !== undefined);
  return account && inAccountRun(engine, ref, account.run, runId);
}
