import { scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  connectionActivityType,
  connectionTaskQueue,
  isHandedOff,
  type DroppedObject,
  type JsonObject,
  type LookFinding,
  type LookInput,
  type LookResult,
  type OwnedResource,
  type PlanNode,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import { internedBy } from '#libs/planning/index.js';
import { lookStep, type Urgency } from './activity-options.js';

/** What is looked at on one connection. */
export interface ConnectionNodes {
  queue: string;
  nodes: [PlanNode, ...PlanNode[]];
}

/** What a look needs to know besides the nodes. */
export interface LookFacts {
  resolved(node: PlanNode): ResolvedNode;
  /** The body that stood for a node before; undefined where nothing did. Its texts are those of `texts`, or stand in it. */
  previous?(node: PlanNode): JsonObject | undefined;
  texts: readonly string[];
  recordedOn(vendor: string, connection: string): OwnedResource[];
  /** Objects of the account's that the plan drops. Absent: none. */
  droppedOn?(vendor: string, connection: string): DroppedObject[];
}

/** The nodes that the engine itself does, by their connection, in the order in which connections appear. */
export function byConnection(nodes: readonly PlanNode[]): ConnectionNodes[] {
  const queues = new Map<string, [PlanNode, ...PlanNode[]]>();
  for (const node of nodes) {
    if (isHandedOff(node)) continue;
    const queue = connectionTaskQueue(node.vendor, node.connection);
    const known = queues.get(queue);
    if (known) known.push(node);
    else queues.set(queue, [node]);
  }
  return [...queues].map(([queue, each]) => ({ queue, nodes: each }));
}

/**
 * Looks at what stands on one connection for some nodes of a plan: one activity. Writes nothing.
 * @throws ActivityFailure when the vendor cannot be read
 */
export async function lookAt(
  { queue, nodes }: ConnectionNodes,
  facts: LookFacts,
  tenant: string,
  how: { summary: string; urgency: Urgency; once?: boolean },
): Promise<LookFinding[]> {
  const [{ vendor, connection }] = nodes;
  const { bodies, texts } = internedBy(
    nodes.map((node) => facts.resolved(node).body),
    facts.texts,
  );
  const dropped = facts.droppedOn?.(vendor, connection) ?? [];
  const input: LookInput = {
    vendor,
    connection,
    nodes: nodes.map((node, i) => {
      const previous = facts.previous?.(node);
      return { ...facts.resolved(node), body: bodies[i] ?? {}, ...(previous ? { previous } : {}) };
    }),
    texts,
    known: facts.recordedOn(vendor, connection),
    ...(dropped.length > 0 ? { dropped } : {}),
  };
  const options = lookStep(queue, activityId(queue, 'look'), how.summary, how.urgency, tenant);
  const once = how.once === true ? { retry: { maximumAttempts: 1 } } : {};
  const answer = await scheduleActivity<LookResult>(connectionActivityType(vendor, 'look'), [input], {
    ...options,
    ...once,
  });
  return answer.findings;
}
