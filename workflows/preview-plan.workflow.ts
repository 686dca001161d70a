import { scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  connectionTaskQueue,
  isHandedOff,
  lookActivityType,
  type LookFinding,
  type LookInput,
  type LookResult,
  type OwnedResource,
  type Plan,
  type PlanNode,
} from '#libs/contracts/index.js';
import { resolveNode } from '#libs/planning/index.js';
import { vendorStep } from './activity-options.js';
import { closing } from './closing.js';
import { readStepFailure } from './step-failure.js';

/** Input of `previewPlan`. */
export interface PreviewInput {
  plan: Plan;
  /** What the account records already; empty for a new one. */
  known: OwnedResource[];
}

/** The look of a dry run: what stands at the vendors for each node of a plan. Writes nothing; a vendor's fault ends it at once. */
export async function previewPlan({ plan, known }: PreviewInput): Promise<{ findings: LookFinding[] }> {
  const queues = new Map<string, PlanNode[]>();
  const handed = plan.nodes.filter(isHandedOff);
  for (const node of plan.nodes.filter((each) => !isHandedOff(each))) {
    const queue = connectionTaskQueue(node.vendor, node.connection);
    queues.set(queue, [...(queues.get(queue) ?? []), node]);
  }
  const results = await Promise.all(
    [...queues].map(async ([queue, nodes]) => {
      const [first] = nodes;
      if (!first) return [];
      const input: LookInput = {
        vendor: first.vendor,
        connection: first.connection,
        nodes: nodes.map((node) => resolveNode(plan, node, {})),
        known,
      };
      const options = {
        ...vendorStep(queue, activityId(queue, 'look'), 'what stands already', 1),
        retry: { maximumAttempts: 1 },
      };
      try {
        return (await scheduleActivity<LookResult>(lookActivityType(first.vendor), [input], options)).findings;
      } catch (error) {
        const failure = readStepFailure(error);
        throw closing(failure.code, failure.message);
      }
    }),
  );
  return { findings: [...results.flat(), ...handed.map(byPerson)] };
}

/** Where a person works the engine cannot look: what stands there is for that person to tell. */
function byPerson({ key }: PlanNode): LookFinding {
  const reason = 'a person is asked to do it; what stands already is not looked at';
  return { key, status: 'missing', externalId: null, before: [], action: 'create', reason };
}
