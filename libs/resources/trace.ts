import { createHash } from 'node:crypto';
import { MARK_BYTES, NAME_BYTES, type JsonObject, type Trace } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import type { Resource } from './contract.js';

/**
 * Version of all projections. Raise it whenever the projection of some resource changes: then no fingerprint that was recorded before is
 * taken for another, and whoever compares reads the plan.
 */
export const PROJECTION_VERSION = 1;

/** The part of a resource that a trace is taken of. */
type Traced = Pick<Resource<never>, 'name' | 'projection'>;

/** Twelve bytes by which an object is found among all that are recorded of a connection. */
export function nameBytes(resource: string, externalId: string): Buffer {
  return hash(`${resource} ${externalId}`).subarray(0, NAME_BYTES);
}

/** Eight bytes of what counts of a body, desired or seen alike; undefined for a resource that no list shows whole. */
export function fingerprint({ projection }: Traced, body: JsonObject): Buffer | undefined {
  if (!projection) return undefined;
  return hash(canonicalJson(projection(body))).subarray(0, MARK_BYTES - NAME_BYTES);
}

/** The trace of an object that stands as `body` desires; undefined for a resource that no list shows whole. */
export function traceOf(resource: Traced, externalId: string, body: JsonObject): Trace | undefined {
  const print = fingerprint(resource, body);
  if (!print) return undefined;
  const mark = Buffer.concat([nameBytes(resource.name, externalId), print]).toString('base64url');
  return { version: PROJECTION_VERSION, mark };
}

/** A short hash of which account at a vendor a connection reaches, in `Trace.place`. */
export function placeHash(place: string): string {
  return hash(place).subarray(0, 6).toString('base64url');
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
