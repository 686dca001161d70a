import {
  isHandedOff,
  type AccountState,
  type ConnectionRef,
  type JsonObject,
  type OwnedResource,
  type PlanNode,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import { expandTexts, fillRefs } from '#libs/planning/index.js';

/** What an account records on one connection, with its nodes as they are wanted. */
export interface RecordedNode {
  node: ResolvedNode;
  recorded: OwnedResource;
  /** Paths of fields that are not compared. */
  ignored: readonly string[];
}

/** The recorded objects of an account on a connection that can be read, in the order of its plan. */
export function recordedOn(state: AccountState, { vendor, name }: ConnectionRef): RecordedNode[] {
  const { plan } = state;
  if (!plan) return [];
  const ignored = ignoredFields(plan.spec);
  const outputs = outputsOf(state);
  return plan.nodes.flatMap((node): RecordedNode[] => {
    const recorded = state.resources.find(({ key }) => key === node.key);
    if (!recorded || node.vendor !== vendor || node.connection !== name || isHandedOff(node)) return [];
    return [{ node: resolved(state, node, outputs), recorded, ignored: ignored[node.key] ?? [] }];
  });
}

/** The conditions of a plan that hang on one of its nodes: whether a vendor has made it work. */
export function conditionsOn(state: AccountState, key: string): ResolvedNode[] {
  const outputs = outputsOf(state);
  return (state.plan?.nodes ?? [])
    .filter(({ waits, needs }) => waits === true && needs.includes(key))
    .map((node) => resolved(state, node, outputs));
}

/** Keys of the nodes that a person has done: nothing of them can be read. */
export function unseenKeys({ plan }: AccountState): string[] {
  return (plan?.nodes ?? []).filter(isHandedOff).map(({ key }) => key);
}

function outputsOf({ resources }: AccountState): Record<string, { id: string }> {
  return Object.fromEntries(resources.map(({ key, externalId }) => [key, { id: externalId }]));
}

function resolved({ plan }: AccountState, node: PlanNode, outputs: Record<string, { id: string }>): ResolvedNode {
  if (!plan) throw new TypeError('an account without a plan has no nodes');
  const body: JsonObject = fillRefs(expandTexts(node.body, plan.texts), outputs);
  return { ...node, body, account: { tenant: plan.tenant, account: plan.account }, installation: plan.installation };
}

function ignoredFields(spec: JsonObject): Record<string, readonly string[]> {
  const ignored = spec['ignoreDrift'];
  return typeof ignored === 'object' && ignored !== null ? (ignored as Record<string, string[]>) : {};
}
