import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';

/** How the fields of a resource are laid and compared. Paths are patterns: dots, and `[]` for each item of an array. */
export interface FieldRules {
  /** Secret fields: never compared, and written only where they are ours. */
  secrets: readonly string[];
  /** Never compared either: what the server sets, the place of the marker. */
  ignored: readonly string[];
  /** What an absent field means, as documented. */
  defaults: Readonly<Record<string, JsonValue>>;
  /** Arrays without an order: by the field that names an item, or `null` for plain values. Every other array is one value. */
  sets: Readonly<Record<string, string | null>>;
  /** Objects that the vendor takes only complete: when they are named no more, they go with all that stands in them. */
  units?: readonly string[];
  /** Objects that are written as one value, as arrays are: what stands in them and is not named goes with the next write. */
  replaced?: readonly string[];
}

/** The path or pattern of a field in what is at `path`; the whole body is at the empty path. */
export function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** A field of an object; undefined in anything else. */
export function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A new array with the items of an array; empty for anything else. */
export function itemsOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? [...value] : [];
}

/** The name of an item of a named set, as text; two items without one are the same only when they are equal. */
export function nameOf(item: JsonValue, by: string): string {
  return canonicalJson(isJsonObject(item) ? (item[by] ?? null) : item);
}

/** Takes the first item with the name of `item` out of `items`; undefined where there is none. */
export function takeNamed(items: JsonValue[], item: JsonValue, by: string): JsonValue | undefined {
  const at = items.findIndex((other) => nameOf(other, by) === nameOf(item, by));
  return at < 0 ? undefined : items.splice(at, 1)[0];
}
