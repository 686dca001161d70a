import { executeChild, scheduleActivity } from '@temporalio/workflow';

/** The graph of a plan, and nothing else of it. */
export interface Graph {
  /** Queues that are looked at before anything is done. */
  queues: string[];
  nodes: { key: string; queue: string; needs: string[] }[];
  jobId: string;
}

/** As an account does: the job is a child. */
export async function floorAccount(graph: Graph): Promise<void> {
  await executeChild(floorJob, { args: [graph], workflowId: graph.jobId });
}

/** Steps in the same order as those of an onboarding. */
export async function floorJob({ queues, nodes }: Graph): Promise<void> {
  await Promise.all(queues.map((queue) => step(queue, `look ${queue}`)));
  const done = new Map<string, Promise<void>>();
  for (const { key, queue, needs } of nodes) {
    // Plan order is dependency order: whatever a node needs is in the map already.
    const before = Promise.all(needs.map((each) => done.get(each) ?? Promise.resolve()));
    done.set(
      key,
      before.then(() => step(queue, key)),
    );
  }
  await Promise.all(done.values());
}

function step(taskQueue: string, activityId: string): Promise<void> {
  return scheduleActivity('wait', [], { taskQueue, activityId, startToCloseTimeout: '1m' });
}
