/**
 * Ids as they may stand in a path: one segment of letters, digits and a few signs, and none that a URL parser would take for a step
 * up (`..`). Those of our vendors are UUIDs and ULIDs; what is no id is never put into an address, a message or a record.
 */
const SEGMENT = /^(?!\.{1,2}$)[\w.~-]{1,128}$/;

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

const ULID = /^[\dA-HJKMNP-TV-Z]{26}$/i;

/** A token as a header can carry it (RFC 6750 §2.1, and what else is visible): one that it cannot would fail every call until it ends. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Whether a text can be sent as an access token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

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
