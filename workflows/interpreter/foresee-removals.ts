import { scheduleActivity } from '@temporalio/workflow';
import {
  activityId,
  blockedReason,
  connectionActivityType,
  connectionTaskQueue,
  isHandedOff,
  type ForeseeInput,
  type ForeseenRemoval,
  type ForeseenStep,
  type ForeseeResult,
  type RemoveInput,
} from '#libs/contracts/index.js';
import { createTextStore } from '#libs/planning/index.js';
import { lookStep } from './activity-options.js';
import type { NodeRun } from './node-run.js';
import type { NodeRuns } from './node-runs.js';
import { PREVIEW_URGENCY } from './outlook.js';

/**
 * Says what the removal of some nodes would do, in the order in which they are given: one activity per connection, side by side. Writes
 * nothing.
 * @param whole - nothing of the account may be left: whatever carries its marker goes too
 * @throws ActivityFailure when a connection cannot be read
 */
export async function foreseeRemovals(
  nodes: NodeRuns,
  runs: readonly NodeRun[],
  whole: boolean,
): Promise<ForeseenStep[]> {
  const queues = new Map<string, NodeRun[]>();
  for (const run of runs) {
    if (isHandedOff(run.node)) continue;
    const queue = connectionTaskQueue(run.node.vendor, run.node.connection);
    queues.set(queue, [...(queues.get(queue) ?? []), run]);
  }
  const found = await Promise.all([...queues].map(([queue, each]) => onConnection(nodes, queue, each, whole)));
  const byKey = new Map<string, ForeseenRemoval[]>();
  for (const each of found.flat()) byKey.set(each.key, [...(byKey.get(each.key) ?? []), each]);
  const left = new Set<NodeRun>();
  return runs.flatMap((run) => {
    const { key, vendor, resource } = run.node;
    const blocking = nodes.referring(run).find((other) => left.has(other));
    const removals = blocking ? [blocked(run, blocking)] : isHandedOff(run.node) ? [byPerson(run)] : byKey.get(key);
    if (removals?.some(({ leftover }) => leftover)) left.add(run);
    return (removals ?? []).map((told) => ({ ...told, vendor, resource }));
  });
}

async function onConnection(
  nodes: NodeRuns,
  queue: string,
  runs: readonly NodeRun[],
  whole: boolean,
): Promise<ForeseenRemoval[]> {
  const [first] = runs;
  if (!first) return [];
  const { vendor, connection } = first.node;
  const told = runs.map((run) => nodes.removal(run));
  const store = createTextStore();
  const removals = told.map((each): RemoveInput => ({
    ...each,
    node: { ...each.node, body: store.intern(each.node.body) },
  }));
  const input: ForeseeInput = { vendor, connection, removals, texts: store.texts, whole };
  const id = activityId(queue, 'foresee');
  const options = lookStep(queue, id, 'what would be removed', PREVIEW_URGENCY, nodes.plan.tenant);
  const type = connectionActivityType(vendor, 'foresee');
  const once = { ...options, retry: { maximumAttempts: 1 } };
  return (await scheduleActivity<ForeseeResult>(type, [input], once)).removals;
}

function byPerson({ node, standsAs }: NodeRun): ForeseenRemoval {
  const reason = 'a person is asked to remove it';
  const externalId = standsAs?.externalId ?? null;
  return { key: node.key, externalId, action: 'person', reason, changes: [], leftover: false };
}

function blocked({ node, standsAs }: NodeRun, blocking: NodeRun): ForeseenRemoval {
  const reason = blockedReason(blocking.node.title);
  return {
    key: node.key,
    externalId: standsAs?.externalId ?? null,
    action: 'keep',
    reason,
    changes: [],
    leftover: true,
  };
}
