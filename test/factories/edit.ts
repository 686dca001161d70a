import type { JsonObject, JsonValue } from '#libs/contracts/index.js';

/** A copy of a document with the value at a JSON pointer set; `undefined` takes it out, `-` as the last token appends to a list. */
export function edited(document: JsonObject, pointer: string, value: JsonValue | undefined): JsonObject {
  // Through JSON, since a structured clone keeps parts that are shared within the document shared.
  const copy = JSON.parse(JSON.stringify(document)) as JsonObject;
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = tokens.pop() ?? '';
  const parent = tokens.reduce<JsonValue | undefined>((at, token) => child(at, token), copy);
  if (Array.isArray(parent)) {
    if (value === undefined) parent.splice(Number(last), 1);
    else parent[last === '-' ? parent.length : Number(last)] = value;
  } else if (typeof parent === 'object' && parent !== null) {
    if (value === undefined) Reflect.deleteProperty(parent, last);
    else parent[last] = value;
  } else {
    throw new RangeError(`The document has nothing at the parent of ${pointer}.`);
  }
  return copy;
}

function child(value: JsonValue | undefined, token: string): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(token)];
  return typeof value === 'object' && value !== null ? value[token] : undefined;
}
