import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { NAME_PATTERN } from '#libs/contracts/index.js';
import { GENERATED_API_KEY_FILE } from './cli-settings.js';
import { errorCode } from './credentials.js';
import { ConfigError } from './faults.js';
import { parseSettingsText, variableFaults } from './files.js';
import { keptFile } from './kept-file.js';

const VARIABLE = 'GANGWAY_API_KEYS';

/** What a caller may be allowed to do (`api.md` sections 4 and 5). */
export const SCOPES = [
  'onboardings:read',
  'onboardings:write',
  'onboardings:control',
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
    keys.forEach(({ id }, index) => {
      if (keys.findIndex((other) => other.id === id) < index) {
        context.addIssue({ code: 'custom', path: ['keys', index, 'id'], message: 'is used by another key' });
      }
    });
  });

/**
 * Reads the file of API keys: `{"keys":[{"id","sha256","tenants","scopes","notAfter"}],"quotas":{"acme":{"openJobs","accounts"}}}`.
 * @throws {ConfigError} with all its faults.
 */
export function readApiKeysFile(file: string): ApiKeysFile {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([{ name: VARIABLE, message: `the file ${file} cannot be read (${errorCode(error)})` }]);
  }
  const parsed = apiKeysSchema.safeParse(parseSettingsText(text, file));
  if (!parsed.success) throw new ConfigError(variableFaults(parsed.error, VARIABLE, file));
  return parsed.data;
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
