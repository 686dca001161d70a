import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';

/**
 * Reads documents that may be wrong anywhere: rules across fields are checked even when other fields do not fit the schema, so that
 * all findings come at once. What is not of the expected type reads as empty; the schema reports it.
 */
export function objectAt(value: unknown, ...path: string[]): JsonObject {
  const found = valueAt(value, ...path);
  return isJsonObject(found) ? found : {};
}

/** The objects of a list with their places in it; other items are left out. */
export function objectsAt(value: unknown, ...path: string[]): { index: number; item: JsonObject }[] {
  const found = valueAt(value, ...path);
  if (!Array.isArray(found)) return [];
  return found.flatMap((item, index) => (isJsonObject(item) ? [{ index, item }] : []));
}

export function textAt(value: unknown, ...path: string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** True when there is something, of whatever type. */
export function has(value: unknown, ...path: string[]): boolean {
  return valueAt(value, ...path) !== undefined;
}

/** What stands at a place; undefined where the way there is none. */
export function valueAt(value: unknown, ...path: string[]): JsonValue | undefined {
  let found = value as JsonValue | undefined;
  for (const name of path) found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  return found;
}
