import {
  accountWorkflowId,
  isOperation,
  OPERATION_SIGNAL,
  parseAccountId,
  type AccountMemo,
  type AccountState,
  type LineEntry,
} from '#libs/contracts/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import proto from '@temporalio/proto';
import type { RegistryAccess, RunRef } from './access.js';

const { WorkflowExecutionStatus, EventType } = proto.temporal.api.enums.v1;

/** Events of a run that nothing has happened to: it started and waits. Read at once, so that one call tells whether it is idle. */
const EVENTS = 50;

/**
 * How an account stands by a strongly consistent reading. `idle`: this run waits and nothing is on its way to it. `absent`: it ended by
 * itself, or never was. `cut-off`: somebody terminated it, or it timed out, so what it owns stands unclaimed for a while.
 */
export type AccountNow =
  { status: 'idle'; runId: string } | { status: 'busy'; runId: string } | { status: 'absent' } | { status: 'cut-off' };

/** The workflow id of an account by its id in answers. @throws TypeError for one that is none */
export function workflowIdOf(id: string): string {
  const ref = parseAccountId(id);
  if (!ref) throw new TypeError(`${id} is not the id of an account`);
  return accountWorkflowId(ref);
}

/** How an account stands now. @throws whatever Temporal answers but "not found" */
export async function accountNow(access: RegistryAccess, id: string): Promise<AccountNow> {
  const { service, namespace } = access;
  const workflowId = workflowIdOf(id);
  try {
    const described = await service.describeWorkflowExecution({ namespace, execution: { workflowId } });
    const { status, execution } = described.workflowExecutionInfo ?? {};
    const runId = execution?.runId ?? '';
    switch (status) {
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING: {
        if (described.pendingChildren.length > 0) return { status: 'busy', runId };
        return { status: (await hasWork(access, { workflowId, runId })) ? 'busy' : 'idle', runId };
      }
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
        return { status: 'busy', runId }; // the next run is there in a moment
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED:
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
        return { status: (await isLock(access, workflowId, described)) ? 'absent' : 'cut-off' };
      default:
        return { status: 'absent' };
    }
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return { status: 'absent' };
    throw error;
  }
}

type Described = Awaited<ReturnType<RegistryAccess['service']['describeWorkflowExecution']>>;

/** Whether a run only held the lock while orphans were removed: it made nothing, so that nothing of it can stand. */
async function isLock({ decoder }: RegistryAccess, workflowId: string, described: Described): Promise<boolean> {
  try {
    const memo = await decoder.fields(described.workflowExecutionInfo?.memo?.fields, workflowId);
    return (memo as Partial<AccountMemo>).sweep === true;
  } catch {
    return false; // what no key opens may have made something
  }
}

/** The state with which a run of an account began. @throws gRPC "not found" for a run that is not there any more */
export async function readAccountState(access: RegistryAccess, run: RunRef): Promise<AccountState> {
  const { service, namespace, decoder } = access;
  const page = await service.getWorkflowExecutionHistory({ namespace, execution: run, maximumPageSize: 1 });
  const input = page.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input;
  return (await decoder.value(input, run.workflowId)) as AccountState;
}

/** Whether a run of an account has begun an operation, or is about to: one waits in its line, or came by a signal. */
async function hasWork(access: RegistryAccess, run: RunRef): Promise<boolean> {
  const { service, namespace, decoder } = access;
  const page = await service.getWorkflowExecutionHistory({ namespace, execution: run, maximumPageSize: EVENTS });
  const [first, ...events] = page.history?.events ?? [];
  const signalled = events.some(({ eventType }) => eventType === EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED);
  if (signalled || page.nextPageToken.length > 0) return true;
  const input = first?.workflowExecutionStartedEventAttributes?.input;
  return ((await decoder.value(input, run.workflowId)) as AccountState).queue.length > 0;
}

/** Whether an operation was sent to a run of an account by a signal, taken yet or not. */
export async function wasSent(access: RegistryAccess, run: RunRef, operation: string): Promise<boolean> {
  const { service, namespace, decoder } = access;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await service.getWorkflowExecutionHistory({
      namespace,
      execution: run,
      maximumPageSize: EVENTS,
      ...(nextPageToken ? { nextPageToken } : {}),
    });
    for (const { workflowExecutionSignaledEventAttributes: signal } of page.history?.events ?? []) {
      if (signal?.signalName !== OPERATION_SIGNAL) continue;
      const entry = (await decoder.value(signal.input, run.workflowId)) as LineEntry;
      if (isOperation(entry) && entry.runId === operation) return true;
    }
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken);
  return false;
}
