import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { KEY_BYTES, type KeyRing } from '#libs/secrets/key-ring.js';
import { ConfigError } from './faults.js';
import { parseSettingsFile } from './files.js';
import { keptFile } from './kept-file.js';
import { readKeyFile, type KeyFileOptions } from './key-file.js';
import { errorCode } from '#libs/files/text-file.js';

const VARIABLE = 'GANGWAY_ENCRYPTION_KEYS';
/** Names the folder of the ring that was generated. */
const VARIABLE_OF_KEPT = 'GANGWAY_DATA_DIR';
/** Name of the generated key ring's file in the data directory. */
export const KEPT_KEY_RING = 'encryption-keys.json';
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const KEY_TEXT = /^[A-Za-z0-9+/]{43}=$/;

const keyId = z
  .string('must be the id of a key')
  .regex(KEY_ID, 'must be 1 to 32 letters, digits, hyphens and underscores');

/** `{"active":"k1","keys":{"k1":"<base64 of 32 bytes>"},"hash":"k1"}`; `hash` left out is the first key. */
const keyRingSchema = z
  .strictObject({
    active: keyId,
    hash: keyId.optional(),
    keys: z
      .record(keyId, z.string().regex(KEY_TEXT, `must be the base64 of ${KEY_BYTES} bytes`), 'must be keys by id')
      .refine((keys) => Object.keys(keys).length > 0, 'must hold at least one key'),
  })
  .superRefine(({ active, hash, keys }, context) => {
    if (!Object.hasOwn(keys, active))
      context.addIssue({ code: 'custom', path: ['active'], message: 'names no key in keys' });
    if (hash !== undefined && !Object.hasOwn(keys, hash)) {
      context.addIssue({ code: 'custom', path: ['hash'], message: 'names no key in keys' });
    }
    for (const [id, key] of Object.entries(keys)) {
      if (!isAllZero(key)) continue;
      const message = `is all zero: make one by openssl rand -base64 ${KEY_BYTES}`;
      context.addIssue({ code: 'custom', path: ['keys', id], message });
    }
  });

/**
 * Reads a key ring file.
 * @throws {ConfigError} naming the file and the field, never a key.
 */
export function readKeyRingFile(file: string, options: KeyFileOptions): KeyRing {
  return keyRingOf(readKeyFile({ variable: VARIABLE, file }, keyRingSchema, options));
}

/**
 * The key ring of the data dir, made once where there is none. Only for a Temporal that is embedded or on this machine: elsewhere
 * a second machine would make a ring of its own.
 * @throws {ConfigError} when the file is wrong or cannot be made.
 */
export function keptKeyRing(dataDir: string): KeyRing {
  const file = path.join(dataDir, KEPT_KEY_RING);
  try {
    const text = keptFile(file, newKeyRing);
    return keyRingOf(parseSettingsFile(text, { variable: VARIABLE_OF_KEPT, file }, keyRingSchema));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([
      { name: VARIABLE_OF_KEPT, message: `${file} cannot be made or read (${errorCode(error)})` },
    ]);
  }
}

function isAllZero(key: string): boolean {
  return Buffer.from(key, 'base64').every((byte) => byte === 0);
}

function newKeyRing(): string {
  const ring = { active: 'k1', hash: 'k1', keys: { k1: randomBytes(KEY_BYTES).toString('base64') } };
  return `${JSON.stringify(ring, null, 2)}\n`;
}

function keyRingOf({ active, hash, keys }: z.output<typeof keyRingSchema>): KeyRing {
  const entries = Object.entries(keys);
  return {
    active,
    hash: hash ?? entries[0]?.[0] ?? active,
    keys: new Map(entries.map(([id, key]) => [id, Buffer.from(key, 'base64')])),
  };
}
