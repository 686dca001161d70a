import type { Plan, PlanNode } from '#libs/contracts/index.js';

/** A plan, or what of it the order depends on. */
export type Graph = Pick<Plan, 'nodes'>;

/** The node with a key. Throws when the plan has none: the caller mixes two plans. */
export function nodeOf(plan: Graph, key: string): PlanNode {
  const node = plan.nodes.find((n) => n.key === key);
  if (!node) throw new RangeError(`The plan has no node "${key}".`);
  return node;
}

/** Keys of all nodes that need a node, directly or through others, in plan order; without the node itself. */
export function dependants(plan: Graph, key: string): string[] {
  const reached = new Set([key]);
  // Plan order is dependency order, so whatever a node needs has been looked at before it.
  for (const node of plan.nodes) if (node.needs.some((need) => reached.has(need))) reached.add(node.key);
  reached.delete(key);
  return [...reached];
}

/** Nodes that can start now: not started, not done, and all that they need is done. In plan order. */
export function readyNodes(plan: Graph, doneKeys: ReadonlySet<string>, startedKeys: ReadonlySet<string>): PlanNode[] {
  return plan.nodes.filter(
    (node) => !doneKeys.has(node.key) && !startedKeys.has(node.key) && node.needs.every((need) => doneKeys.has(need)),
  );
}

/** All keys such that each node comes before whatever it needs: the order in which a plan is undone. */
export function undoOrder(plan: Graph): string[] {
  return plan.nodes.map((node) => node.key).reverse();
}

/** Keys of the longest chain of nodes of which each needs the one before; of several equally long ones the first in plan order. */
export function criticalPath(plan: Graph): string[] {
  const paths = new Map<string, string[]>();
  let longest: string[] = [];
  for (const node of plan.nodes) {
    const before = node.needs.map((need) => paths.get(need) ?? []);
    const path = [...before.reduce<string[]>((best, p) => (p.length > best.length ? p : best), []), node.key];
    paths.set(node.key, path);
    if (path.length > longest.length) longest = path;
  }
  return longest;
}

/** The nodes in dependency order, otherwise in the order given. Throws on a key that is there twice, a need that is not there, or a cycle. */
export function inDependencyOrder(nodes: readonly PlanNode[]): PlanNode[] {
  const keys = new Set(nodes.map((node) => node.key));
  if (keys.size !== nodes.length) throw new RangeError('Two nodes of the plan have the same key.');
  const placed = new Set<string>();
  const ordered: PlanNode[] = [];
  while (ordered.length < nodes.length) {
    const next = nodes.find((node) => !placed.has(node.key) && node.needs.every((need) => placed.has(need)));
    if (!next)
      throw new RangeError('The nodes of the plan need each other in a circle, or need one that is not there.');
    placed.add(next.key);
    ordered.push(next);
  }
  return ordered;
}
