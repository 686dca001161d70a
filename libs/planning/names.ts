import type { AccountRef } from '#libs/contracts/index.js';
import { accountId } from '#libs/contracts/index.js';

const HASH_DIGITS = 12;

/** Characters (code points) of a text. */
export function textLength(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/**
 * The name of an object for which the spec gives none: `{tenant}.{account}.{node key}` in lower case. A longer one than `limit`
 * characters is cut, with `-` and a hash of the whole as its end, so that two names that begin alike stay two.
 */
export function defaultName(ref: AccountRef, nodeKey: string, limit: number, sha256: (text: string) => string): string {
  const whole = `${accountId(ref)}.${nodeKey}`.toLowerCase();
  if (textLength(whole) <= limit) return whole;
  const head = Array.from(whole)
    .slice(0, limit - HASH_DIGITS - 1)
    .join('');
  return `${head}-${sha256(whole).slice(0, HASH_DIGITS)}`;
}
