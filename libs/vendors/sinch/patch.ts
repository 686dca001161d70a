import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import { writesOwn, type Desired } from '#libs/resources/contract.js';
import { changedSecrets } from '../common/index.js';

/** The fields of a body in which paths lie: `retention_policy.ttl_days` is in `retention_policy`. Each once. */
export function topFields(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => /^[^.[]+/.exec(path)?.[0] ?? path))];
}

/**
 * The fields that must be written for the secrets in them, which Sinch may not show: those in which a secret is not what was written
 * before; all that may hold one where nobody knows what was. When nothing else calls for the write, all of the body: the caller knows
 * of another reason.
 */
export function secretFieldsToWrite(desired: Desired, secrets: readonly string[], nothingElse: boolean): string[] {
  const { body, mode } = desired;
  if (!writesOwn(mode)) return [];
  if (mode === 'replace') return topFields(secrets);
  const changed = changedSecrets(desired, secrets);
  if (changed.length > 0 || !nothingElse) return topFields(changed);
  return topFields(secrets.filter((path) => selectPaths(body, path).length > 0));
}

/** A top field's value without what was only read and is the documented default: left out of a PATCH it is the same. */
export function withoutReadDefaults(
  name: string,
  laid: JsonValue | undefined,
  body: JsonObject,
  defaults: Readonly<Record<string, JsonValue>>,
): JsonValue | undefined {
  if (!isJsonObject(laid)) return laid;
  const named = body[name];
  const isNamed = (field: string): boolean => isJsonObject(named) && Object.hasOwn(named, field);
  return Object.fromEntries(
    Object.entries(laid).filter(([field, value]) => isNamed(field) || value !== defaults[`${name}.${field}`]),
  );
}

/** Query and body of a PATCH that changes exactly the given fields; the mask is comma-joined (`docs/vendors/sinch.md` §2). */
export function patchOf(changes: ReadonlyMap<string, JsonValue | undefined>): {
  query: string;
  body: Record<string, JsonValue>;
} {
  const body = Object.fromEntries(
    [...changes].flatMap(([name, value]): [string, JsonValue][] => (value === undefined ? [] : [[name, value]])),
  );
  return { query: `?update_mask=${[...changes.keys()].join(',')}`, body };
}
