import { mayBecomeHandoff, SEALED_PREFIX, type JsonObject, type Plan } from '#libs/contracts/index.js';
import { LONG_TEXT, rewriteObject } from '#libs/planning/index.js';
import { closing } from './closing.js';
import { byConnection, type ConnectionNodes, type LookFacts } from './look.js';
import type { NodeRun } from './node-run.js';
import { NodeRuns } from './node-runs.js';
import type { TransitionOptions } from './transition.js';

/** What an operation knows as it begins: what is recorded, brought to what is wanted. One place, for doing it and for foreseeing it. */
export function begin({ from, to, cutOff: plans = [] }: Pick<TransitionOptions, 'from' | 'to' | 'cutOff'>): NodeRuns {
  const cutOff = [...plans].reverse();
  const plan = cutOff[0] ?? to ?? from?.plan;
  if (!plan) throw closing('INTERNAL', 'A transition from nothing to nothing has no nodes.');
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
export function factsOf(nodes: NodeRuns, ignored: Readonly<Record<string, string[]>> = {}): LookFacts {
  return {
    resolved: (node) => nodes.resolvedWithoutTexts(node),
    previous: (node) => shortOnly(nodes.byKey.get(node.key)?.previous),
    ignored,
    texts: nodes.plan.texts,
    recordedOn: (vendor, connection) => nodes.recordedOn(vendor, connection),
    droppedOn: (vendor, connection) =>
      nodes.dropped.objects(vendor, connection).map((each) => ({ ...each, body: shortOnly(each.body) ?? {} })),
  };
}

/** A body without its long texts but for sealed ones: whether they differ is read from what stands, and they would travel twice. */
function shortOnly(body: JsonObject | null | undefined): JsonObject | undefined {
  if (!body) return undefined;
  const isCut = (item: unknown): boolean =>
    typeof item === 'string' && item.length > LONG_TEXT && !item.startsWith(SEALED_PREFIX);
  return rewriteObject(body, (item) => (isCut(item) ? '' : undefined));
}
