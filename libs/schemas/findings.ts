import { z } from 'zod';
import { pointerOf } from '#libs/planning/index.js';
import { closest } from './closest.js';
import { reservedFields } from './fields.js';

/** Something wrong, or worth knowing, about a field. Messages never hold the value: it may be a secret. */
export interface Finding {
  /** RFC 6901, without `#`; empty for the whole document. */
  pointer: string;
  /** What is wrong and what to do about it, for somebody who knows the vendor and not this code. */
  message: string;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** All findings of a schema on an input, in the input's own terms. Empty when it fits. */
export function schemaFindings(schema: z.ZodType, input: unknown): Finding[] {
  const result = schema.safeParse(input, { error: explain });
  return result.success ? [] : result.error.issues.flatMap((issue) => findingsOf(issue, []));
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
  if (issue.code === 'invalid_union') return unionFindings(issue, path);
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [{ pointer: pointer(path), message }];
}

/** Of the forms that a value may have, the one that comes nearest speaks; when none has the right type, all are named. */
function unionFindings(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path): Finding[] {
  const near = issue.errors.filter((errors) => !errors.some((e) => e.code === 'invalid_type' && e.path.length === 0));
  const [best] = near.sort((a, b) => a.length - b.length);
  if (best) return best.flatMap((e) => findingsOf(e, path));
  const expected = issue.errors.flatMap((errors) => errors.map((e) => (e.code === 'invalid_type' ? e.expected : '')));
  const forms = [...new Set(expected.map((type) => TYPE_NAMES[type] ?? type))].join(' or ');
  return [
    { pointer: pointer(path), message: issue.input === undefined ? `is missing: give ${forms}` : `must be ${forms}` },
  ];
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
const explain: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = TYPE_NAMES[issue.expected] ?? issue.expected;
      return issue.input === undefined ? `is missing: give ${expected}` : `must be ${expected}`;
    }
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(key, issue.inst)).join('\n');
    case 'invalid_value':
      return issue.input === undefined
        ? `is missing: give one of ${issue.values.map(String).join(', ')}`
        : oneOf(issue.values.map(String), issue.input);
    case 'too_big':
      return issue.origin === 'array'
        ? `must have at most ${String(issue.maximum)} items`
        : `must be at most ${String(issue.maximum)}`;
    case 'too_small':
      return issue.origin === 'array'
        ? `must have at least ${String(issue.minimum)} item${issue.minimum === 1 ? '' : 's'}`
        : `must be at least ${String(issue.minimum)}`;
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : undefined;
    default:
      return undefined;
  }
};

function unknownField(key: string, schema: unknown): string {
  if (!(schema instanceof z.ZodObject)) return UNKNOWN;
  const reserved = reservedFields.get(schema)?.reserved ?? {};
  if (Object.hasOwn(reserved, key)) return reserved[key] ?? UNKNOWN;
  const known = Object.keys(schema.shape);
  const near = closest(key, known);
  return near === undefined
    ? `is not a known field here; known are ${known.join(', ')}`
    : `is not a known field; did you mean ${near}?`;
}

/** Names the allowed values, and the one that was probably meant. */
function oneOf(values: readonly string[], input: unknown): string {
  const near = typeof input === 'string' ? closest(input, values) : undefined;
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  return values.length === 1 ? `must be ${values.join('')}${hint}` : `must be one of ${values.join(', ')}${hint}`;
}

function pointer(path: Path): string {
  return pointerOf(path.map((token) => (typeof token === 'number' ? token : String(token))));
}
