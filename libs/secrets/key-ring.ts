import { hkdfSync } from 'node:crypto';

/** Length of every key in bytes: AES-256. */
export const KEY_BYTES = 32;

/** Keys by id. A rotation adds a key and makes it the active one; older ones stay for what they encrypted. */
export interface KeyRing {
  /** Id of the key that encrypts from now on. */
  active: string;
  /** Id of the key under which hashes are made. A rotation keeps it: with another one, every known spec would look changed. */
  hash: string;
  keys: ReadonlyMap<string, Uint8Array>;
}

/** What a key is used for; each use has a key of its own, derived from the ring's. */
export type KeyPurpose = 'sealing' | 'payloads' | 'hashing';

/** Nothing can be read, because the key ring has no key of that id. The message names the id. */
export class UnknownKeyError extends Error {
  constructor(readonly keyId: string) {
    super(`the key ring has no key ${JSON.stringify(keyId)}: add it to the file of GANGWAY_ENCRYPTION_KEYS`);
    this.name = 'UnknownKeyError';
  }
}

/**
 * The keys of one ring for one purpose, each derived once (HKDF-SHA256).
 * @throws {UnknownKeyError} when asked for a key that the ring has not.
 */
export function keysFor(ring: KeyRing, purpose: KeyPurpose): (keyId: string) => Buffer {
  const derived = new Map<string, Buffer>();
  return (keyId) => {
    const known = derived.get(keyId);
    if (known) return known;
    const source = ring.keys.get(keyId);
    if (!source) throw new UnknownKeyError(keyId);
    const key = Buffer.from(hkdfSync('sha256', source, '', `gangway/${purpose}/v1`, KEY_BYTES));
    derived.set(keyId, key);
    return key;
  };
}
