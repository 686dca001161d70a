import type { ActivityOptions } from '@temporalio/workflow';

/** Summaries longer than this run out of the UI's timeline. */
const SUMMARY_LIMIT = 40;

/**
 * Which of many waiting steps of a connection is performed first: the one that is further along. So few accounts are half made at
 * any time, and a step whose worker died does not wait behind the starts of all others. 1 is the most urgent of Temporal's five;
 * what nobody waits for (reconciliation) has the fifth.
 */
export type Urgency = 1 | 2 | 3 | 4;

/**
 * One step at a vendor. Retries are paced by the activity itself (`nextRetryDelay`); the policy here holds for attempts that never
 * answered. There is no schedule-to-close limit: it would count the wait for a worker. A cancellation lets the open call end.
 */
export function vendorStep(taskQueue: string, activityId: string, summary: string, urgency: Urgency): ActivityOptions {
  return {
    taskQueue,
    activityId,
    summary: summary.slice(0, SUMMARY_LIMIT),
    startToCloseTimeout: '30m',
    heartbeatTimeout: '5s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '10s' },
    priority: { priorityKey: urgency },
  };
}
