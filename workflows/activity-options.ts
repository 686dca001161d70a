import type { ActivityOptions } from '@temporalio/workflow';

/** Summaries longer than this run out of the UI's timeline. */
const SUMMARY_LIMIT = 40;

/**
 * One step at a vendor. Retries are paced by the activity itself (`nextRetryDelay`); the policy here holds for attempts that never
 * answered. There is no schedule-to-close limit: it would count the wait for a worker. A cancellation lets the open call end.
 */
export function vendorStep(taskQueue: string, activityId: string, summary: string): ActivityOptions {
  return {
    taskQueue,
    activityId,
    summary: summary.slice(0, SUMMARY_LIMIT),
    startToCloseTimeout: '30m',
    heartbeatTimeout: '5s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '10s' },
    priority: { priorityKey: 1 },
  };
}
