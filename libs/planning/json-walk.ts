import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { pointerToken } from './paths.js';

/** A copy of a value in which `visit` has replaced parts, from the outside in: what it returns stands, `undefined` means "go on inside". */
export function rewrite(value: JsonValue, visit: (value: JsonValue) => JsonValue | undefined): JsonValue {
  const replaced = visit(value);
  if (replaced !== undefined) return replaced;
  if (Array.isArray(value)) return value.map((item) => rewrite(item, visit));
  return isJsonObject(value) ? rewriteObject(value, visit) : value;
}

/** `rewrite` for the fields of an object that itself stays. */
export function rewriteObject(value: JsonObject, visit: (value: JsonValue) => JsonValue | undefined): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rewrite(item, visit)]));
}

/**
 * `rewriteObject` for texts alone, each with its field: a pointer from the document's top, below `field`, without places in arrays
 * (`Located.field`).
 */
export function rewriteTexts(
  value: JsonObject,
  field: string,
  visit: (text: string, field: string) => JsonValue | undefined,
): JsonObject {
  const below = (item: JsonValue, at: string): JsonValue => {
    if (typeof item === 'string') return visit(item, at) ?? item;
    if (Array.isArray(item)) return item.map((each) => below(each, at));
    return isJsonObject(item) ? rewriteTexts(item, at, visit) : item;
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, below(item, `${field}/${pointerToken(name)}`)]),
  );
}

/** The text under the only field of an object, `{ "$ref": "..." }`; undefined for anything else. */
export function soleField(value: JsonValue, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, name) ? value[name] : undefined;
}
