import { setTimeout as delay } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  OPERATION_SIGNAL,
  type ReconcileRequest,
  type RepairInput,
  type RepairOutcome,
} from '#libs/contracts/index.js';
import { accountNow, readAccountState, wasSent, workflowIdOf, type RegistryAccess } from '#libs/registry/index.js';
import { inParallel } from './in-parallel.js';
import { operationIdOf } from './operation-id.js';
import { isRunCancelled } from './run-cancelled.js';

/** Accounts that are repaired at a time. */
const AT_A_TIME = 10;
const POLL_MS = 500;

/**
 * Queues a repair on each account, at most ten at a time, and follows it to its end. An account at which anything began since it was
 * looked at is left for another run. Doing it again queues no second repair. Where the run is cancelled, what was done is told, and nothing
 * more is queued.
 */
export async function repair(access: RegistryAccess, client: Client, input: RepairInput): Promise<RepairOutcome[]> {
  const outcomes = new Map<string, RepairOutcome>();
  const beat = setInterval(() => Context.current().heartbeat(outcomes.size), 2_000);
  try {
    await inParallel(input.accounts, AT_A_TIME, async (one) => {
      const outcome = await repairOne(access, client, input, one).catch((error: unknown) => {
        if (isRunCancelled(Context.current().cancellationSignal)) {
          return deferred(one.account, 'the run was cancelled; a repair that the account has taken goes on');
        }
        throw error;
      });
      outcomes.set(one.account, outcome);
    });
  } finally {
    clearInterval(beat);
  }
  return input.accounts.flatMap(({ account }) => outcomes.get(account) ?? []);
}

async function repairOne(
  access: RegistryAccess,
  client: Client,
  { run, by, publicUrl }: RepairInput,
  { account, runId }: RepairInput['accounts'][number],
): Promise<RepairOutcome> {
  const { cancellationSignal: signal } = Context.current();
  signal.throwIfAborted();
  const operation = operationIdOf(run, account);
  const before = await accountNow(access, account);
  if (before.status === 'absent' || before.status === 'cut-off') return deferred(account, 'it was taken off meanwhile');
  const begun = before.runId !== runId && (await ended(access, account, operation, before.runId));
  if (begun) return begun;
  if (before.runId === runId && before.status === 'idle') {
    const request: ReconcileRequest = {
      ...{ kind: 'reconcile', runId: operation, by, at: new Date().toISOString(), mode: 'repair', origin: 'fleet' },
      ...(publicUrl === undefined ? {} : { publicUrl }),
    };
    try {
      await client.workflow.getHandle(workflowIdOf(account)).signal(OPERATION_SIGNAL, request);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return deferred(account, 'it was taken off meanwhile');
      throw error;
    }
  } else if (!(await isQueued(access, account, operation, before.runId))) {
    return deferred(account, 'something else began at the account since it was looked at');
  }
  for (;;) {
    signal.throwIfAborted();
    const now = await accountNow(access, account);
    if (now.status === 'absent' || now.status === 'cut-off') {
      return { account, outcome: 'failed', reason: 'the account ended before its repair' };
    }
    const outcome = now.runId === runId ? undefined : await ended(access, account, operation, now.runId);
    if (outcome) return outcome;
    if (now.status === 'idle') return deferred(account, 'something else began at the account since it was looked at');
    await delay(POLL_MS, undefined, { signal });
  }
}

/** How the repair ended, by the state with which a later run of the account began; undefined while it has not. */
async function ended(
  access: RegistryAccess,
  account: string,
  operation: string,
  runId: string,
): Promise<RepairOutcome | undefined> {
  const { commands, queue, lastOperation } = await readAccountState(access, {
    workflowId: workflowIdOf(account),
    runId,
  });
  if (!commands.includes(operation) || queue.some((each) => each.runId === operation)) return undefined;
  if (lastOperation?.id !== operation) {
    return { account, outcome: 'repaired', reason: 'another operation has followed the repair' };
  }
  if (lastOperation.status === 'succeeded') return { account, outcome: 'repaired', reason: null };
  return { account, outcome: 'failed', reason: lastOperation.reason ?? `the repair ended ${lastOperation.status}` };
}

/** Whether an attempt before this one has queued the repair: the account has taken it, or will. */
async function isQueued(access: RegistryAccess, account: string, operation: string, runId: string): Promise<boolean> {
  const run = { workflowId: workflowIdOf(account), runId };
  const { commands } = await readAccountState(access, run);
  return commands.includes(operation) || (await wasSent(access, run, operation));
}

function deferred(account: string, reason: string): RepairOutcome {
  return { account, outcome: 'deferred', reason };
}
