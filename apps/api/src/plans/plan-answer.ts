import {
  accountId,
  type BasedOn,
  type Difference,
  type ForeseenAction,
  type ForeseenNode,
  type ForeseenStep,
  type JsonObject,
  type Plan,
  type PlanNode,
} from '#libs/contracts/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { redactBody } from '#libs/onboarding/index.js';

/** A plan as the API shows it (`docs/http.md` §4). */
export interface PlanAnswer {
  id: string;
  /** amend: the account is there, and a PUT would bring it to the spec. */
  kind: 'onboard' | 'amend';
  planHash: string;
  /** The hash of the spec with which it was compared: a PUT with this in `If-Match` changes that one, and no other. Null: with none. */
  baseSpecHash: string | null;
  nodes: PlannedNode[];
  /** What the spec no longer has, in the order in which it would be removed, last of all. */
  removals: Removal[];
  /** Node keys in the order in which they would be undone. */
  undo: string[];
  /** To what an undo would lead. */
  undoLeadsTo: string;
  conflicts: { key: string; reason: string; externalId: string | null }[];
  warnings: Finding[];
  /** The connections that were looked at: no reading of one that the plan rests on began before. */
  basedOn: BasedOn[];
}

export interface PlannedNode extends Pick<PlanNode, 'key' | 'vendor' | 'resource' | 'connection' | 'title' | 'needs'> {
  body: JsonObject;
  /** What the operation would do now; null when the vendors were not looked at. */
  action: ForeseenNode['action'] | null;
  reason: string | null;
  externalId: string | null;
  /** The fields that would be written, secrets hidden. */
  changes: Difference[];
}

export interface Removal extends Pick<ForeseenStep, 'key' | 'vendor' | 'resource' | 'externalId' | 'reason'> {
  /** Null when the vendors were not looked at. */
  action: ForeseenAction | null;
}

/** What a plan is told of besides what the look has shown. */
export interface PlanFacts {
  plan: Plan;
  kind: PlanAnswer['kind'];
  baseSpecHash: string | null;
  undo: string[];
  undoLeadsTo: string;
  warnings: Finding[];
}

/** Shows a plan, with what the look at the vendors has shown of each node; without one nothing is said of them. */
export function planAnswer(
  { plan, kind, baseSpecHash, undo, undoLeadsTo, warnings }: PlanFacts,
  foreseen: readonly ForeseenNode[],
  removals: readonly Removal[],
): PlanAnswer {
  const byKey = new Map(foreseen.map((each) => [each.key, each]));
  const conflicts = foreseen.filter(({ action }) => action === 'conflict');
  return {
    id: accountId(plan),
    kind,
    planHash: plan.planHash,
    baseSpecHash,
    nodes: plan.nodes.map((node) => plannedNode(plan, node, byKey.get(node.key))),
    removals: [...removals],
    undo,
    undoLeadsTo,
    conflicts: conflicts.map(({ key, reason, externalId }) => ({ key, reason, externalId })),
    basedOn: [],
    warnings: [...warnings, ...plan.nodes.flatMap((node) => seenWarnings(node, byKey.get(node.key)))],
  };
}

/** What the look warns of concerns the spec as a whole: no field of it is wrong. */
function seenWarnings({ title }: PlanNode, foreseen: ForeseenNode | undefined): Finding[] {
  return (foreseen?.warnings ?? []).map((message) => ({ pointer: '', message: `${title}: ${message}` }));
}

function plannedNode(plan: Plan, node: PlanNode, foreseen: ForeseenNode | undefined): PlannedNode {
  const { key, vendor, resource, connection, title, needs } = node;
  const body = redactBody(node, plan.texts);
  const named = { key, vendor, resource, connection, title, needs, body };
  if (!foreseen) return { ...named, action: null, reason: null, externalId: null, changes: [] };
  const { action, reason, externalId, changes } = foreseen;
  return { ...named, action, reason, externalId, changes };
}
