import { type JsonObject, type OwnedResource, type Plan, type PlanNode, type Standing } from '#libs/contracts/index.js';
import { canonicalJson, expandTexts, replacePaths, resourceSecrets } from '#libs/planning/index.js';

/**
 * What an account records after an operation, with those traces alone that still tell how the object looks under its plan. A trace that
 * no step has taken anew holds only while the node's body, and the ids of what it refers to, are what they were.
 */
export function withTruthfulTraces(before: Standing | null, after: Standing): OwnedResource[] {
  const formerly = new Map((before?.resources ?? []).map((resource) => [resource.key, resource]));
  return after.resources.map((resource) => {
    const former = formerly.get(resource.key);
    const isOld = resource.trace !== undefined && former?.trace?.mark === resource.trace.mark;
    if (!isOld || !before || sameWish(before, after, resource.key)) return resource;
    return withoutTrace(resource);
  });
}

/** What an account records whose plan stays though an operation may have written another: traces that it has taken are not of this plan. */
export function withFormerTraces(before: readonly OwnedResource[], after: readonly OwnedResource[]): OwnedResource[] {
  const marks = new Map(before.map(({ key, trace }) => [key, trace?.mark]));
  return after.map((resource) =>
    resource.trace?.mark === marks.get(resource.key) ? resource : withoutTrace(resource),
  );
}

function withoutTrace({ trace: _old, ...resource }: OwnedResource): OwnedResource {
  return resource;
}

function sameWish(before: Standing, after: Standing, key: string): boolean {
  const [was, is] = [nodeOf(before.plan, key), nodeOf(after.plan, key)];
  if (!was || !is || was.connection !== is.connection) return false;
  return wishOf(before, was) === wishOf(after, is);
}

function wishOf({ plan, resources }: Standing, node: PlanNode): string {
  const secrets = resourceSecrets(node.vendor, node.resource);
  const body: JsonObject = replacePaths(expandTexts(node.body, plan.texts), secrets, () => null);
  const ids = node.needs.map((key) => resources.find((resource) => resource.key === key)?.externalId ?? '');
  return canonicalJson([body, ids, node.needs]);
}

function nodeOf({ nodes }: Plan, key: string): PlanNode | undefined {
  return nodes.find((node) => node.key === key);
}
