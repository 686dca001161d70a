import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';

/** A copy of a body without the fields at the secret paths (dots, `[]` for each item of an array). */
export function withoutFields(body: JsonObject, paths: readonly string[]): JsonObject {
  return prune(body, '', new Set(paths)) as JsonObject;
}

function prune(value: JsonValue, pattern: string, paths: ReadonlySet<string>): JsonValue {
  if (Array.isArray(value)) return value.map((item) => prune(item, `${pattern}[]`, paths));
  if (!isJsonObject(value)) return value;
  const kept: JsonObject = {};
  for (const [name, item] of Object.entries(value)) {
    const below = pattern === '' ? name : `${pattern}.${name}`;
    if (!paths.has(below)) kept[name] = prune(item, below, paths);
  }
  return kept;
}
