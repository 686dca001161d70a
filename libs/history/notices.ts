import { ApplicationFailure } from '@temporalio/common';
import proto from '@temporalio/proto';
import {
  DELIVERY_CODES,
  receiverOfActivityId,
  type DeliveryFailureDetails,
  type DeliveryFault,
} from '#libs/contracts/index.js';
import { updateNotice, type DeliveryNews, type Job, type Notice } from '#libs/progress/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { describeRun, type Description } from './describe.js';
import type { Engine } from './engine.js';
import { eventNumber, isoTime, type HistoryEvent, type RunRef } from './event.js';
import { readHistory } from './history.js';

const { PendingActivityState } = proto.temporal.api.enums.v1;

/**
 * Brings the notices of a job up to date whose end its own history does not tell, because they go on or because the job closed
 * before. Returns those of which more is known than before.
 */
export async function refreshNotices(engine: Engine, job: Job): Promise<Notice[]> {
  const open = [...job.notices.values()].filter(({ ended }) => !ended);
  const changed = await Promise.all(
    open.map(async (notice) => updateNotice(notice, (await readDeliveries(engine, notice)) ?? [])),
  );
  return open.filter((_, index) => changed[index]);
}

/** What the history of a delivery and its open activities tell, by receiver; undefined when it is not there (any more). */
async function readDeliveries(
  engine: Engine,
  { workflowId, runId, deliveries }: Notice,
): Promise<DeliveryNews[] | undefined> {
  if (runId === null) return undefined;
  const run = { workflowId, runId };
  try {
    const [description, events] = await Promise.all([describeRun(engine, run), readHistory(engine, run)]);
    const news = await toldByHistory(engine, run, events);
    for (const activity of description?.pendingActivities ?? []) {
      const index = receiverOfActivityId(activity.activityId ?? '');
      const known = index === undefined ? undefined : news[index];
      // The history was read a moment before or after: what it knows to have ended has.
      if (index !== undefined && (!known || isOpen(known))) news[index] = await pendingNews(engine, run, activity);
    }
    if (!events.some(isEnd)) return news;
    // What had no outcome when somebody ended the workflow never gets one.
    return deliveries.map((_, index) => {
      const known = news[index] ?? FRESH;
      return isOpen(known)
        ? { ...known, status: 'failed', lastError: { ...faultOf(undefined), retryAt: null } }
        : known;
    });
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

async function toldByHistory(engine: Engine, run: RunRef, events: readonly HistoryEvent[]): Promise<DeliveryNews[]> {
  const news: DeliveryNews[] = [];
  const receivers = new Map<number, number>();
  const change = (scheduledEventId: Parameters<typeof eventNumber>[0], more: Partial<DeliveryNews>): void => {
    const index = receivers.get(eventNumber(scheduledEventId));
    if (index !== undefined) news[index] = { ...FRESH, ...news[index], ...more };
  };
  for (const event of events) {
    const { activityTaskScheduledEventAttributes: scheduled, activityTaskStartedEventAttributes: started } = event;
    const { activityTaskCompletedEventAttributes: completed, activityTaskFailedEventAttributes: failed } = event;
    const index = receiverOfActivityId(scheduled?.activityId ?? '');
    if (index !== undefined) receivers.set(eventNumber(event.eventId), index);
    if (started) change(started.scheduledEventId, { attempts: started.attempt ?? 1 });
    if (completed) change(completed.scheduledEventId, { status: 'delivered', lastError: null });
    const lost = event.activityTaskTimedOutEventAttributes ?? event.activityTaskCanceledEventAttributes;
    if (failed) {
      const fault = faultOf(await engine.decoder.failure(failed.failure, run.workflowId));
      change(failed.scheduledEventId, { status: 'failed', lastError: { ...fault, retryAt: null } });
    } else if (lost) {
      change(lost.scheduledEventId, { status: 'failed', lastError: { ...faultOf(undefined), retryAt: null } });
    }
  }
  return news;
}

type PendingActivity = NonNullable<Description['pendingActivities']>[number];

async function pendingNews(engine: Engine, run: RunRef, activity: PendingActivity): Promise<DeliveryNews> {
  const waits = activity.state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED;
  const attempts = (activity.attempt ?? 1) - (waits ? 1 : 0);
  const failure = await engine.decoder.failure(activity.lastFailure, run.workflowId);
  if (!failure) return { ...FRESH, attempts };
  const retryAt = waits ? isoTime(activity.nextAttemptScheduleTime) : null;
  return { status: 'retrying', attempts, lastError: { ...faultOf(failure), retryAt } };
}

const FRESH: DeliveryNews = { status: 'pending', attempts: 0, lastError: null };

function isOpen({ status }: DeliveryNews): boolean {
  return status === 'pending' || status === 'retrying';
}

function isEnd(event: HistoryEvent): boolean {
  const ends = [
    event.workflowExecutionCompletedEventAttributes,
    event.workflowExecutionFailedEventAttributes,
    event.workflowExecutionCanceledEventAttributes,
    event.workflowExecutionTerminatedEventAttributes,
    event.workflowExecutionTimedOutEventAttributes,
  ];
  return ends.some(Boolean);
}

function faultOf(error: Error | undefined): DeliveryFault {
  const code = error instanceof ApplicationFailure ? DELIVERY_CODES.find((known) => known === error.type) : undefined;
  if (!(error instanceof ApplicationFailure) || code === undefined) {
    return { code: 'NOT_DELIVERED', message: 'The try was cut off.', httpStatus: null };
  }
  const { httpStatus = null } = (error.details?.[0] ?? {}) as Partial<DeliveryFailureDetails>;
  return { code, message: error.message, httpStatus };
}
