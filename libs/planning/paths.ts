import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';

/** A value found in a document, and where: RFC 6901, without `#`. */
export interface Located {
  pointer: string;
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
    (whole, pattern) => descend(whole, tokens(pattern), '', replace),
    value,
  ) as JsonObject;
}

/** Everything that a dot path reaches in a document, as `replacePaths` understands it. */
export function selectPaths(value: JsonValue, pattern: string): Located[] {
  const found: Located[] = [];
  descend(value, tokens(pattern), '', (located) => {
    found.push(located);
    return located.value;
  });
  return found;
}

function tokens(pattern: string): string[] {
  return pattern.replaceAll('[]', '.[]').split('.');
}

function descend(
  value: JsonValue,
  path: readonly string[],
  pointer: string,
  replace: (found: Located) => JsonValue,
): JsonValue {
  const [token, ...rest] = path;
  if (token === undefined) return replace({ pointer, value });
  if (token === '[]') {
    if (!Array.isArray(value)) return value;
    return value.map((item, index) => descend(item, rest, `${pointer}/${index}`, replace));
  }
  if (!isJsonObject(value)) return value;
  const hit = (name: string): boolean => token === '*' || name === token;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      hit(name) ? descend(item, rest, `${pointer}/${pointerToken(name)}`, replace) : item,
    ]),
  );
}

/**
 * Whether a pattern names a path or what lies above it: `l10nProperties` covers `l10nProperties[0].language`, `roles[].callback` covers
 * `roles[2].callback`. In the pattern `[]` stands for every `[n]`.
 */
export function coversPath(pattern: string, path: string): boolean {
  const split = (text: string): string[] =>
    text
      .replaceAll('[', '.[')
      .split('.')
      .filter((part) => part !== '');
  const wanted = split(pattern);
  const given = split(path);
  if (wanted.length > given.length) return false;
  return wanted.every((part, i) => part === given[i] || (part === '[]' && /^\[\d+\]$/.test(given[i] ?? '')));
}
