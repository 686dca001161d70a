import { scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  connectionActivityType,
  connectionTaskQueue,
  isHandedOff,
  type DriftEntry,
  type InspectInput,
  type InspectResult,
  type PlanNode,
  type Standing,
} from '#libs/contracts/index.js';
import { fillRefs, internedBy } from '#libs/planning/index.js';
import { lookStep, type Urgency } from './activity-options.js';

/** What a reading of everything that an account records has shown. */
export interface Inspection {
  found: Omit<DriftEntry, 'since'>[];
  /** Keys of nodes of which nothing but credentials can be read. */
  unseen: string[];
}

/**
 * Compares what an account records with what stands, one activity per connection, side by side. Writes nothing.
 * @throws ActivityFailure when a connection cannot be read: then nothing is known
 */
export async function inspectStanding(
  { plan, resources }: Standing,
  urgency: Urgency,
  keys: ReadonlySet<string> | null = null,
): Promise<Inspection> {
  const outputs = Object.fromEntries(resources.map(({ key, externalId }) => [key, { id: externalId }]));
  const recorded = new Map(resources.map((resource) => [resource.key, resource]));
  const { tenant, account, installation } = plan;
  const ignored = ignoredFields(plan.spec);
  const queues = new Map<string, PlanNode[]>();
  for (const node of plan.nodes.filter(({ key }) => keys === null || keys.has(key))) {
    const queue = connectionTaskQueue(node.vendor, node.connection);
    queues.set(queue, [...(queues.get(queue) ?? []), node]);
  }
  const results = await Promise.all(
    [...queues].map(async ([queue, nodes]) => {
      const [first] = nodes;
      if (!first) return [];
      const { vendor, connection } = first;
      const { bodies, texts } = internedBy(
        nodes.map(({ body }) => fillRefs(body, outputs)),
        plan.texts,
      );
      const input: InspectInput = {
        vendor,
        connection,
        texts,
        nodes: nodes.map((node, i) => ({
          node: { ...node, body: bodies[i] ?? {}, account: { tenant, account }, installation },
          recorded: recorded.get(node.key) ?? null,
          ignored: ignored[node.key] ?? [],
          ...(isHandedOff(node) ? { byPerson: true as const } : {}),
        })),
      };
      const options = lookStep(queue, activityId(queue, 'inspect'), 'compares what stands', urgency, tenant);
      const type = connectionActivityType(vendor, 'inspect');
      return (await scheduleActivity<InspectResult>(type, [input], options)).drift;
    }),
  );
  return { found: results.flat(), unseen: plan.nodes.filter(isHandedOff).map(({ key }) => key) };
}

/** `ignoreDrift` of the spec: per node key the paths that are not compared. */
export function ignoredFields(spec: Standing['plan']['spec']): Record<string, string[]> {
  const ignored = spec['ignoreDrift'];
  return typeof ignored === 'object' && ignored !== null ? (ignored as Record<string, string[]>) : {};
}
