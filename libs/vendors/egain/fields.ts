import { parseMarker, type JsonObject } from '#libs/contracts/index.js';
import { writesOwn, type Desired, type SeenObject } from '#libs/resources/contract.js';
import { layOver, type FieldRules } from '../common/index.js';
import type { RawObject } from './schema.js';

/** Set by the server; never written (`docs/vendors/egain.md` §6). */
const SERVER_SET = ['id', 'created', 'modified'];

/** Where the marker stands. */
export const MARKER_FIELD = 'description';

/** A natural key as it is compared: eGain's names are assumed to be unique without regard to case (`docs/vendors/egain.md` §4). */
export function foldKey(key: string): string {
  return key.toLowerCase();
}

/** An object as the engine sees it: without secrets, which are read anew when they must be written back. */
export function toSeen(raw: RawObject, withoutSecrets: (fields: JsonObject) => JsonObject): SeenObject {
  const description = raw.fields[MARKER_FIELD];
  return {
    id: raw.id,
    key: foldKey(raw.key),
    marker: parseMarker(typeof description === 'string' ? description : undefined),
    age: `${raw.created} ${raw.id}`,
    body: withoutSecrets(requestFields(raw.fields)),
  };
}

/** The fields of a request among those that were read. */
export function requestFields(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !SERVER_SET.includes(name)));
}

/**
 * The whole body of a PUT: what was read with the desired fields laid over, and the `modified` just read. Where it is ours, the marker
 * is; else it stays as read.
 */
export function bodyToPut(desired: Desired, raw: RawObject, rules: FieldRules): JsonObject {
  const read = requestFields(raw.fields);
  const { [MARKER_FIELD]: _laid, ...laid } = layOver(desired, read, rules);
  const marker = writesOwn(desired.mode) ? desired.body[MARKER_FIELD] : read[MARKER_FIELD];
  return {
    ...laid,
    ...(marker === undefined ? {} : { [MARKER_FIELD]: marker }),
    ...(raw.modified === undefined ? {} : { modified: raw.modified }),
  };
}
