import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { NAME_PATTERN } from '#libs/contracts/index.js';
import { GENERATED_API_KEY_FILE } from './cli-settings.js';
import { ConfigError } from './faults.js';
import { keptFile } from './kept-file.js';
import { readKeyFile, type KeyFileOptions } from './key-file.js';
import { errorCode } from '#libs/files/text-file.js';

const VARIABLE = 'GANGWAY_API_KEYS';

/** What a caller may be allowed to do (`docs/http.md` §4 and §5). */
export const SCOPES = [
  'onboardings:read',
  'onboardings:write',
  'onboardings:control',
  'onboardings:adopt',
  'accounts:read',
  'reconciliations:read',
  'reconciliations:run',
  'credentials:read',
  'codec',
  'codec:encode',
] as const;
export type Scope = (typeof SCOPES)[number];

/** A caller of the API. Of its key only the hash is known. */
export interface ApiKey {
  /** Names the caller in the audit. */
  id: string;
  /** SHA-256 of the key, lower-case hex. */
  sha256: string;
  /** Names of tenants, or `['*']`. */
  tenants: string[];
  scopes: Scope[];
  /** From then on it is not accepted: RFC 3339. Absent: it has no end. */
  notAfter?: string | undefined;
}

/** SHA-256 of nothing: what a script makes of a key that it did not have. */
const HASH_OF_NOTHING = createHash('sha256').update('').digest('hex');
/** What a tenant may have at the same time; what is absent has no bound. */
export interface Quota {
  /** Jobs that have not ended, held ones too. */
  openJobs?: number | undefined;
  /** Accounts that are there. */
  accounts?: number | undefined;
}

/** Quotas by tenant; `*` holds for each tenant that is not named. */
export type Quotas = Readonly<Record<string, Quota>>;

/** What the file of API keys holds. */
export interface ApiKeysFile {
  keys: ApiKey[];
  quotas: Quotas;
}

const limit = z.int('must be a whole number').min(0, 'must be at least 0').optional();

const quotasSchema = z.record(
  z.string().refine((name) => name === '*' || NAME_PATTERN.test(name), 'must be the name of a tenant, or "*"'),
  z.strictObject({ openJobs: limit, accounts: limit }, 'must hold openJobs, accounts or both'),
  'must hold a quota for each tenant that it names, or for "*"',
);

const apiKeysSchema = z
  .strictObject({
    quotas: quotasSchema.default({}),
    keys: z
      .array(
        z.strictObject({
          id: z
            .string('is missing')
            .regex(/^[A-Za-z0-9._@-]{1,64}$/, 'must be 1 to 64 letters, digits and any of . _ @ -'),
          sha256: z
            .string('is missing')
            .regex(/^[0-9a-fA-F]{64}$/, 'must be the SHA-256 of the key as 64 hexadecimal digits')
            .toLowerCase(),
          tenants: z
            .array(
              z
                .string()
                .refine((name) => name === '*' || NAME_PATTERN.test(name), 'must be the name of a tenant, or "*"'),
              'must be a list of tenant names, or ["*"]',
            )
            .min(1, 'must hold at least one tenant, or "*"'),
          scopes: z.array(z.enum(SCOPES, `must be one of ${SCOPES.join(', ')}`), 'must be a list of scopes'),
          notAfter: z.iso.datetime({ offset: true, error: 'must be a time like 2027-01-31T00:00:00Z' }).optional(),
        }),
        'must be a list of keys',
      )
      .min(1, 'must hold at least one key'),
  })
  .superRefine(({ keys }, context) => {
    keys.forEach(({ id, sha256 }, index) => {
      const before = keys.slice(0, index);
      const fault = (field: string, message: string): void =>
        context.addIssue({ code: 'custom', path: ['keys', index, field], message });
      if (before.some((other) => other.id === id)) fault('id', 'is used by another key');
      const same = before.find((other) => other.sha256 === sha256);
      if (same) fault('sha256', `is that of the key ${same.id} too: nobody could tell who asked`);
      if (sha256 === HASH_OF_NOTHING)
        fault('sha256', 'is the hash of an empty text: hash the key itself, without a line end');
    });
  });

/**
/**
 * Reads the file of API keys: `{"keys":[{"id","sha256","tenants","scopes","notAfter"}],"quotas":{"acme":{"openJobs","accounts"}}}`.
 * Returns expired keys too.
 * @throws {ConfigError} with all its faults.
 */
export function readApiKeysFile(file: string, options: KeyFileOptions): ApiKeysFile {
  return readKeyFile({ variable: VARIABLE, file }, apiKeysSchema, options);
}

/**
 * The API key of the data dir, made where there is none; the same after a restart. It may do everything for every tenant: the API
 * that accepts it listens on a loopback address only.
 * @throws {ConfigError} when it can be neither read nor made.
 */
export function keptApiKey(dataDir: string): { text: string; key: ApiKey } {
  const file = path.join(dataDir, GENERATED_API_KEY_FILE);
  let text: string;
  try {
    text = keptFile(file, () => `gwk_${randomBytes(24).toString('base64url')}\n`).trim();
  } catch (error) {
    throw new ConfigError([
      { name: 'GANGWAY_DATA_DIR', message: `${file} cannot be made or read (${errorCode(error)})` },
    ]);
  }
  if (!/^gwk_[\w-]{20,}$/.test(text)) {
    throw new ConfigError([{ name: 'GANGWAY_DATA_DIR', message: `${file} holds no key: remove it, and one is made` }]);
  }
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { text, key: { id: 'local', sha256, tenants: ['*'], scopes: [...SCOPES] } };
}
