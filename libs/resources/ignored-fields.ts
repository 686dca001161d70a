import { isJsonObject, type Difference, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { coversPath } from '#libs/planning/index.js';
import type { Desired, Resource, SeenObject } from './contract.js';

/** A step into a document: a field, an item, or every item. */
type Token = string | number | typeof EACH;
const EACH = Symbol('every item');

/**
 * A write that leaves alone what stands in ignored fields, as `ignoreDrift` names them: it wants there what was read, and takes nothing
 * back there. A whole item that is missing, or too many, is ignored only where the item or what holds it is.
 */
export function keepIgnored<C>(
  resource: Resource<C>,
  desired: Desired,
  seen: SeenObject,
  ignored: readonly string[],
): Desired {
  const base = resource.pathBase;
  const inBase = (body: JsonObject, change: (part: JsonObject) => JsonObject): JsonObject => {
    if (base === undefined) return change(body);
    const part = body[base];
    return { ...body, [base]: change(isJsonObject(part) ? part : {}) };
  };
  const standing = base === undefined ? seen.body : (seen.body[base] ?? null);
  const differing = resource
    .diff(desired, seen)
    .filter(({ path }) => ignored.some((pattern) => coversPath(pattern, path)));
  const body = inBase(desired.body, (part) => {
    const items = differing.reduceRight<JsonValue>(withSeen, part); // the last first: one that goes moves those behind it
    return ignored
      .map(tokensOf)
      .filter(isPlain)
      .reduce((laid, path) => set(laid, path, valueAt(standing, path)), items) as JsonObject;
  });
  const { previous } = desired;
  if (!previous) return { ...desired, body };
  const without = (part: JsonObject): JsonObject =>
    ignored.map(tokensOf).reduce<JsonValue>((left, path) => unset(left, path), part) as JsonObject;
  return { ...desired, body, previous: Object.keys(previous).length === 0 ? previous : inBase(previous, without) };
}

/** `roles[].headers[2].name`: a field, every item, a field, an item, a field. */
function tokensOf(path: string): Token[] {
  return [...path.matchAll(/[^.[\]]+|\[\]/g)].map(([text], i, all) => {
    if (text === '[]') return EACH;
    const before = path[(all[i]?.index ?? 0) - 1];
    return before === '[' ? Number(text) : text;
  });
}

function isPlain(path: Token[]): path is string[] {
  return path.every((token) => typeof token === 'string');
}

function withSeen(body: JsonValue, { path, seen }: Difference): JsonValue {
  return set(body, tokensOf(path), seen ?? undefined);
}

function valueAt(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(
    (at, name) =>
      isJsonObject(at ?? null) && Object.hasOwn(at as JsonObject, name) ? (at as JsonObject)[name] : undefined,
    value,
  );
}

/** A copy with a value in its place; undefined takes out what stands there. Nothing is made to hold a value that is taken out. */
function set(at: JsonValue | undefined, [token, ...rest]: readonly Token[], value: JsonValue | undefined): JsonValue {
  if (typeof token === 'number') {
    const items = Array.isArray(at) ? [...at] : [];
    if (rest.length === 0 && value === undefined) items.splice(token, 1);
    else items[Math.min(token, items.length)] = rest.length === 0 ? (value ?? null) : set(items[token], rest, value);
    return items;
  }
  const fields = isJsonObject(at ?? null) ? { ...(at as JsonObject) } : {};
  if (typeof token !== 'string') return fields;
  if (value === undefined && (rest.length === 0 || fields[token] === undefined)) {
    if (rest.length === 0) Reflect.deleteProperty(fields, token);
    return fields;
  }
  fields[token] = rest.length === 0 ? (value ?? null) : set(fields[token], rest, value);
  return fields;
}

/** A copy without what a path leads to, which may lead to nothing. */
function unset(at: JsonValue, [token, ...rest]: readonly Token[]): JsonValue {
  if (typeof token !== 'string') {
    if (!Array.isArray(at)) return at;
    const meant = (n: number): boolean => token === EACH || token === n;
    if (rest.length === 0) return at.filter((_item, n) => !meant(n));
    return at.map((item, n) => (meant(n) ? unset(item, rest) : item));
  }
  if (!isJsonObject(at) || !Object.hasOwn(at, token)) return at;
  const { [token]: inner, ...others } = at;
  return rest.length === 0 ? others : { ...at, [token]: unset(inner ?? null, rest) };
}
