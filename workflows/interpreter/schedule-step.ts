import { scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  activityType,
  connectionTaskQueue,
  stepName,
  type PlanNode,
  type Verb,
} from '#libs/contracts/index.js';
import { vendorStep, type Urgency } from './activity-options.js';
import { escape } from './escape.js';

/** A verb of one node. */
export type StepVerb = Exclude<Verb, 'look' | 'inspect'>;

/** Schedules one step of a node on its connection's queue; `summary` is what the Temporal UI shows behind its title. */
export function scheduleStep<R>(
  node: PlanNode,
  verb: StepVerb,
  input: unknown,
  summary: string,
  { tenant, urgency }: { tenant: string; urgency?: Urgency | undefined },
): Promise<R> {
  const queue = connectionTaskQueue(node.vendor, node.connection);
  const id = activityId(stepName(node), verb);
  const options = vendorStep(queue, id, `${escape(node.title)}: ${summary}`, urgency ?? urgencyOf(node, verb), tenant);
  return scheduleActivity<R>(activityType(node.vendor, node.resource, verb), [input], options);
}

/** What ends a job, or takes it back, goes before what carries it on, and that before what begins it. */
function urgencyOf({ needs }: PlanNode, verb: StepVerb): Urgency {
  if (verb !== 'ensure') return 1;
  return needs.length === 0 ? 3 : 2;
}
