import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';
import { pointerOf } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { Problem } from '../problems/problem.js';

/** A job's encoded input stays below this: Temporal refuses 2 MB, and the account carries it through every run. Bytes. */
export const JOB_INPUT_LIMIT = 900_000;
const FIELDS_NAMED = 5;

/** @throws {Problem} `spec-too-large`, naming the largest fields of the spec. */
export function requireJobSize(encodedBytes: number, spec: unknown): void {
  if (encodedBytes <= JOB_INPUT_LIMIT) return;
  const detail = `The job's input would take ${encodedBytes} bytes, more than ${JOB_INPUT_LIMIT}. Shorten the largest fields.`;
  throw new Problem('spec-too-large', detail, { errors: largestFields(spec) });
}

/** The largest single values of a document, largest first. */
export function largestFields(document: unknown): Finding[] {
  return leaves(document as JsonValue, [])
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, FIELDS_NAMED)
    .map(({ path, bytes }) => ({ pointer: pointerOf(path), message: `takes ${bytes} bytes` }));
}

function leaves(value: JsonValue, path: (string | number)[]): { path: (string | number)[]; bytes: number }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (isJsonObject(value)) return Object.entries(value).flatMap(([name, item]) => leaves(item, [...path, name]));
  return [{ path, bytes: Buffer.byteLength(JSON.stringify(value), 'utf8') }];
}
