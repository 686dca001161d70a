import { valueAt, has } from '#libs/fields/raw.js';
import { closestOf, type Hints } from '#libs/text/closest.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

/** Most node keys that a message lists. */
const KEYS_NAMED = 20;

/** A resource of a vendor. */
export interface NodeResource {
  vendor: string;
  resource: string;
  /** Whether the node is a condition on another one's object, and no object itself. */
  waits: boolean;
}

/** The nodes that a spec would be planned into, as far as it can be read: key -> resource. */
export function nodesOf(spec: unknown): Map<string, NodeResource> {
  return new Map(
    VENDOR_MODULES.filter(({ vendor }) => has(spec, vendor)).flatMap(({ vendor, section, resources }) =>
      section.nodes(valueAt(spec, vendor)).map(([key, resource]): [string, NodeResource] => {
        const waits = resources.find(({ name }) => name === resource)?.exists === false;
        return [key, { vendor, resource, waits }];
      }),
    ),
  );
}

/** Judges node keys by those of the plan: what is wrong with one; undefined for one that the plan has and that is an object. */
export function keyJudge(nodes: ReadonlyMap<string, NodeResource>, hints: Hints): (key: string) => string | undefined {
  const keys = [...nodes].flatMap(([key, { waits }]) => (waits ? [] : [key]));
  const closest = closestOf(keys);
  const more = keys.length > KEYS_NAMED ? ` and ${keys.length - KEYS_NAMED} more` : '';
  return (key) => {
    const node = nodes.get(key);
    if (node) return node.waits ? 'names a condition, not an object' : undefined;
    if (keys.length === 0) return "names no node of this spec's plan, which has none";
    const hint = hints.next(() => {
      const near = closest(key);
      return near === undefined ? `known are ${keys.slice(0, KEYS_NAMED).join(', ')}${more}` : `did you mean ${near}?`;
    });
    return `names no node of this spec's plan${hint === undefined ? '' : `; ${hint}`}`;
  };
}
