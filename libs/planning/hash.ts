import { isJsonObject, type JsonValue, type OnboardingSpec, type PlanNode } from '#libs/contracts/index.js';

/** JSON in which keys are sorted by their UTF-16 units and fields without a value are left out: equal values give equal texts. */
export function canonicalJson(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value ?? null);
  const fields: Record<string, JsonValue | undefined> = value;
  const members = Object.keys(fields)
    .filter((name) => fields[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(fields[name])}`);
  return `{${members.join(',')}}`;
}

/** Hash of a spec whose inline secrets have been replaced by their HMAC. */
export function hashSpec(spec: OnboardingSpec, sha256: (text: string) => string): string {
  return sha256(canonicalJson(spec as unknown as JsonValue));
}

/** Hash of a plan's nodes, before long texts are interned and with inline secrets replaced by their HMAC. */
export function hashNodes(nodes: readonly PlanNode[], sha256: (text: string) => string): string {
  const named = nodes.map(({ vendorLabel: _label, ...node }) => node); // how a vendor is called is no part of the plan
  return sha256(canonicalJson(named as unknown as JsonValue));
}
