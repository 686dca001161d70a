import { ApplicationFailure } from '@temporalio/common';
import {
  hostOf,
  notifyEventFromWorkflowId,
  type Delivery,
  type NotifyInput,
  type NotifyResult,
} from '#libs/contracts/index.js';
import type { JobEvent } from '#libs/progress/index.js';
import type { Decoder } from '#libs/temporal/decode.js';
import type { HistoryEvent, RunRef } from './event.js';

type NoticeEvent = Extract<JobEvent, { type: 'notice' | 'notice-started' | 'notice-ended' }>;
type Body = NoticeEvent extends infer Each ? (Each extends unknown ? Omit<Each, 'eventId' | 'at'> : never) : never;

/** What an event of a job's history says about the workflows that deliver its notifications; undefined for all others. */
export async function decodeNoticeEvent(event: HistoryEvent, decoder: Decoder): Promise<Body | undefined> {
  const {
    startChildWorkflowExecutionInitiatedEventAttributes: asked,
    childWorkflowExecutionStartedEventAttributes: started,
    childWorkflowExecutionCompletedEventAttributes: completed,
    childWorkflowExecutionFailedEventAttributes: failed,
  } = event;
  const ended =
    event.childWorkflowExecutionCanceledEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.startChildWorkflowExecutionFailedEventAttributes;
  const execution = (started ?? completed ?? failed ?? event.childWorkflowExecutionCanceledEventAttributes)
    ?.workflowExecution;
  const workflowId = asked?.workflowId ?? execution?.workflowId ?? idOf(ended) ?? '';
  const name = notifyEventFromWorkflowId(workflowId);
  if (name === undefined) return undefined;
  if (asked) {
    const { id, receivers } = (await decoder.value(asked.input, workflowId)) as NotifyInput;
    return { type: 'notice', workflowId, id, event: name, hosts: receivers.map(({ url }) => hostOf(url)) };
  }
  if (started) return { type: 'notice-started', workflowId, runId: execution?.runId ?? '' };
  if (completed) {
    const { deliveries } = (await decoder.value(completed.result, workflowId)) as NotifyResult;
    return { type: 'notice-ended', workflowId, outcomes: deliveries };
  }
  const outcomes = failed ? outcomesOf(await decoder.failure(failed.failure, workflowId)) : null;
  return { type: 'notice-ended', workflowId, outcomes };
}

function outcomesOf(error: Error | undefined): Delivery[] | null {
  if (!(error instanceof ApplicationFailure) || error.type !== 'NOT_DELIVERED') return null;
  return (error.details?.[0] as NotifyResult | undefined)?.deliveries ?? null;
}

function idOf(attributes: object | null | undefined): string | undefined {
  if (!attributes) return undefined;
  if ('workflowExecution' in attributes) return (attributes.workflowExecution as RunRef | null)?.workflowId;
  return 'workflowId' in attributes ? (attributes.workflowId as string) : undefined;
}
