import type { PathKind } from '#libs/resources/contract.js';

/** The documented fields of a resource, as patterns: each value, and each array of plain values. */
export interface KnownFields {
  fields: readonly string[];
  secrets: readonly string[];
}

/**
 * Whether a pattern (`roles[].callback`) covers the path of a difference (`roles[1].callback`): `[]` stands for every `[n]`, and a
 * pattern covers what lies below it.
 */
export function matchesPath(pattern: string, path: string): boolean {
  const given = tokens(path);
  return tokens(pattern).every((token, n) => token === given[n] || (token === '[]' && isItem(given[n])));
}

/** What a path, with `[n]` or `[]` for items, names: a documented field or an object that holds one, a secret, or nothing. */
export function pathKind(path: string, { fields, secrets }: KnownFields): PathKind {
  const pattern = tokens(path)
    .map((token) => (isItem(token) ? '[]' : token))
    .join('.')
    .replaceAll('.[', '[');
  if (secrets.some((secret) => matchesPath(secret, pattern))) return 'secret';
  return fields.some((field) => matchesPath(pattern, field)) ? 'field' : 'none';
}

function isItem(token: string | undefined): boolean {
  return token !== undefined && /^\[\d*\]$/.test(token);
}

function tokens(path: string): string[] {
  return path.replaceAll('[', '.[').split('.');
}
