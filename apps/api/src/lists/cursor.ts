import { invalid } from '../problems/problem.js';

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  /** Asks for the next page; null on the last. */
  nextCursor: string | null;
}

/** The token behind a cursor; null for the first page. @throws {Problem} for a text that is no cursor of ours. */
export function readCursor(cursor: string | undefined): Uint8Array | null {
  if (cursor === undefined) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length > 0 && bytes.toString('base64url') === cursor) return bytes;
  throw invalidCursor();
}

export function writeCursor(token: Uint8Array | null): string | null {
  return token ? Buffer.from(token).toString('base64url') : null;
}

/** The refusal of a cursor that the list did not give. */
export function invalidCursor(): Error {
  return invalid('invalid-request', [
    { pointer: '/cursor', message: 'must be the nextCursor of an answer, unchanged' },
  ]);
}
