import type { WorkflowService } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Connection } from '#libs/config/connections.js';
import { connectionTaskQueue } from '#libs/contracts/index.js';

const ACTIVITY_QUEUE = proto.temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY;

/** The part of a connection that is asked; both the client's and the worker's have it. */
export interface QueueKeeper {
  workflowService: Pick<WorkflowService, 'describeTaskQueue' | 'updateTaskQueueConfig'>;
}

/** The part of a connection's settings by which its queue is limited. */
export type LimitedConnection = Pick<Connection, 'vendor' | 'name'> & { limits: { requestsPerSecond: number } };

export interface QueueLimitOptions {
  /** Ends the work between two queues. */
  signal: AbortSignal;
  /** Told per queue that cannot be set; the others go on. */
  onFault: (taskQueue: string, error: unknown) => void;
}

/**
 * Writes each connection's `requestsPerSecond` into its task queue, where the server keeps another. A worker's own setting is lifted
 * by any worker that has none; the queue's own outranks them all. One after the other, since all queues share one lock (105 ms each,
 * `docs/temporal.md` §8): run it in the background.
 * @returns the queues that were changed.
 */
export async function keepQueueLimits(
  connection: QueueKeeper,
  namespace: string,
  connections: readonly LimitedConnection[],
  { signal, onFault }: QueueLimitOptions,
): Promise<string[]> {
  const changed: string[] = [];
  for (const { vendor, name, limits } of connections) {
    if (signal.aborted) break;
    const taskQueue = connectionTaskQueue(vendor, name);
    const { requestsPerSecond } = limits;
    try {
      const { config } = await connection.workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: taskQueue },
        taskQueueType: ACTIVITY_QUEUE,
        reportConfig: true,
      });
      // The server keeps a 32-bit float: 0.1 comes back as 0.10000000149.
      const kept = config?.queueRateLimit?.rateLimit?.requestsPerSecond;
      if (kept !== undefined && kept !== null && Math.fround(kept) === Math.fround(requestsPerSecond)) continue;
      await connection.workflowService.updateTaskQueueConfig({
        namespace,
        identity: 'gangway-worker',
        taskQueue,
        taskQueueType: ACTIVITY_QUEUE,
        updateQueueRateLimit: {
          rateLimit: { requestsPerSecond },
          reason: 'limits.requestsPerSecond of the connection',
        },
      });
      changed.push(taskQueue);
    } catch (error) {
      onFault(taskQueue, error);
    }
  }
  return changed;
}
