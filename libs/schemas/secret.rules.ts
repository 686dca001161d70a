import type { JsonValue } from '#libs/contracts/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { SPEC_SECRETS } from '#libs/onboarding/index.js';
import { selectPaths } from '#libs/planning/index.js';
import { hasInvisible, hasOuterBlank } from '#libs/text/text-faults.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

/** Secrets that are bodies of several lines: a line break at the end of one is nothing odd. */
const BODIES = new Set(
  VENDOR_MODULES.flatMap(({ vendor, section }) => section.bodies.map((path) => `${vendor}.${path}`)),
);
/** Secrets that travel in a header. */
const HEADER_VALUES = new Set(
  VENDOR_MODULES.flatMap(({ vendor, section }) => section.headers.map((path) => `${vendor}.${path}`)),
);

/**
 * What looks like a slip in secrets that are given as text: a blank or an invisible character that was copied along. It may be
 * meant, so it is taken as it is.
 */
export function secretWarnings(document: JsonValue): Finding[] {
  return SPEC_SECRETS.filter((path) => !BODIES.has(path)).flatMap((path) =>
    selectPaths(document, path).flatMap(({ pointer, value }) => {
      const message = typeof value === 'string' ? oddity(value, HEADER_VALUES.has(path)) : undefined;
      return message === undefined ? [] : [{ pointer, message }];
    }),
  );
}

function oddity(secret: string, inHeader: boolean): string | undefined {
  if (hasOuterBlank(secret)) return 'begins or ends with a blank: make sure that it belongs to the secret';
  if (hasInvisible(secret)) return 'holds a character that nobody sees: make sure that it belongs to the secret';
  if (!inHeader || /^[\0-\x7f]*$/.test(secret)) return undefined;
  return 'holds characters outside ASCII: what a header carries of them depends on who sends it';
}
