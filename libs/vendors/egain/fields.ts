import { isJsonObject, parseMarker, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { writesOwn, writesWhole, type SeenObject, type WriteMode } from '#libs/resources/contract.js';
import { nameOf } from '../common/index.js';
import type { RawObject } from './schema.js';

/** What distinguishes the fields of one kind; paths are patterns as in `FieldRules`. */
export interface KindFields {
  secrets: readonly string[];
  /** Secrets without which their parent cannot be written. */
  neededSecrets: readonly string[];
  sets: Readonly<Record<string, string | null>>;
}

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
 * The whole body of a PUT: what was read with the desired fields laid over, and the `modified` just read. Where it is ours, secrets
 * and marker are; else they stay as read. `restore` and `replace` write the desired fields alone, so that what was added goes.
 */
export function bodyToPut(desired: JsonObject, raw: RawObject, mode: WriteMode, kind: KindFields): JsonObject {
  const read = requestFields(raw.fields);
  const laid = lay(desired, read, '', mode, kind) as JsonObject;
  const marker = writesOwn(mode) ? desired[MARKER_FIELD] : read[MARKER_FIELD];
  return {
    ...Object.fromEntries(Object.entries(laid).filter(([name]) => name !== MARKER_FIELD)),
    ...(marker === undefined ? {} : { [MARKER_FIELD]: marker }),
    ...(raw.modified === undefined ? {} : { modified: raw.modified }),
  };
}

/** Arrays of a kind whose items hold a secret, by the pattern of the array: `roles[].headers`. */
export function setsWithSecrets({ secrets, sets }: KindFields): string[] {
  return Object.keys(sets).filter((pattern) => secrets.some((path) => path.startsWith(`${pattern}[].`)));
}

function lay(
  desired: JsonValue,
  read: JsonValue | undefined,
  pattern: string,
  mode: WriteMode,
  kind: KindFields,
): JsonValue {
  if (isJsonObject(desired) && isJsonObject(read)) return layObject(desired, read, pattern, mode, kind);
  if (Array.isArray(desired) && Array.isArray(read)) return layArray(desired, read, pattern, mode, kind);
  return desired;
}

function layObject(
  desired: JsonObject,
  read: JsonObject,
  pattern: string,
  mode: WriteMode,
  kind: KindFields,
): JsonObject {
  const below = (name: string): string => (pattern === '' ? name : `${pattern}.${name}`);
  const isSecret = (name: string): boolean => !writesOwn(mode) && kind.secrets.includes(below(name));
  const laid: JsonObject = writesWhole(mode) ? {} : { ...read };
  for (const [name, value] of Object.entries(desired)) {
    if (!isSecret(name)) laid[name] = lay(value, read[name], below(name), mode, kind);
  }
  for (const [name, value] of Object.entries(read)) if (isSecret(name)) laid[name] = value;
  return laid;
}

/** Items of a named set are laid over their counterparts, so that a field that nobody names is not dropped. */
function layArray(
  desired: readonly JsonValue[],
  read: readonly JsonValue[],
  pattern: string,
  mode: WriteMode,
  kind: KindFields,
): JsonValue[] {
  const by = kind.sets[pattern];
  if (by === undefined || by === null) return [...desired];
  const rest = [...read];
  const laid = desired.map((item) => {
    const at = rest.findIndex((other) => nameOf(other, by) === nameOf(item, by));
    return at < 0 ? item : lay(item, rest.splice(at, 1)[0], `${pattern}[]`, mode, kind);
  });
  // What was there and cannot be put back, since its secret is not kept, stays beside what an adoption adds.
  return mode === 'adopted' && setsWithSecrets(kind).includes(pattern) ? [...laid, ...rest] : laid;
}
