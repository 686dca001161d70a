import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { DEEPEST, scanJson } from '#libs/json/scan.js';
import { hasMoreValues } from '#libs/planning/index.js';
import { below, type Review } from './review.js';

/** Values (scalars, lists, objects) that a manifest may hold: far more than all its fields have. */
export const MOST_MANIFEST_VALUES = 10_000;

const BYTE_ORDER_MARK = '\uFEFF';

/** The manifest in a text; undefined, with the reason reported, where there is none. The text itself is never changed. */
export function readText(text: string, review: Review): JsonObject | undefined {
  const marked = text.startsWith(BYTE_ORDER_MARK);
  if (marked)
    review.error('', 'begins with a byte order mark, which JSON does not allow: save it as UTF-8 without one');
  const json = marked ? text.slice(1) : text;
  const scan = scanJson(json);
  if (!scan.sound) {
    review.error('', `is not valid JSON, line ${scan.line}, column ${scan.column}: ${scan.problem}`);
    return undefined;
  }
  for (const path of scan.duplicates) {
    review.error(path.reduce<string>(below, ''), 'is there twice in the text: keep one of them');
  }
  return asManifest(JSON.parse(json) as JsonValue, review);
}

/** The manifest given as an object, unless it is none or nested beyond any sense. */
export function readObject(value: JsonValue, review: Review): JsonObject | undefined {
  if (!isDeeper(value, DEEPEST)) return asManifest(value, review);
  review.error('', `is nested deeper than ${DEEPEST} levels`);
  return undefined;
}

function asManifest(value: JsonValue, review: Review): JsonObject | undefined {
  if (!isJsonObject(value)) review.error('', 'must be a JSON object: { "client_name": ... }');
  else if (hasMoreValues(value, MOST_MANIFEST_VALUES)) {
    review.error('', `holds more than ${MOST_MANIFEST_VALUES} values: no field of a manifest needs so many`);
  } else return value;
  return undefined;
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels < 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}
