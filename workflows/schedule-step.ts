import { scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  activityType,
  connectionTaskQueue,
  stepName,
  type PlanNode,
  type Verb,
} from '#libs/contracts/index.js';
import { escape } from './details.js';
import { vendorStep, type Urgency } from './activity-options.js';

/** Schedules one step of a node on its connection's queue; `summary` is what the Temporal UI shows behind its title. */
export function scheduleStep<R>(
  node: PlanNode,
  verb: Exclude<Verb, 'look'>,
  input: unknown,
  summary: string,
): Promise<R> {
  const queue = connectionTaskQueue(node.vendor, node.connection);
  const id = activityId(stepName(node), verb);
  const options = vendorStep(queue, id, `${escape(node.title)}: ${summary}`, urgencyOf(node, verb));
  return scheduleActivity<R>(activityType(node.vendor, node.resource, verb), [input], options);
}

/** What ends a job, or takes it back, goes before what carries it on, and that before what begins it. */
function urgencyOf({ needs }: PlanNode, verb: Verb): Urgency {
  if (verb !== 'ensure') return 1;
  return needs.length === 0 ? 3 : 2;
}
