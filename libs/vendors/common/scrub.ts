import { isJsonObject, plainLine, type JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';

/** What stands in a text in place of a secret. */
const SCRUBBED = '[secret]';

/** Shorter values are not looked for: they would stand in many a text by chance. */
const SHORTEST = 3;

/** Credentials that a call carries in its header, where a vendor repeats it; words such as `Bearer authentication` are shorter. */
const AUTHORIZATION = /\b(Basic|Bearer)\s+[\w.~+/=-]{16,}/gi;

/**
 * The secret values of a body, by its secret paths; also those inside a secret that is itself JSON or a form (eGain's
 * `oauth2.payload`), since a vendor may repeat only a part of it.
 */
export function secretValues(body: JsonValue, paths: readonly string[]): string[] {
  return paths.flatMap((path) => selectPaths(body, path).flatMap(({ value }) => textsIn(value)));
}

/** A text without the given secrets, neither as they are nor as JSON or a URL would write them, and without authorization headers. */
export function scrub(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  // The longest first, so that no rest of one stays when another is a part of it.
  return [...new Set(forms)]
    .filter((form) => form.length >= SHORTEST)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, form) => clean.replaceAll(form, SCRUBBED), text)
    .replace(AUTHORIZATION, `$1 ${SCRUBBED}`);
}

/**
 * What a vendor says, as a message may carry it: one line of at most `limit` characters, without secrets and without what would alter
 * how it is shown. Undefined when nothing is left of it.
 */
export function quotable(text: string | undefined, secrets: readonly string[], limit: number): string | undefined {
  if (text === undefined) return undefined;
  // Once more on the line: what is invisible may stand within a secret.
  const line = plainLine(scrub(plainLine(scrub(text, secrets)), secrets), limit);
  return line === '' ? undefined : line;
}

function textsIn(value: JsonValue): string[] {
  if (typeof value === 'string') return [value, ...partsOf(value)];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

function partsOf(text: string): string[] {
  if (/^\s*[[{]/.test(text)) {
    try {
      return textsIn(JSON.parse(text) as JsonValue);
    } catch {
      return []; // only looked like JSON
    }
  }
  return text.includes('=') ? [...new URLSearchParams(text).values()] : [];
}
