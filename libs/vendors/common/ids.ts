/**
 * Ids as they may stand in a path: one segment of letters, digits and a few signs, and none that a URL parser would take for a step
 * up (`..`). Those of our vendors are UUIDs and ULIDs; what is no id is never put into an address, a message or a record.
 */
const SEGMENT = /^(?!\.{1,2}$)[\w.~-]{1,128}$/;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const ULID = /^[\dA-HJKMNP-TV-Z]{26}$/i;

/** Whether a text can be an id of any vendor. */
export function isId(text: string): boolean {
  return SEGMENT.test(text);
}

/** Whether a text is a UUID, in its form of 36 characters. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Whether a text is a ULID: 26 characters of Crockford's base 32. */
export function isUlid(text: string): boolean {
  return ULID.test(text);
}
