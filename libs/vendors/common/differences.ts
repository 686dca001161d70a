import { isJsonObject, type Difference, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { canonicalJson, parseRef } from '#libs/planning/index.js';
import type { Desired } from '#libs/resources/contract.js';
import { below, itemsOf, takeNamed, type FieldRules } from './field-rules.js';
import { layToCompare } from './laying.js';
import { withoutFields } from './secret-fields.js';

/**
 * The fields in which `seen` is not what a write of `desired` would leave. What nobody names is no difference; absent, `null` and the
 * documented default are the same. A path names the place in what is to stand, its named sets in the order of `desired`; an item that
 * is to go is numbered after those that are to stand.
 * @returns one entry for each field, in the order of `desired`; secrets are not compared and left out of values
 */
export function differences(desired: Desired, seen: JsonObject, rules: FieldRules): Difference[] {
  const comparison = new Comparison(rules);
  return comparison.inObject(layToCompare(desired, seen, rules), seen, '', '');
}

class Comparison {
  private readonly hidden: readonly string[];

  constructor(private readonly rules: FieldRules) {
    this.hidden = [...rules.secrets, ...rules.ignored];
  }

  inObject(expected: JsonObject, seen: JsonObject, path: string, pattern: string): Difference[] {
    const names = new Set([...Object.keys(expected), ...Object.keys(seen)]);
    return [...names].flatMap((name) =>
      this.compare(
        Object.hasOwn(expected, name) ? expected[name] : undefined,
        Object.hasOwn(seen, name) ? seen[name] : undefined,
        below(path, name),
        below(pattern, name),
      ),
    );
  }

  private compare(
    expected: JsonValue | undefined,
    seen: JsonValue | undefined,
    path: string,
    pattern: string,
  ): Difference[] {
    if (this.hidden.includes(pattern)) return [];
    const values = [expected, seen].filter((value) => value !== undefined && value !== null);
    if (values.length > 0) {
      if (values.every(isPlainObject)) {
        return this.inObject(isPlainObject(expected) ? expected : {}, isPlainObject(seen) ? seen : {}, path, pattern);
      }
      if (values.every((value) => Array.isArray(value))) {
        return this.inArray(itemsOf(expected), itemsOf(seen), path, pattern);
      }
    }
    const fallback = this.rules.defaults[pattern] ?? null;
    const wanted = expected ?? fallback;
    return sameScalar(wanted, seen ?? fallback) ? [] : [this.difference(path, pattern, wanted, seen ?? null)];
  }

  private inArray(expected: JsonValue[], seen: JsonValue[], path: string, pattern: string): Difference[] {
    const by = this.rules.sets[pattern];
    if (by === null) return sameValues(expected, seen) ? [] : [this.difference(path, pattern, expected, seen)];
    if (by !== undefined) return this.inNamedSet(expected, seen, by, path, pattern);
    if (expected.length !== seen.length) return [this.difference(path, pattern, expected, seen)];
    return expected.flatMap((item, n) => this.compare(item, seen[n], `${path}[${n}]`, `${pattern}[]`));
  }

  private inNamedSet(
    expected: JsonValue[],
    seen: JsonValue[],
    by: string,
    path: string,
    pattern: string,
  ): Difference[] {
    const itemPattern = `${pattern}[]`;
    const rest = [...seen];
    const found = expected.flatMap((item, n) => {
      const match = takeNamed(rest, item, by);
      const itemPath = `${path}[${n}]`;
      return match === undefined
        ? [this.difference(itemPath, itemPattern, item, null)]
        : this.compare(item, match, itemPath, itemPattern);
    });
    const surplus = rest.map((item, n) => this.difference(`${path}[${expected.length + n}]`, itemPattern, null, item));
    return [...found, ...surplus];
  }

  private difference(path: string, pattern: string, expected: JsonValue, seen: JsonValue): Difference {
    return { path, expected: this.shown(expected, pattern), seen: this.shown(seen, pattern) };
  }

  private shown(value: JsonValue, pattern: string): JsonValue {
    return withoutFields(value, this.hidden, pattern);
  }
}

/** A reference that is not filled in is a value that matches nothing. */
function isPlainObject(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && parseRef(value) === undefined;
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
