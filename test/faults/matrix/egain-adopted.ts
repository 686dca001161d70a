import { parseMarker, type JsonObject } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import { secretValues } from '#libs/vendors/common/index.js';
import type { ChainObject, Held } from './chain.js';
import type { EgainObject } from './egain-objects.js';

/** Where a person's object has what ours has for its marker. */
const PERSONS_DESCRIPTION = "a person's";
/** Set by the vendor with each write, so that nobody can put it back. */
export const SET_BY_WRITES = 'modified';

/** A person's object in place of one of ours: the same name, no marker, secrets of its own, and another state. */
export function personsOf({ changed, resource }: EgainObject): JsonObject {
  let text = JSON.stringify(changed);
  for (const secret of secretValues(changed, resource.secrets)) {
    text = text.replaceAll(JSON.stringify(secret), JSON.stringify(`${PERSONS_DESCRIPTION} ${secret}`));
  }
  const object = JSON.parse(text) as JsonObject;
  const markers = Object.entries(object).filter(([, value]) => typeof value === 'string' && parseMarker(value));
  for (const [name] of markers) {
    const isKey = resource.key({ ...object, [name]: 'other' }) !== resource.key(object);
    object[name] = isKey ? resource.key(object) : PERSONS_DESCRIPTION;
  }
  return object;
}

/** What success makes of a person's object: the fields that differ from the plan are brought to it. Undefined for one of nobody's. */
export function takenOver({ kind, object }: Held, objects: readonly EgainObject[]): Held | undefined {
  const made = objects.find((each) => each.id === object['id']);
  if (!made || made.resource.shared) return undefined;
  const planned = Object.fromEntries(differing(made).map((name) => [name, made.stored[name] ?? null]));
  return { kind, object: { ...object, ...planned } };
}

/** Fields in which an object that stood differs from what is planned. */
function differing({ stored, changed }: Pick<EgainObject, 'stored' | 'changed'> & ChainObject): string[] {
  return Object.keys(changed).filter(
    (name) => name !== SET_BY_WRITES && canonicalJson(changed[name] ?? null) !== canonicalJson(stored[name] ?? null),
  );
}
