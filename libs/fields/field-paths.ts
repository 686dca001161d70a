/** The fields that a value may have, as far as they are known. */
export interface FieldTree {
  /** What a field of this name holds; undefined for one that is not there. */
  field(name: string): FieldTree | undefined;
  /** Names of the fields that have fixed ones. */
  fields: readonly string[];
  /** What a list holds; undefined where there is no list. */
  item?: FieldTree | undefined;
}

/** What a path leads to. */
export type PathTarget = 'field' | 'secret' | 'nothing';

/**
 * Tells what a path of a plan's changes leads to in a body: names behind dots, `[]` for every item and `[n]` for one. Names may hold
 * dots themselves, so the fields decide where one ends. `secrets` are patterns as in `Resource.secrets`; what is below a secret is one.
 */
export function pathReader(tree: FieldTree, secrets: readonly string[]): (path: string) => PathTarget {
  const hidden = secrets.map((pattern) => pattern.replaceAll('[]', '.[]').split('.'));
  return (path) => {
    const found = [...readings(path, tree, [])];
    if (found.length === 0) return 'nothing';
    return found.some((tokens) => hidden.some((secret) => leadsInto(secret, tokens))) ? 'secret' : 'field';
  };
}

/** The fields of several descriptions of one value, taken together. */
export function joined(trees: readonly FieldTree[]): FieldTree {
  const below = (parts: readonly (FieldTree | undefined)[]): FieldTree | undefined => {
    const there = parts.filter((part) => part !== undefined);
    return there.length === 0 ? undefined : joined(there);
  };
  return {
    field: (name) => below(trees.map((tree) => tree.field(name))),
    fields: trees.flatMap(({ fields }) => fields),
    item: below(trees.map(({ item }) => item)),
  };
}

/** The fields that dot paths name: `channel.id`. */
export function treeOf(paths: readonly string[]): FieldTree {
  const names = new Map<string, string[]>();
  for (const path of paths) {
    const [name = '', ...rest] = path.split('.');
    names.set(name, [...(names.get(name) ?? []), ...(rest.length > 0 ? [rest.join('.')] : [])]);
  }
  return {
    field: (name) => (names.has(name) ? treeOf(names.get(name) ?? []) : undefined),
    fields: [...names.keys()],
  };
}

/** All ways to read a path, as tokens in which an item is `[]`. */
function* readings(rest: string, tree: FieldTree, tokens: readonly string[]): Generator<readonly string[]> {
  if (rest === '') {
    if (tokens.length > 0) yield tokens;
    return;
  }
  const [index] = /^\[\d{0,9}\]/.exec(rest) ?? [];
  if (index !== undefined) {
    if (tree.item) yield* readings(rest.slice(index.length), tree.item, [...tokens, '[]']);
    return;
  }
  if (tokens.length > 0 && !rest.startsWith('.')) return;
  const named = tokens.length > 0 ? rest.slice(1) : rest;
  for (const name of namesAtStart(named, tree)) {
    const field = tree.field(name);
    if (field) yield* readings(named.slice(name.length), field, [...tokens, name]);
  }
}

/** Fixed names with which a path goes on, and what stands before the next dot or bracket. */
function namesAtStart(path: string, tree: FieldTree): string[] {
  const upTo = /^[^.[]+/.exec(path)?.[0];
  const fixed = tree.fields.filter((name) => path.startsWith(name) && /^(?:$|[.[])/.test(path.slice(name.length)));
  return [...new Set([...fixed, ...(upTo === undefined ? [] : [upTo])])];
}

function leadsInto(secret: readonly string[], tokens: readonly string[]): boolean {
  return tokens.length >= secret.length && secret.every((token, at) => token === '*' || token === tokens[at]);
}
