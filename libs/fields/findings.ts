import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { pointerOf } from '#libs/planning/index.js';
import { closestOf, type Hints } from '#libs/text/closest.js';
import { reservedFields } from './fields.js';
import { valueAt } from './raw.js';

/** Something wrong, or worth knowing, about a field. Messages never hold the value: it may be a secret. */
export interface Finding {
  /** RFC 6901, without `#`; empty for the whole document. */
  pointer: string;
  /** What is wrong and what to do about it, for somebody who knows the vendor and not this code. */
  message: string;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** So many findings are looked for: what is wrong in more places is not mended by a longer list. */
export const MOST_FINDINGS = 1_000;

/**
 * The findings of a schema on an input, in the input's own terms, the first 1000. Empty when it fits. `hints` are those of the whole
 * input, `at` is the place of the input in its document.
 */
export function schemaFindings(schema: z.ZodType, input: unknown, hints: Hints, at: Path = []): Finding[] {
  const result = schema.safeParse(input, { error: explain(hints) });
  if (result.success) return [];
  return result.error.issues.slice(0, MOST_FINDINGS).flatMap((issue) => findingsOf(issue, at));
}

/** Items of a list that are large: they are judged one by one, so that judging can stop. */
export interface LargeItems {
  /** Names of the fields that lead to the list. */
  list: readonly string[];
  item: z.ZodType;
}

/** As `schemaFindings`, for a document with lists of large items; once there are 1000 findings, the rest of a list is not judged. */
export function documentFindings(
  schema: z.ZodType,
  document: JsonObject,
  lists: readonly LargeItems[],
  hints: Hints,
): Finding[] {
  const long = lists.flatMap(({ list, item }) => {
    const items = valueAt(document, ...list);
    return Array.isArray(items) && items.length > 1 ? [{ list, item, items }] : [];
  });
  const short = long.reduce((cut, { list, items }) => withValueAt(cut, list, items.slice(0, 1)), document);
  const findings = schemaFindings(schema, short, hints);
  for (const { list, item, items } of long) {
    for (let index = 1; index < items.length && findings.length < MOST_FINDINGS; index++) {
      findings.push(...schemaFindings(item, items[index], hints, [...list, index]));
    }
  }
  return findings;
}

function withValueAt(document: JsonObject, path: readonly string[], value: JsonValue): JsonObject {
  const [name = '', ...rest] = path;
  const inner = document[name];
  return { ...document, [name]: rest.length > 0 && isJsonObject(inner) ? withValueAt(inner, rest, value) : value };
}

/** Findings by pointer, each once; those on one pointer stay in their order. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings
    .filter(({ pointer, message }) => {
      const known = seen.has(`${pointer}\n${message}`);
      seen.add(`${pointer}\n${message}`);
      return !known;
    })
    .sort((a, b) => (a.pointer < b.pointer ? -1 : a.pointer > b.pointer ? 1 : 0));
}

function findingsOf(issue: Issue, parent: Path): Finding[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ pointer: pointer([...path, key]), message: messages[index] ?? UNKNOWN }));
  }
  // Of the forms that a value may have, the one that comes nearest speaks; when none has the right type, all are named.
  const nearest = issue.code === 'invalid_union' ? nearestForm(issue.errors) : undefined;
  if (nearest) return nearest.flatMap((e) => findingsOf(e, path));
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ pointer: pointer(path), message }];
}

function nearestForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return forms
    .filter((issues) => !issues.some((e) => e.code === 'invalid_type' && e.path.length === 0))
    .sort((a, b) => a.length - b.length)[0];
}

const UNKNOWN = 'is not a known field: leave it out';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** Messages for the issues that have none of their own. */
function explain(hints: Hints): z.core.$ZodErrorMap {
  return (issue) => {
    switch (issue.code) {
      case 'invalid_type':
        return wrongType([issue.expected], issue.input);
      case 'invalid_union':
        return nearestForm(issue.errors) ? undefined : wrongType(issue.errors.flatMap(expectedTypes), issue.input);
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownField(key, issue.inst, hints)).join('\n');
      case 'invalid_value':
        return issue.input === undefined
          ? `is missing: give one of ${issue.values.map(String).join(', ')}`
          : oneOf(issue.values.map(String), issue.input, hints);
      case 'too_big':
        return issue.origin === 'array'
          ? `must have at most ${String(issue.maximum)} items`
          : `must be at most ${String(issue.maximum)}`;
      case 'too_small':
        return issue.origin === 'array'
          ? `must have at least ${String(issue.minimum)} item${issue.minimum === 1 ? '' : 's'}`
          : `must be at least ${String(issue.minimum)}`;
      default:
        return undefined;
    }
  };
}

function expectedTypes(issues: readonly Issue[]): string[] {
  return issues.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : []));
}

/** What stands there instead is said where the way of writing may be the reason: in YAML `+15550100` and `0123` are numbers. */
function wrongType(expected: readonly string[], input: unknown): string {
  const forms = [...new Set(expected.map((type) => TYPE_NAMES[type] ?? type))].join(' or ');
  if (input === undefined) return `is missing: give ${forms}`;
  const wants = (...types: string[]): boolean => types.some((type) => expected.includes(type));
  if (wants('string') && typeof input === 'number') {
    return `must be ${forms}, and is a number here: put it in quotes, so that it stays as it is written`;
  }
  if (wants('string') && typeof input === 'boolean') {
    return `must be ${forms}, and is true or false here: put it in quotes if it is meant as a text`;
  }
  if (input === null) return `must be ${forms}, and is null here`;
  if (wants('number', 'int', 'boolean') && typeof input === 'string') return `must be ${forms}, without quotes`;
  if (wants('array') && typeof input !== 'object') return `must be ${forms}: put the value in square brackets`;
  return `must be ${forms}`;
}

function unknownField(key: string, schema: unknown, hints: Hints): string {
  if (!(schema instanceof z.ZodObject)) return UNKNOWN;
  const reserved = reservedFields.get(schema)?.reserved ?? {};
  if (Object.hasOwn(reserved, key)) return reserved[key] ?? UNKNOWN;
  return (
    hints.next(() => {
      const known = Object.keys(schema.shape);
      const near = closestOf(known)(key);
      return near === undefined
        ? `is not a known field here; known are ${known.join(', ')}`
        : `is not a known field; did you mean ${near}?`;
    }) ?? UNKNOWN
  );
}

/** Names the allowed values, and the one that was probably meant. */
function oneOf(values: readonly string[], input: unknown, hints: Hints): string {
  const near = typeof input === 'string' ? hints.next(() => closestOf(values)(input)) : undefined;
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return values.length === 1 ? `must be ${values.join('')}${hint}` : `must be one of ${values.join(', ')}${hint}`;
}

function pointer(path: Path): string {
  return pointerOf(path.map((token) => (typeof token === 'number' ? token : String(token))));
}
