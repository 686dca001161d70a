import { scheduleActivity } from '@temporalio/workflow';
import { scanActivityType, scanTaskQueue, type ScanInput, type ScanResult } from '#libs/contracts/index.js';

/** How long a scan waits for a worker that serves its connection. */
const START_LIMIT = '10m';
const LONGEST_SCAN = '24h';

/**
 * Compares one connection's accounts with what its lists show; writes nothing. Its id keeps two from running side by side. An attempt
 * that broke off begins at the first page.
 * @throws ActivityFailure when no worker serves the connection, or Temporal did not answer the scan again and again
 */
export async function scanConnection(input: ScanInput): Promise<ScanResult> {
  const { vendor, name } = input.connection;
  return scheduleActivity<ScanResult>(scanActivityType(vendor), [input], {
    activityId: 'list',
    taskQueue: scanTaskQueue(input.connection),
    summary: `scans ${vendor}/${name}`.slice(0, 40),
    scheduleToStartTimeout: START_LIMIT,
    startToCloseTimeout: LONGEST_SCAN,
    heartbeatTimeout: '10s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 10 },
    priority: { priorityKey: 5 },
  });
}
