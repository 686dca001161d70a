import { DRIFT_FIELDS_LIMIT, DRIFT_VALUE_LIMIT, type Difference, type JsonValue } from '#libs/contracts/index.js';

/** Differences as answers and records show them: at most 20 fields, long values cut. */
export function shownDifferences(differences: readonly Difference[]): Difference[] {
  return differences
    .slice(0, DRIFT_FIELDS_LIMIT)
    .map(({ path, expected, seen }) => ({ path, expected: cut(expected), seen: cut(seen) }));
}

/** A value of at most 200 characters as JSON; a longer one as the beginning of its text, with an ellipsis. */
function cut(value: JsonValue): JsonValue {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= DRIFT_VALUE_LIMIT) return value;
  return `${text.slice(0, DRIFT_VALUE_LIMIT - 1)}…`;
}
