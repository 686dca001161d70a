import type { JsonValue } from '#libs/contracts/index.js';

/** Levels of lists and objects that a document may have: more than any that means something, few enough for every walk. */
export const DEEPEST_LEVEL = 64;

/** Values (scalars, lists, objects) that a document may have: a job that carries so many, once in its spec and once in its nodes, is too large. */
export const MOST_VALUES = 25_000;

/** True when a document has more values than `most`. Takes any depth, and no longer than it takes to count that many. */
export function hasMoreValues(document: JsonValue, most: number = MOST_VALUES): boolean {
  const open: JsonValue[] = [document];
  let seen = 0;
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    seen++;
    if (typeof value !== 'object' || value === null) continue;
    const members = Array.isArray(value) ? value : Object.values(value);
    if (seen + open.length + members.length > most) return true;
    for (const member of members) open.push(member);
  }
  return seen > most;
}
