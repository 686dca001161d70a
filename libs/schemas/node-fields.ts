import type { FieldTree } from '#libs/fields/field-paths.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

const read = new Map<string, FieldTree>();

/** The fields of a resource's bodies, as its changes name them; undefined for what has no body of its own. */
export function fieldsOf(vendor: string, resource: string): FieldTree | undefined {
  const name = `${vendor}.${resource}`;
  const known = read.get(name);
  if (known) return known;
  const module = VENDOR_MODULES.find((candidate) => candidate.vendor === vendor);
  const fields = module?.section.fields[resource]?.();
  if (fields) read.set(name, fields);
  return fields;
}
