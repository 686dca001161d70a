import type { JsonObject, JsonValue, NodeRef, Plan, PlanNode, ResolvedNode } from '#libs/contracts/index.js';
import { rewriteObject, soleField } from './json-walk.js';
import { expandTexts } from './texts.js';

/** What nodes have produced: node key -> field -> value. */
export type Outputs =
  ReadonlyMap<string, Readonly<Record<string, string>>> | Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A reference to what another node produces. */
export function ref(key: string, field = 'id'): NodeRef & JsonObject {
  return { $ref: `${key}.${field}` };
}

/** Reads a reference; splits at the last dot, as node keys hold dots. Undefined for any other value. */
export function parseRef(value: JsonValue): { key: string; field: string } | undefined {
  const text = soleField(value, '$ref');
  if (typeof text !== 'string') return undefined;
  const at = text.lastIndexOf('.');
  return at < 1 ? undefined : { key: text.slice(0, at), field: text.slice(at + 1) };
}

/** Keys of the nodes that a body refers to, each once, in the order in which they appear. */
export function refsOf(body: JsonObject): string[] {
  const keys = new Set<string>();
  rewriteObject(body, (value) => {
    const found = parseRef(value);
    if (!found) return undefined;
    keys.add(found.key);
    return null;
  });
  return [...keys];
}

/** References (`node.field`) that a body still holds: those that `resolveNode` could not fill in. Each once, in order of appearance. */
export function unresolvedRefs(body: JsonObject): string[] {
  const texts = new Set<string>();
  rewriteObject(body, (value) => {
    const found = parseRef(value);
    if (!found) return undefined;
    texts.add(`${found.key}.${found.field}`);
    return null;
  });
  return [...texts];
}

/** A body with the references filled in that `outputs` knows; the others stay. */
export function fillRefs(body: JsonObject, outputs: Outputs): JsonObject {
  return rewriteObject(body, (value) => {
    const found = parseRef(value);
    return found ? (output(outputs, found.key, found.field) ?? value) : undefined;
  });
}

/** A node as an activity gets it: long texts put back, references filled in from `outputs`; those not known yet stay references. */
export function resolveNode(plan: Plan, node: PlanNode, outputs: Outputs): ResolvedNode {
  const body = fillRefs(expandTexts(node.body, plan.texts), outputs);
  return { ...node, body, account: { tenant: plan.tenant, account: plan.account }, installation: plan.installation };
}

function output(outputs: Outputs, key: string, field: string): string | undefined {
  const fields = isMap(outputs) ? outputs.get(key) : Object.hasOwn(outputs, key) ? outputs[key] : undefined;
  return fields && Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function isMap(outputs: Outputs): outputs is ReadonlyMap<string, Readonly<Record<string, string>>> {
  return outputs instanceof Map;
}
