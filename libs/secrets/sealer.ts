import { createHmac } from 'node:crypto';
import { SEALED_PREFIX } from '#libs/contracts/sealed.js';
import { decrypt, encrypt } from './aes-gcm.js';
import { keysFor, type KeyRing } from './key-ring.js';

const SEALED = /^sealed:(v[12]):([^:]+):([A-Za-z0-9_-]+)$/;

/** What a sealed value is bound to: put anywhere else, it does not open. */
export interface SealedFor {
  accountId: string;
  /** The field by its names, a pointer without places in arrays: `/egain/authentication/basicAuth/password`. */
  field: string;
}

/** Hides the secrets of customers: sealed before anything starts, opened just before a vendor call. */
export interface Sealer {
  /** Returns `sealed:v2:<key id>:<base64url of iv, ciphertext and tag>`. */
  seal(text: string, place: SealedFor): string;
  /**
   * Returns the text that was sealed for this account and field. Values of version 1, which accounts may have kept, are bound to the
   * account alone.
   * @throws {UnknownKeyError} when the ring has lost its key. @throws {SealError} when it is no sealed value, or of another place.
   */
  open(sealed: string, place: SealedFor): string;
  /** HMAC-SHA256 (hex) under the ring's hash key: equal texts give equal hashes, through every rotation. */
  hmac(text: string): string;
}

/** A sealed value that cannot be opened. */
export class SealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealError';
  }
}

/** True for a text that looks like a sealed value. */
export function isSealed(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(SEALED_PREFIX);
}

/** A sealer over a key ring. */
export function createSealer(ring: KeyRing): Sealer {
  const sealingKey = keysFor(ring, 'sealing');
  const hashingKey = keysFor(ring, 'hashing');
  return {
    seal(text, place) {
      const bytes = encrypt(sealingKey(ring.active), Buffer.from(text, 'utf8'), boundTo('v2', ring.active, place));
      return `${SEALED_PREFIX}2:${ring.active}:${bytes.toString('base64url')}`;
    },
    open(sealed, place) {
      const [, version, keyId, body] = SEALED.exec(sealed) ?? [];
      if (version === undefined || keyId === undefined || body === undefined) {
        throw new SealError('the value is not a sealed one');
      }
      const clear = decrypt(sealingKey(keyId), Buffer.from(body, 'base64url'), boundTo(version, keyId, place));
      if (!clear) {
        throw new SealError(`the sealed value does not belong to ${place.accountId} at ${place.field}, or was changed`);
      }
      return clear.toString('utf8');
    },
    hmac: (text) => createHmac('sha256', hashingKey(ring.hash)).update(text, 'utf8').digest('hex'),
  };
}

function boundTo(version: string, keyId: string, { accountId, field }: SealedFor): string {
  return JSON.stringify([`sealed:${version}`, keyId, accountId, ...(version === 'v1' ? [] : [field])]);
}
