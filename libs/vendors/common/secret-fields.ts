import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';
import { below } from './field-rules.js';

/**
 * A copy of a body without the fields at the secret paths (dots, `[]` for each item of an array).
 * @param pattern - where `value` stands in the body that the paths begin at
 */
export function withoutFields<T extends JsonValue>(value: T, paths: readonly string[], pattern = ''): T {
  return prune(value, pattern, new Set(paths)) as T;
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
