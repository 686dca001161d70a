import type { ActivityOptions } from '@temporalio/workflow';

/** Summaries longer than this run out of the UI's timeline. */
const SUMMARY_LIMIT = 40;

/**
 * Which of many waiting steps of a connection is performed first: the one that is further along. So few accounts are half made at
 * any time, and a step whose worker died does not wait behind the starts of all others. 1 is the most urgent of Temporal's five; what
 * nobody waits for (previews, repairs of the fleet) has the fifth.
 */
export type Urgency = 1 | 2 | 3 | 4 | 5;

/**
 * One step at a vendor. Retries are paced by the activity itself (`nextRetryDelay`); the policy here holds for attempts that never
 * answered. There is no schedule-to-close limit: it would count the wait for a worker. A cancellation lets the open call end. Tenants
 * take turns on a connection's queue, however many steps one of them has waiting.
 */
export function vendorStep(
  taskQueue: string,
  activityId: string,
  summary: string,
  urgency: Urgency,
  tenant: string,
): ActivityOptions {
  return {
    taskQueue,
    activityId,
    summary: summary.slice(0, SUMMARY_LIMIT),
    startToCloseTimeout: '30m',
    heartbeatTimeout: '5s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '10s' },
    priority: { priorityKey: urgency, fairnessKey: tenant },
  };
}

/** A step that reads whole lists: it may take as long as its readings do, which grow with the vendor's tenant. */
export function lookStep(...step: Parameters<typeof vendorStep>): ActivityOptions {
  return { ...vendorStep(...step), startToCloseTimeout: '12h' };
}
