import {
  notifyEventFromWorkflowId,
  type AccountState,
  type Command,
  type OperationRequest,
} from '#libs/contracts/index.js';
import type { JobEvent } from '#libs/progress/index.js';
import type { Engine } from './engine.js';
import { isoTime, searchAttributes, type HistoryEvent, type RunRef } from './event.js';
import { readFirstEvent, readHistory } from './history.js';
import { decodeCommand, decodeRequest } from './job-events.js';
import { decodeNoticeEvent } from './notice-events.js';

/** How a run of an account ended. */
export type AccountEnd = 'cancelled' | 'ended' | 'terminated' | 'continued';

/** What the history of one run of an account holds: one operation, or none yet. */
export interface AccountHistory {
  run: RunRef;
  /** The account's whole state as the run began. */
  state: AccountState;
  /** When the run began. */
  startedAt: string;
  /** The run that continued as this one; null for the first. */
  formerRunId: string | null;
  /** The run of the operation that this run started; null while it has started none. */
  operation: (RunRef & { type: string; jobRunId: string | null }) | null;
  /** Operations that were queued by signals while it ran, in order. */
  queued: OperationRequest[];
  /** `runId` of the operation that is being started; null before. */
  starting: string | null;
  commands: { command: Command; at: string }[];
  /** What it told of operations that never began. */
  notices: JobEvent[];
  end: { how: AccountEnd; at: string; nextRunId: string | null } | null;
}

/** The operations that wait in an account's run, or have been started by it, in order of acceptance. */
export function lineOf({ state, queued }: AccountHistory): OperationRequest[] {
  const known = new Set(state.queue.map(({ runId }) => runId));
  return [...state.queue, ...queued.filter(({ runId }) => !known.has(runId))];
}

/** Reads one run of an account. Throws gRPC "not found" when the run is not there any more. */
export async function readAccountHistory(engine: Engine, run: RunRef): Promise<AccountHistory> {
  return accountHistory(engine, run, await readHistory(engine, run));
}

/** The state with which an account's run began; without its later events. */
export async function readAccountState(engine: Engine, run: RunRef): Promise<AccountState> {
  const first = await readFirstEvent(engine, run);
  return stateOf(engine, run, first);
}

/** Reads what some events of an account's run tell; the first of them must be the run's first. */
export async function accountHistory(
  engine: Engine,
  run: RunRef,
  events: readonly HistoryEvent[],
): Promise<AccountHistory> {
  const history: AccountHistory = {
    run,
    state: await stateOf(engine, run, events[0]),
    startedAt: timeOf(events[0]),
    formerRunId: events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null,
    operation: null,
    queued: [],
    starting: null,
    commands: [],
    notices: [],
    end: null,
  };
  for (const event of events) await addEvent(engine, history, event);
  return history;
}

/** Adds one more event to what is known of an account's run. */
export async function addEvent(engine: Engine, history: AccountHistory, event: HistoryEvent): Promise<void> {
  const child = event.childWorkflowExecutionStartedEventAttributes;
  const { workflowId, runId } = child?.workflowExecution ?? {};
  if (child && notifyEventFromWorkflowId(workflowId ?? '') === undefined) {
    const jobRunId = history.starting;
    history.operation = {
      workflowId: workflowId ?? '',
      runId: runId ?? '',
      type: child.workflowType?.name ?? '',
      jobRunId,
    };
  }
  const initiated = event.startChildWorkflowExecutionInitiatedEventAttributes;
  if (initiated && notifyEventFromWorkflowId(initiated.workflowId ?? '') === undefined) {
    history.starting = searchAttributes(initiated.searchAttributes?.indexedFields).Job ?? null;
  }
  const request = await decodeRequest(event, history.run.workflowId, engine.decoder);
  if (request && !history.queued.some((known) => known.runId === request.runId)) history.queued.push(request);
  const command = await decodeCommand(event, history.run.workflowId, engine.decoder);
  if (command) history.commands.push({ command, at: timeOf(event) });
  const notice = await decodeNoticeEvent(event, engine.decoder);
  if (notice) history.notices.push({ eventId: 0, at: timeOf(event), ...notice });
  history.end ??= endOf(event);
}

async function stateOf(engine: Engine, run: RunRef, first: HistoryEvent | undefined): Promise<AccountState> {
  const input = first?.workflowExecutionStartedEventAttributes?.input;
  return (await engine.decoder.value(input, run.workflowId)) as AccountState;
}

function endOf(event: HistoryEvent): AccountHistory['end'] {
  const end = (how: AccountEnd, nextRunId: string | null = null): AccountHistory['end'] => ({
    how,
    at: timeOf(event),
    nextRunId,
  });
  if (event.workflowExecutionCanceledEventAttributes) return end('cancelled');
  if (event.workflowExecutionCompletedEventAttributes ?? event.workflowExecutionFailedEventAttributes) {
    return end('ended');
  }
  if (event.workflowExecutionTerminatedEventAttributes ?? event.workflowExecutionTimedOutEventAttributes) {
    return end('terminated');
  }
  const continued = event.workflowExecutionContinuedAsNewEventAttributes;
  return continued ? end('continued', continued.newExecutionRunId ?? null) : null;
}

function timeOf(event: HistoryEvent | undefined): string {
  return isoTime(event?.eventTime) ?? new Date(0).toISOString();
}
