import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import { below, nameOf, type FieldRules } from './field-rules.js';

/**
 * What counts of a body when it is compared with another: secrets, the place of the marker, nulls, documented defaults and what is empty
 * are left out, and sets are sorted. Where the projections of a desired body and of a seen one are equal, `differences` finds none.
 */
export function projection(body: JsonObject, rules: FieldRules): JsonObject {
  const hidden = new Set([...rules.secrets, ...rules.ignored]);
  const projected = project(body, '', rules, hidden);
  return isJsonObject(projected) ? projected : {};
}

/** Undefined for what says no more than its absence. */
function project(
  value: JsonValue,
  pattern: string,
  rules: FieldRules,
  hidden: ReadonlySet<string>,
): JsonValue | undefined {
  if (value === null || hidden.has(pattern) || value === rules.defaults[pattern]) return undefined;
  if (Array.isArray(value)) return inArray(value, pattern, rules, hidden);
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).flatMap(([name, item]): [string, JsonValue][] => {
    const projected = project(item, below(pattern, name), rules, hidden);
    return projected === undefined ? [] : [[name, projected]];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

function inArray(
  items: readonly JsonValue[],
  pattern: string,
  rules: FieldRules,
  hidden: ReadonlySet<string>,
): JsonValue | undefined {
  if (items.length === 0) return undefined;
  const by = rules.sets[pattern];
  const sorted = by === undefined ? items : [...items].sort(by === null ? byText : byName(by));
  // An item that is nothing keeps its place: arrays of different lengths are never the same.
  return sorted.map((item) => project(item, `${pattern}[]`, rules, hidden) ?? null);
}

function byText(a: JsonValue, b: JsonValue): number {
  return compare(canonicalJson(a), canonicalJson(b));
}

function byName(by: string): (a: JsonValue, b: JsonValue) => number {
  return (a, b) => compare(nameOf(a, by), nameOf(b, by));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
