import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '../auth/caller.js';
import { invalid } from '../problems/problem.js';

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  /** Asks for the next page; null on the last. */
  nextCursor: string | null;
}

/** The cursors of one list, as it was asked for with one query by callers of the same tenants. */
export interface ListCursors {
  /** The place that a cursor names; null for the first page. @throws {Problem} for a text that is no cursor of this list. */
  read(cursor: string | undefined): Buffer | null;
  /** Names a place; null for none. */
  write(place: Uint8Array | null): string | null;
}

/** Makes cursors that carry a signature (HMAC-SHA256, cut to 128 bits) over the place, the list, its query and the caller's tenants. */
export class Cursors {
  /** `hmac` answers in hexadecimal digits, the same in all processes. */
  constructor(private readonly hmac: (text: string) => string) {}

  /** `query` is what narrows the list; how many rows a page has may change from one page to the next. */
  of(list: string, query: object, { tenants }: Pick<Caller, 'tenants'>): ListCursors {
    const asked = Object.entries(query).filter(([, value]) => value !== undefined);
    const bound = [list, asked.sort(([a], [b]) => (a < b ? -1 : 1)), [...new Set(tenants)].sort()];
    const signature = (place: string): Buffer =>
      Buffer.from(this.hmac(JSON.stringify(['cursor', ...bound, place])), 'hex').subarray(0, SIGNATURE_BYTES);
    return {
      read(cursor) {
        if (cursor === undefined) return null;
        const [place = '', signed = '', ...more] = cursor.split('.');
        const given = Buffer.from(signed, 'base64url');
        const fits = given.length === SIGNATURE_BYTES && timingSafeEqual(given, signature(place));
        if (!fits || more.length > 0) throw invalidCursor();
        return Buffer.from(place, 'base64url');
      },
      write(place) {
        if (place === null) return null;
        const text = Buffer.from(place).toString('base64url');
        return `${text}.${signature(text).toString('base64url')}`;
      },
    };
  }
}

const SIGNATURE_BYTES = 16;

function invalidCursor(): Error {
  return invalid('invalid-request', [
    { pointer: '/cursor', message: 'must be the nextCursor of an answer to the same query, unchanged' },
  ]);
}
