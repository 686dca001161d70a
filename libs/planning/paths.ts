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
  const text = String(token);
  return /[~/]/.test(text) ? text.replaceAll('~', '~0').replaceAll('/', '~1') : text;
}

/** JSON pointer of a path. */
export function pointerOf(path: readonly (string | number)[]): string {
  return path.map((token) => `/${pointerToken(token)}`).join('');
}

/**
 * A copy of `value` in which everything that one of the dot paths reaches is replaced by what `replace` returns, in the order of the
 * document. In a path, `[]` behind a field stands for each item of the array in it and `*` for each field of an object:
 * `roles[].headers[].value`. Paths that reach nothing are fine. What no path leads to is shared with `value`.
 */
export function replacePaths(
  value: JsonObject,
  patterns: readonly string[],
  replace: (found: Located) => JsonValue,
): JsonObject {
  return replaceBelow(value, branchOf(patterns), TOP, replace) as JsonObject;
}

/** Everything that a dot path reaches in a document, as `replacePaths` understands it. */
export function selectPaths(value: JsonValue, pattern: string): Located[] {
  const found: Located[] = [];
  collect(value, tokens(pattern), 0, TOP, found);
  return found;
}

/** Where a walk is. */
type Place = Omit<Located, 'value'>;

const TOP: Place = { pointer: '', field: '' };

/** Paths by their first token; `ends` where one of them ends. */
interface Branch {
  ends: boolean;
  next: Map<string, Branch>;
}

/** Lists of patterns are constants, so each is read once. */
const branches = new WeakMap<readonly string[], Branch>();

function branchOf(patterns: readonly string[]): Branch {
  const known = branches.get(patterns);
  if (known) return known;
  const root: Branch = { ends: false, next: new Map() };
  for (const pattern of patterns) {
    let at = root;
    for (const token of tokens(pattern)) {
      const below: Branch = at.next.get(token) ?? { ends: false, next: new Map() };
      at.next.set(token, below);
      at = below;
    }
    at.ends = true;
  }
  branches.set(patterns, root);
  return root;
}

function tokens(pattern: string): string[] {
  return pattern.replaceAll('[]', '.[]').split('.');
}

function replaceBelow(
  value: JsonValue,
  branch: Branch,
  at: Place,
  replace: (found: Located) => JsonValue,
): JsonValue {
  if (branch.ends) return replace({ ...at, value });
  if (Array.isArray(value)) {
    const item = branch.next.get('[]');
    return item ? value.map((each, index) => replaceBelow(each, item, itemOf(at, index), replace)) : value;
  }
  if (!isJsonObject(value) || !leadsInto(branch, value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const below = branch.next.get(name) ?? branch.next.get('*');
      return [name, below ? replaceBelow(item, below, fieldOf(at, name), replace) : item];
    }),
  );
}

function leadsInto(branch: Branch, value: JsonObject): boolean {
  return branch.next.has('*') || [...branch.next.keys()].some((name) => Object.hasOwn(value, name));
}

function collect(value: JsonValue, path: readonly string[], next: number, at: Place, found: Located[]): void {
  const token = path[next];
  if (token === undefined) found.push({ ...at, value });
  else if (token === '[]') {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) collect(item, path, next + 1, itemOf(at, index), found);
  } else if (isJsonObject(value)) {
    for (const name of token === '*' ? Object.keys(value) : [token]) {
      const item = Object.hasOwn(value, name) ? value[name] : undefined;
      if (item !== undefined) collect(item, path, next + 1, fieldOf(at, name), found);
    }
  }
}

function itemOf({ pointer, field }: Place, index: number): Place {
  return { pointer: `${pointer}/${index}`, field };
}

function fieldOf({ pointer, field }: Place, name: string): Place {
  const below = `/${pointerToken(name)}`;
  return { pointer: pointer + below, field: field + below };
}
