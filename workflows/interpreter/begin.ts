import { mayBecomeHandoff, type JsonObject, type Plan, type PlanNode } from '#libs/contracts/index.js';
import { LONG_TEXT, resourceSecrets, rewriteObject, selectPaths } from '#libs/planning/index.js';
import { byConnection, type ConnectionNodes, type LookFacts } from './look.js';
import type { NodeRun } from './node-run.js';
import { NodeRuns } from './node-runs.js';
import type { TransitionOptions } from './transition.js';

/** What an operation knows as it begins: what is recorded, brought to what is wanted. One place, for doing it and for foreseeing it. */
export function begin({ from, to, cutOff: plans = [] }: Pick<TransitionOptions, 'from' | 'to' | 'cutOff'>): NodeRuns {
  const cutOff = [...plans].reverse();
  const plan = cutOff[0] ?? to ?? from?.plan;
  if (!plan) throw new RangeError('A transition from nothing to nothing has no nodes.');
  const nodes = new NodeRuns(from, plan, to === null);
  for (const each of cutOff) {
    if (nodes.plan !== each) take(nodes, each);
    nodes.countAsInFlight();
  }
  if (to && nodes.plan !== to) take(nodes, to);
  return nodes;
}

/** Takes another plan; whatever it no longer has is removed last. */
export function take(nodes: NodeRuns, plan: Plan): void {
  const stays = staysIn(plan);
  nodes.correct(plan, stays, dropping(nodes, stays));
}

/** What stands, or may, and does not stay. */
export function dropping(nodes: NodeRuns, stays: (run: NodeRun) => boolean): NodeRun[] {
  for (const run of nodes.all) if (stays(run)) run.leftover = null;
  return nodes.all.filter((run) => !stays(run) && nodes.mayStand(run));
}

/** Whether a node's object goes on in a plan: on its connection, or by a person at the same account of the vendor. */
export function staysIn(plan: Plan): (run: NodeRun) => boolean {
  const next = new Map(plan.nodes.map((node) => [node.key, node]));
  return ({ node }) => {
    const to = next.get(node.key);
    return to !== undefined && (to.connection === node.connection || mayBecomeHandoff(node, to));
  };
}

/** What has not been looked at of what is to be brought to the plan, by its connection. */
export function connectionsToLookAt(nodes: NodeRuns): ConnectionNodes[] {
  const open = nodes.all.filter(({ node, result }) => result === null && !nodes.findings.has(node.key));
  return byConnection(open.map(({ node }) => node));
}

/** What a look is told besides. */
export function factsOf(nodes: NodeRuns): LookFacts {
  return {
    resolved: (node) => nodes.resolvedWithoutTexts(node),
    previous: (node) => shortOnly(node, nodes.byKey.get(node.key)?.previous),
    texts: nodes.plan.texts,
    recordedOn: (vendor, connection) => nodes.recordedOn(vendor, connection),
  };
}

/** A body without its long texts but for secrets: whether they differ is read from what stands, and they would travel twice. */
function shortOnly(node: PlanNode, body: JsonObject | null | undefined): JsonObject | undefined {
  if (!body) return undefined;
  const secrets = resourceSecrets(node.vendor, node.resource).flatMap((path) => selectPaths(body, path));
  const kept = new Set(secrets.map(({ value }) => value));
  const isCut = (item: unknown): boolean => typeof item === 'string' && item.length > LONG_TEXT && !kept.has(item);
  return rewriteObject(body, (item) => (isCut(item) ? '' : undefined));
}
