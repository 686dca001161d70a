import { scheduleActivity } from '@temporalio/workflow';
import { activityId, activityType, connectionTaskQueue, type PlanNode, type Verb } from '#libs/contracts/index.js';
import { vendorStep } from './activity-options.js';

/** Schedules one step of a node on its connection's queue; `summary` is what the Temporal UI shows behind its title. */
export function scheduleStep<R>(
  node: PlanNode,
  verb: Exclude<Verb, 'look'>,
  input: unknown,
  summary: string,
): Promise<R> {
  const queue = connectionTaskQueue(node.vendor, node.connection);
  const options = vendorStep(queue, activityId(node.key, verb), `${node.title}: ${summary}`);
  return scheduleActivity<R>(activityType(node.vendor, node.resource, verb), [input], options);
}
