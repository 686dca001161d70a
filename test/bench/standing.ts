import { formatMarker, parseMarker, type JsonObject, type Plan } from '#libs/contracts/index.js';
import type { SandboxState } from '#apps/sandbox/src/sandbox.js';

/** How what stands at the vendors differs from what plans say. */
export interface Difference {
  /** Objects besides the one that a node should have. */
  duplicates: number;
  /** Nodes that have none. */
  missing: number;
}

/** Counts the objects of each node of some plans: by their marker, webhooks by their app and target. */
export function standing(objects: SandboxState['objects'], plans: readonly Plan[]): Difference {
  const all = Object.values(objects).flatMap((kinds) => Object.values(kinds).flat());
  const byMarker = new Map<string, JsonObject[]>();
  for (const object of all) {
    const marker = markerOf(object);
    if (marker !== undefined) byMarker.set(marker, [...(byMarker.get(marker) ?? []), object]);
  }
  const counts = plans.flatMap(({ nodes }) => {
    const marked = nodes.filter(({ marker }) => marker !== '').map(({ marker }) => byMarker.get(marker) ?? []);
    const ids = new Set(marked.flat().map(({ id }) => id));
    const webhooks = nodes
      .filter(({ resource }) => resource === 'webhook')
      .map(({ body }) => all.filter((o) => o['target'] === body['target'] && ids.has(o['app_id'])));
    return [...marked, ...webhooks].map((found) => found.length);
  });
  return {
    duplicates: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    missing: counts.filter((count) => count === 0).length,
  };
}

function markerOf(object: JsonObject): string | undefined {
  for (const text of [object['description'], object['display_name']]) {
    const marker = typeof text === 'string' ? parseMarker(text) : undefined;
    if (marker) return formatMarker(marker);
  }
  return undefined;
}
