import type { Difference, JsonObject, JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';

/** Stands for a secret in what is shown of a change. */
const HIDDEN = '[secret]';

/** Opens the secrets of a body. Throws where one cannot be opened. */
export type OpenBody = (body: JsonObject) => JsonObject;

/**
 * The secrets that are to be written since they are not known to stand: the vendor does not show them, so what was written before
 * decides. One that cannot be opened any more counts as another one.
 * @param previous - the body that was written before; empty where nobody knows it
 * @returns one entry for each place, hidden on both sides; null on the side that has none
 */
export function secretChanges(
  secrets: readonly string[],
  previous: JsonObject,
  wanted: JsonObject,
  open: OpenBody,
): Difference[] {
  const [opened, other] = [openedOr(previous, open), openedOr(wanted, open)];
  const known = opened !== undefined && other !== undefined;
  const before = placesOf(secrets, opened ?? previous);
  const after = placesOf(secrets, other ?? wanted);
  if (known && sameTexts([...before.values()], [...after.values()])) return [];
  const paths = [...after.keys(), ...[...before.keys()].filter((path) => !after.has(path))];
  return paths
    .filter((path) => !known || before.get(path) !== after.get(path))
    .map((path) => ({ path, expected: side(after, path), seen: side(before, path) }));
}

function openedOr(body: JsonObject, open: OpenBody): JsonObject | undefined {
  try {
    return open(body);
  } catch {
    return undefined;
  }
}

/** The secrets of a body by their paths, in the order of the patterns. */
function placesOf(secrets: readonly string[], body: JsonObject): Map<string, string> {
  const found = secrets.flatMap((pattern) => selectPaths(body, pattern));
  return new Map(found.map(({ pointer, value }) => [pathOf(pointer), JSON.stringify(value)]));
}

/** `/roles/0/headers/1/value` as `roles[0].headers[1].value`. */
function pathOf(pointer: string): string {
  const tokens = pointer.slice(1).split('/');
  return tokens
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((token, n) => (/^\d+$/.test(token) ? `[${token}]` : n === 0 ? token : `.${token}`))
    .join('');
}

function side(places: ReadonlyMap<string, string>, path: string): JsonValue {
  return places.has(path) ? HIDDEN : null;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
