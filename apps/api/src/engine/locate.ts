import {
  accountFromWorkflowId,
  accountId,
  accountWorkflowId,
  type AccountRef,
  type OperationKind,
} from '#libs/contracts/index.js';
import { jobRequest, type JobRequest } from '#libs/progress/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { readAccountHistory, type AccountHistory } from './account-run.js';
import { describeAccount } from './describe.js';
import type { Engine } from './engine.js';
import type { RunRef } from './history.js';

/** An account continues as new without starting what is queued only in rare turns: more hops mean that something is broken. */
const HOPS = 10;

const KINDS: Record<string, OperationKind> = {
  onboardAccount: 'onboard',
  amendAccount: 'amend',
  offboardAccount: 'offboard',
  reconcileAccount: 'reconcile',
  sweepOrphans: 'sweep',
};

/** Workflow types of operations. */
export const OPERATION_TYPES: readonly string[] = Object.keys(KINDS);

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
  queued: { request: JobRequest; history: AccountHistory } | null;
}

/**
 * Finds the job of an account by its `runId`; without one the latest onboarding. Strongly consistent for that one, and by
 * visibility for older ones. Undefined when there is none.
 */
export async function locateJob(engine: Engine, ref: AccountRef, runId?: string): Promise<LocatedJob | undefined> {
  const workflowId = accountWorkflowId(ref);
  const latest = await describeAccount(engine, workflowId);
  const wanted = runId ?? latest?.memo.runId;
  if (wanted === undefined) return undefined;
  if (latest) {
    const first = wanted === latest.memo.runId ? latest.firstRunId : latest.runId;
    const found = await inAccountRun(engine, ref, { workflowId, runId: first }, wanted);
    if (found) return found;
  }
  return byVisibility(engine, ref, wanted);
}

/** Follows an account from one run to the next until the one that holds the operation. */
async function inAccountRun(
  engine: Engine,
  ref: AccountRef,
  from: RunRef,
  runId: string,
): Promise<LocatedJob | undefined> {
  let run = from;
  for (let hop = 0; hop < HOPS; hop += 1) {
    const history = await readOrNothing(engine, run);
    const request = history?.state.queue.find((queued) => queued.runId === runId);
    if (!history || !request) return undefined;
    // A run takes the first of its queue, so a later one's operation is held by a later run.
    const isNext = history.state.queue[0] === request;
    if (history.operation && isNext) {
      return { ref, runId, kind: request.kind, operation: history.operation, account: run, queued: null };
    }
    if (history.end?.how === 'continued' && history.end.nextRunId !== null) {
      run = { workflowId: run.workflowId, runId: history.end.nextRunId };
      continue;
    }
    const asked = jobRequest(request);
    const queued = asked ? { request: asked, history } : null;
    return { ref, runId, kind: request.kind, operation: null, account: run, queued };
  }
  return undefined;
}

async function readOrNothing(engine: Engine, run: RunRef): Promise<AccountHistory | undefined> {
  try {
    return await readAccountHistory(engine, run);
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

async function byVisibility(engine: Engine, ref: AccountRef, runId: string): Promise<LocatedJob | undefined> {
  if (!/^[0-9A-Za-z-]{1,64}$/.test(runId)) return undefined;
  const query = `Job = '${runId}' AND Account = '${accountId(ref)}'`;
  const { executions } = await engine.call(() =>
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
