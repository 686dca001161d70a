import type { WorkflowService } from '@temporalio/client';
import proto from '@temporalio/proto';
import { WORKFLOW_TASK_QUEUE } from '#libs/contracts/index.js';

const { TASK_QUEUE_TYPE_ACTIVITY: ACTIVITIES, TASK_QUEUE_TYPE_WORKFLOW: WORKFLOWS } =
  proto.temporal.api.enums.v1.TaskQueueType;
/** A poll waits for a minute at most, so who has not asked for longer is gone; the server forgets it only after five. Seconds. */
const LAST_SEEN_S = 75;
/** So many queues are asked about at the same time: each takes some milliseconds, and there may be hundreds. */
const AT_ONCE = 8;

/** The part of Temporal's service that is asked. */
export type PollerService = Pick<WorkflowService, 'describeTaskQueue'>;

/**
 * Returns how many processes ask for work of each task queue, by its name.
 * @throws what Temporal throws while it is away
 */
export async function pollersOf(
  service: PollerService,
  namespace: string,
  queues: readonly string[],
  now = Date.now(),
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const left = [...queues];
  const ask = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const taskQueueType = name === WORKFLOW_TASK_QUEUE ? WORKFLOWS : ACTIVITIES;
      const { pollers } = await service.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType });
      const seen = pollers.filter(
        ({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) > now / 1_000 - LAST_SEEN_S,
      );
      counts.set(name, new Set(seen.map(({ identity }) => identity)).size);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return counts;
}
