import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import type { Desired } from '#libs/resources/contract.js';
import { below } from './field-rules.js';

/**
 * A copy of a body without the fields at the secret paths (dots, `[]` for each item of an array).
 * @param pattern - where `value` stands in the body that the paths begin at
 */
export function withoutFields<T extends JsonValue>(value: T, paths: readonly string[], pattern = ''): T {
  return prune(value, pattern, new Set(paths)) as T;
}

/** The secret paths at which what is wanted is not what was written before; none where nobody knows what was. */
export function changedSecrets({ body, previous }: Desired, secrets: readonly string[]): string[] {
  if (!previous) return [];
  const at = (from: JsonObject, path: string): string => JSON.stringify(selectPaths(from, path));
  return secrets.filter((path) => at(previous, path) !== at(body, path));
}

function prune(value: JsonValue, pattern: string, paths: ReadonlySet<string>): JsonValue {
  if (Array.isArray(value)) return value.map((item) => prune(item, `${pattern}[]`, paths));
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, item]): [string, JsonValue][] => {
    const path = below(pattern, name);
    return paths.has(path) ? [] : [[name, prune(item, path, paths)]];
  });
  return Object.fromEntries(kept);
}

/** Paths within what stands at `prefix`, as paths of what holds it. */
export function under(prefix: string, paths: readonly string[]): string[] {
  return paths.map((path) => `${prefix}.${path}`);
}
