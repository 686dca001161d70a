import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { canonicalJson, parseRef } from '#libs/planning/index.js';

/** How the fields of a resource are compared. Paths are patterns: dots, and `[]` for each item of an array. */
export interface FieldRules {
  /** Never compared: secrets, what the server sets, the place of the marker. */
  ignored: readonly string[];
  /** What an absent field means, as documented. */
  defaults: Readonly<Record<string, JsonValue>>;
  /** Arrays without an order: by the field that names an item, or `null` for plain values. All others are compared item by item. */
  sets: Readonly<Record<string, string | null>>;
  /** Named sets in which items that are not desired may stand. */
  extras?: readonly string[];
}

/**
 * Paths of the fields of `desired` in which `seen` differs. What `desired` does not hold is not compared; absent, `null` and the
 * documented default are the same. A path names the place in `desired`: `roles[0].callback`.
 */
export function differences(desired: JsonObject, seen: JsonObject, rules: FieldRules): string[] {
  return inObject(desired, seen, '', '', rules);
}

function compare(
  desired: JsonValue,
  seen: JsonValue | undefined,
  path: string,
  pattern: string,
  rules: FieldRules,
): string[] {
  if (rules.ignored.includes(pattern)) return [];
  if (isJsonObject(desired) && parseRef(desired) === undefined) {
    return inObject(desired, isJsonObject(seen) ? seen : {}, path, pattern, rules);
  }
  if (Array.isArray(desired)) return inArray(desired, Array.isArray(seen) ? seen : [], path, pattern, rules);
  const fallback = rules.defaults[pattern] ?? null;
  return sameScalar(desired ?? fallback, seen ?? fallback) ? [] : [path];
}

function inObject(desired: JsonObject, seen: JsonObject, path: string, pattern: string, rules: FieldRules): string[] {
  const below = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`);
  return Object.entries(desired).flatMap(([name, value]) =>
    compare(value, seen[name], below(path, name), below(pattern, name), rules),
  );
}

function inArray(
  desired: readonly JsonValue[],
  seen: readonly JsonValue[],
  path: string,
  pattern: string,
  rules: FieldRules,
): string[] {
  const itemPattern = `${pattern}[]`;
  const set = rules.sets[pattern];
  if (set === null) return sameValues(desired, seen) ? [] : [path];
  if (set !== undefined) return inNamedSet(desired, seen, set, path, pattern, rules);
  if (desired.length !== seen.length) return [path];
  return desired.flatMap((item, index) => compare(item, seen[index], `${path}[${index}]`, itemPattern, rules));
}

function inNamedSet(
  desired: readonly JsonValue[],
  seen: readonly JsonValue[],
  by: string,
  path: string,
  pattern: string,
  rules: FieldRules,
): string[] {
  const extrasAllowed = rules.extras?.includes(pattern) ?? false;
  if (!extrasAllowed && desired.length !== seen.length) return [path];
  const rest = [...seen];
  const found: string[] = [];
  for (const [index, item] of desired.entries()) {
    const at = rest.findIndex((other) => nameOf(other, by) === nameOf(item, by));
    if (at < 0) return [path];
    const [match] = rest.splice(at, 1);
    found.push(...compare(item, match, `${path}[${index}]`, `${pattern}[]`, rules));
  }
  return found;
}

/** The name of an item of a named set, as text; two items without one are the same only when they are equal. */
export function nameOf(item: JsonValue, by: string): string {
  return canonicalJson(isJsonObject(item) ? (item[by] ?? null) : item);
}

function sameValues(a: readonly JsonValue[], b: readonly JsonValue[]): boolean {
  const sorted = (values: readonly JsonValue[]): string => JSON.stringify(values.map(canonicalJson).sort());
  return sorted(a) === sorted(b);
}

/** Some servers write a 64-bit number as text; it is the same number. */
function sameScalar(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a === 'number') return b === String(a);
  return typeof b === 'number' && a === String(b);
}
