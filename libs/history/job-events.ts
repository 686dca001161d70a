import {
  COMMAND_SIGNAL,
  HANDOFF_MEMO,
  isOperation,
  OPERATION_SIGNAL,
  parseActivityId,
  type Command,
  type Handoff,
  type LineEntry,
  type OperationInput,
  type OperationRequest,
} from '#libs/contracts/index.js';
import type { JobEvent } from '#libs/progress/index.js';
import type { Decoder } from '#libs/temporal/decode.js';
import { eventNumber, isoTime, searchAttributes, type HistoryEvent } from './event.js';
import { closeDetails, stepFault } from './faults.js';
import { decodeNoticeEvent } from './notice-events.js';

/** What one event of an operation's history says about its job; undefined for events that say nothing. */
export async function decodeJobEvent(
  event: HistoryEvent,
  workflowId: string,
  decoder: Decoder,
): Promise<JobEvent | undefined> {
  const body = await decodeBody(event, workflowId, decoder);
  if (!body) return undefined;
  return { eventId: eventNumber(event.eventId), at: isoTime(event.eventTime) ?? new Date(0).toISOString(), ...body };
}

type Distribute<T> = T extends unknown ? Omit<T, 'eventId' | 'at'> : never;
type Body = Distribute<JobEvent>;

async function decodeBody(event: HistoryEvent, workflowId: string, decoder: Decoder): Promise<Body | undefined> {
  const { workflowExecutionStartedEventAttributes: started, activityTaskScheduledEventAttributes: planned } = event;
  if (started) return { type: 'started', input: (await decoder.value(started.input, workflowId)) as OperationInput };
  if (planned) {
    const parsed = parseActivityId(planned.activityId ?? '');
    const queue = planned.taskQueue?.name;
    return parsed && { type: 'scheduled', ...parsed, ...(queue ? { queue } : {}) };
  }
  return (
    (await decodeActivityEnd(event, workflowId, decoder)) ??
    (await decodeSteering(event, workflowId, decoder)) ??
    (await decodeNoticeEvent(event, decoder)) ??
    (await decodeClose(event, workflowId, decoder))
  );
}

async function decodeActivityEnd(event: HistoryEvent, id: string, decoder: Decoder): Promise<Body | undefined> {
  const {
    activityTaskStartedEventAttributes: attempt,
    activityTaskCompletedEventAttributes: completed,
    activityTaskFailedEventAttributes: failed,
    activityTaskTimedOutEventAttributes: timedOut,
    activityTaskCanceledEventAttributes: cancelled,
  } = event;
  if (attempt) {
    const lastFault = stepFault(await decoder.failure(attempt.lastFailure, id));
    const scheduledEventId = eventNumber(attempt.scheduledEventId);
    return { type: 'attempt', scheduledEventId, attempt: attempt.attempt ?? 1, lastFault };
  }
  if (completed) {
    const result = await decoder.value(completed.result, id);
    return { type: 'completed', scheduledEventId: eventNumber(completed.scheduledEventId), result };
  }
  const ended = failed ?? timedOut;
  if (ended) {
    const fault = stepFault(await decoder.failure(ended.failure, id)) ?? stepFault(new Error('no reason was given'));
    return fault ? { type: 'failed', scheduledEventId: eventNumber(ended.scheduledEventId), fault } : undefined;
  }
  return cancelled ? { type: 'cancelled', scheduledEventId: eventNumber(cancelled.scheduledEventId) } : undefined;
}

async function decodeSteering(event: HistoryEvent, id: string, decoder: Decoder): Promise<Body | undefined> {
  const { upsertWorkflowSearchAttributesEventAttributes: upsert } = event;
  if (upsert) return { type: 'attributes', values: searchAttributes(upsert.searchAttributes?.indexedFields) };
  const handoff = event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields?.[HANDOFF_MEMO];
  if (handoff) return { type: 'handoff', handoff: (await decoder.payload(handoff, id)) as Handoff };
  const command = await decodeCommand(event, id, decoder);
  return command && { type: 'command', command };
}

/** The command that a signal event carries; undefined for every other event, and for a signal that is not ours. */
export async function decodeCommand(event: HistoryEvent, id: string, decoder: Decoder): Promise<Command | undefined> {
  const { workflowExecutionSignaledEventAttributes: signal } = event;
  if (signal?.signalName !== COMMAND_SIGNAL) return undefined;
  const command = (await decoder.value(signal.input, id)) as Partial<Command> | undefined;
  return typeof command?.id === 'string' && typeof command.verb === 'string' ? (command as Command) : undefined;
}

/** The operation that a signal event queues; undefined for every other event, and for notes. */
export async function decodeRequest(
  event: HistoryEvent,
  id: string,
  decoder: Decoder,
): Promise<OperationRequest | undefined> {
  const { workflowExecutionSignaledEventAttributes: signal } = event;
  if (signal?.signalName !== OPERATION_SIGNAL) return undefined;
  const entry = (await decoder.value(signal.input, id)) as LineEntry | undefined;
  return typeof entry?.kind === 'string' && isOperation(entry) ? entry : undefined;
}

async function decodeClose(event: HistoryEvent, id: string, decoder: Decoder): Promise<Body | undefined> {
  const none = { details: null, result: null };
  if (event.workflowExecutionCompletedEventAttributes) {
    const result = await decoder.value(event.workflowExecutionCompletedEventAttributes.result, id);
    return { type: 'closed', how: 'completed', ...none, result };
  }
  if (event.workflowExecutionFailedEventAttributes) {
    const failure = await decoder.failure(event.workflowExecutionFailedEventAttributes.failure, id);
    return { type: 'closed', how: 'failed', ...none, details: closeDetails(failure) };
  }
  if (event.workflowExecutionCanceledEventAttributes) return { type: 'closed', how: 'cancelled', ...none };
  const ended = event.workflowExecutionTerminatedEventAttributes ?? event.workflowExecutionTimedOutEventAttributes;
  return ended ? { type: 'closed', how: 'terminated', ...none } : undefined;
}
