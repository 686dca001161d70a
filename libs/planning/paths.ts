import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';

/** A value found in a document, and where: RFC 6901, without `#`. */
export interface Located {
  pointer: string;
  /** The pointer without the places in arrays: the same for each item, wherever it moves. */
  field: string;
  value: JsonValue;
}

/** One token of a JSON pointer, escaped. */
export function pointerToken(token: string | number): string {
  return String(token).replace(/~/g, '~0').replace(/\//g, '~1');
}

/** JSON pointer of a path. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((token) => `/${pointerToken(token)}`).join('');
}

/**
 * A copy of `value` in which everything that one of the dot paths reaches is replaced by what `replace` returns. In a path, `[]`
 * behind a field stands for each item of the array in it and `*` for each field of an object: `roles[].headers[].value`. Paths
 * that reach nothing are fine.
 */
export function replacePaths(
  value: JsonObject,
  patterns: readonly string[],
  replace: (found: Located) => JsonValue,
): JsonObject {
  return patterns.reduce<JsonValue>(
    (whole, pattern) => descend(whole, tokens(pattern), TOP, replace),
    value,
  ) as JsonObject;
}

/** Everything that a dot path reaches in a document, as `replacePaths` understands it. */
export function selectPaths(value: JsonValue, pattern: string): Located[] {
  const found: Located[] = [];
  descend(value, tokens(pattern), TOP, (located) => {
    found.push(located);
    return located.value;
  });
  return found;
}

const TOP = { pointer: '', field: '' };

function tokens(pattern: string): string[] {
  return pattern.replaceAll('[]', '.[]').split('.');
}

function descend(
  value: JsonValue,
  path: readonly string[],
  at: Omit<Located, 'value'>,
  replace: (found: Located) => JsonValue,
): JsonValue {
  const [token, ...rest] = path;
  const { pointer, field } = at;
  if (token === undefined) return replace({ ...at, value });
  if (token === '[]') {
    if (!Array.isArray(value)) return value;
    return value.map((item, index) => descend(item, rest, { pointer: `${pointer}/${index}`, field }, replace));
  }
  if (!isJsonObject(value)) return value;
  const hit = (name: string): boolean => token === '*' || name === token;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (!hit(name)) return [name, item];
      const below = `/${pointerToken(name)}`;
      return [name, descend(item, rest, { pointer: pointer + below, field: field + below }, replace)];
    }),
  );
}
