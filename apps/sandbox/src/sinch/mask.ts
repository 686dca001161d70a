import { type Field, type Fields } from '../fields.js';
import { isObject, type Json, type JsonObject } from '../json.js';
import { invalid } from './errors.js';

/**
 * The paths of `update_mask`: comma-joined, also repeated, also as `update_mask.paths` (the older .NET form).
 * `undefined` where there is no mask.
 */
export function maskOf(query: URLSearchParams): string[] | undefined {
  const values = [...query.getAll('update_mask'), ...query.getAll('update_mask.paths')];
  if (values.length === 0) return undefined;
  return values.flatMap((value) => value.split(',')).filter((path) => path !== '');
}

/** Refuses a path that names no settable field; one level into an object is allowed (docs/vendors/sinch.md §8). */
export function checkMask(mask: string[], fields: Fields): void {
  const unknown = mask.filter((path) => {
    const [top = '', inner, ...more] = path.split('.');
    const field = Object.hasOwn(fields, top) ? fields[top] : undefined;
    if (!field || more.length > 0) return true;
    return inner !== undefined && !(field.type === 'object' && Object.hasOwn(field.fields, inner));
  });
  if (unknown.length > 0) throw invalid(`update_mask names unknown fields: ${unknown.join(', ')}`);
}

/**
 * The fields that a PATCH changes, as they are to be afterwards, before defaults (docs/vendors/sinch.md §2). With a mask:
 * what it names, and `undefined` for what the body lacks; without: what the body holds. `null` counts as lacking.
 */
export function changesOf(
  body: JsonObject,
  mask: string[] | undefined,
  stored: JsonObject,
  fields: Fields,
): Map<string, Json | undefined> {
  const changes = new Map<string, Json | undefined>();
  const paths = mask ?? Object.keys(body).filter((name) => Object.hasOwn(fields, name));
  for (const path of paths) {
    const [top = '', inner] = path.split('.');
    const value = body[top] ?? undefined;
    if (inner === undefined) changes.set(top, value);
    else changes.set(top, withMember(changes.has(top) ? changes.get(top) : stored[top], inner, value));
  }
  return changes;
}

/** The part of `body` that counts, for its checks: what a field outside of the mask holds is ignored. */
export function maskedBody(body: JsonObject, changes: ReadonlyMap<string, Json | undefined>): JsonObject {
  const masked: JsonObject = {};
  for (const name of changes.keys()) {
    const value = body[name];
    if (value !== undefined && value !== null) masked[name] = value;
  }
  return masked;
}

/** The same table with nothing required at its top. */
export function optionalFields(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]): [string, Field] => [name, { ...field, required: false }]),
  );
}

function withMember(target: Json | undefined, member: string, source: Json | undefined): JsonObject {
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  const value = isObject(source) ? source[member] : undefined;
  if (value === undefined || value === null) Reflect.deleteProperty(merged, member);
  else merged[member] = value;
  return merged;
}
