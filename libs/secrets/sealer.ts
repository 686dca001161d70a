import { createHmac } from 'node:crypto';
import { decrypt, encrypt } from './aes-gcm.js';
import { keysFor, type KeyRing } from './key-ring.js';

const PREFIX = 'sealed:v1:';
const SEALED = /^sealed:v1:([^:]+):([A-Za-z0-9_-]+)$/;

/** Hides the secrets of customers: sealed before anything starts, opened just before a vendor call. */
export interface Sealer {
  /** `sealed:v1:<key id>:<base64url of iv, ciphertext and tag>`, bound to the account: it opens for no other. */
  seal(text: string, accountId: string): string;
  /**
   * The text that was sealed for this account.
   * @throws {UnknownKeyError} when the ring has lost its key. @throws {SealError} when it is no sealed value, or of another account.
   */
  open(sealed: string, accountId: string): string;
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
  return typeof value === 'string' && value.startsWith(PREFIX);
}

/** A sealer over a key ring. */
export function createSealer(ring: KeyRing): Sealer {
  const sealingKey = keysFor(ring, 'sealing');
  const hashingKey = keysFor(ring, 'hashing');
  return {
    seal(text, accountId) {
      const bytes = encrypt(sealingKey(ring.active), Buffer.from(text, 'utf8'), boundTo(ring.active, accountId));
      return `${PREFIX}${ring.active}:${bytes.toString('base64url')}`;
    },
    open(sealed, accountId) {
      const [, keyId, body] = SEALED.exec(sealed) ?? [];
      if (keyId === undefined || body === undefined) throw new SealError('the value is not a sealed one');
      const clear = decrypt(sealingKey(keyId), Buffer.from(body, 'base64url'), boundTo(keyId, accountId));
      if (!clear) throw new SealError(`the sealed value does not belong to ${accountId}, or was changed`);
      return clear.toString('utf8');
    },
    hmac: (text) => createHmac('sha256', hashingKey(ring.hash)).update(text, 'utf8').digest('hex'),
  };
}

function boundTo(keyId: string, accountId: string): string {
  return JSON.stringify(['sealed:v1', keyId, accountId]);
}
