import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { scheduleActivity, setCurrentDetails } from '@temporalio/workflow';
import {
  DELIVER_ACTIVITY,
  DELIVERY_BACKOFF,
  DELIVERY_TRIES,
  deliverActivityId,
  hostOf,
  WORKFLOW_TASK_QUEUE,
  type DeliverInput,
  type DeliverResult,
  type Delivery,
  type DeliveryFailureDetails,
  type NotifyInput,
  type NotifyReceiver,
  type NotifyResult,
} from '#libs/contracts/index.js';
import { closing } from './interpreter/closing.js';
import { escape } from './interpreter/escape.js';

/**
 * Tells one event of a job to everybody who asked for it. A receiver that does not take it is tried again, whatever becomes of the
 * others. The activity paces its tries; the policy's pauses count only after a try that never answered.
 * @throws ApplicationFailure `NOT_DELIVERED` with `NotifyResult` when a receiver has not taken it in the end
 */
export async function notify(input: NotifyInput): Promise<NotifyResult> {
  const told: (Delivery | undefined)[] = input.receivers.map(() => undefined);
  const describe = (): void => setCurrentDetails(details(input, told));
  describe();
  const deliveries = await Promise.all(
    input.receivers.map(async (receiver, index) => {
      const delivery = await deliver(input, receiver, index);
      told[index] = delivery;
      describe();
      return delivery;
    }),
  );
  const failed = deliveries.filter(({ status }) => status === 'failed');
  const result: NotifyResult = { deliveries };
  if (failed.length === 0) return result;
  const message = failed.map(({ host, lastError }) => `${host}: ${lastError?.message ?? 'not delivered'}`).join('; ');
  throw closing('NOT_DELIVERED', message, [result]);
}

async function deliver({ id, account, body }: NotifyInput, receiver: NotifyReceiver, index: number): Promise<Delivery> {
  const host = hostOf(receiver.url);
  const input: DeliverInput = { id, account, receiver, body };
  try {
    const { attempts } = await scheduleActivity<DeliverResult>(DELIVER_ACTIVITY, [input], {
      taskQueue: WORKFLOW_TASK_QUEUE,
      activityId: deliverActivityId(index),
      summary: `receiver ${index + 1}`,
      startToCloseTimeout: '1m',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      retry: { maximumAttempts: DELIVERY_TRIES, initialInterval: '45s', backoffCoefficient: DELIVERY_BACKOFF },
    });
    return { host, status: 'delivered', attempts, lastError: null };
  } catch (error) {
    return { host, status: 'failed', ...readFailure(error) };
  }
}

function readFailure(error: unknown): Pick<Delivery, 'attempts' | 'lastError'> {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure && cause.details?.[0]) {
    const { attempt, ...fault } = cause.details[0] as DeliveryFailureDetails;
    return { attempts: attempt, lastError: fault };
  }
  const message =
    cause instanceof CancelledFailure
      ? 'It was cancelled in Temporal.'
      : cause instanceof TimeoutFailure
        ? 'The worker that tried it went away.'
        : 'The delivery broke.';
  // Only the last of the tries ends so, or a person ended it: then how often it was tried is not known.
  const attempts = cause instanceof CancelledFailure ? 0 : DELIVERY_TRIES;
  return { attempts, lastError: { code: 'NOT_DELIVERED', message, httpStatus: null } };
}

function details({ receivers, body }: NotifyInput, told: readonly (Delivery | undefined)[]): string {
  const lines = receivers.map(({ url }, index) => {
    const delivery = told[index];
    const why = delivery?.lastError ? `: ${escape(delivery.lastError.message)}` : '';
    return `- **${delivery?.status ?? 'sending'}** ${escape(hostOf(url))}${why}`;
  });
  return [
    `### ${body.type}`,
    ...(body.data.reason === null ? [] : [`> ${escape(body.data.reason)}`, '']),
    ...lines,
  ].join('\n');
}
