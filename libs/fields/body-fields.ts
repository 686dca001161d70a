import { joined, treeOf, type FieldTree } from './field-paths.js';
import type { Limits } from './limits.js';

/** The fields of a node's body: those that a spec gives, and those that the engine writes. */
export function bodyFields(limits: Limits, written: readonly string[] = []): FieldTree {
  return joined([ofLimits(limits), treeOf(written)]);
}

function ofLimits(limits: Limits): FieldTree {
  return {
    field: (name) => {
      const below = limits.field.get(name) ?? limits.anyField;
      return below && ofLimits(below);
    },
    fields: [...limits.field.keys()],
    item: limits.item && ofLimits(limits.item),
  };
}
