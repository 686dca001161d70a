import fs from 'node:fs';
import path from 'node:path';

/** Only variables with this prefix can be named in a spec: else one could read any of the process's settings. */
export const SECRET_VARIABLE_PREFIX = 'GANGWAY_SECRET_';

const VARIABLE = /^GANGWAY_SECRET_[A-Za-z0-9_]+$/;
const FILE = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/;
/** No vendor takes a secret that is longer; a larger file is a mistake. */
const MAX_FILE_BYTES = 64 * 1024;

/** A secret that a spec names and the worker resolves (`docs/http.md` §4.4). */
export type SecretReference = { env: string } | { file: string };

/** Where references lead. */
export interface SecretPlaces {
  /** The variables with the prefix. */
  env: Readonly<Record<string, string | undefined>>;
  /** `GANGWAY_SECRETS_DIR`; undefined: no files. */
  secretsDir: string | undefined;
}

/** A reference that cannot be resolved. The message names it, and never a value. */
export class SecretReferenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretReferenceError';
  }
}

/**
 * The secret that a reference names: a variable that begins with `GANGWAY_SECRET_`, or a plain file directly inside the secrets
 * folder (one line end at its end is dropped).
 * @throws {SecretReferenceError}
 */
export function resolveSecretReference(reference: SecretReference, places: SecretPlaces): string {
  return 'env' in reference ? fromVariable(reference.env, places) : fromFile(reference.file, places);
}

function fromVariable(name: string, { env }: SecretPlaces): string {
  if (!VARIABLE.test(name))
    throw new SecretReferenceError(`a secret's variable must begin with ${SECRET_VARIABLE_PREFIX}`);
  const value = env[name];
  if (value === undefined || value === '')
    throw new SecretReferenceError(`the variable ${name} is not set on the worker`);
  return value;
}

function fromFile(name: string, { secretsDir }: SecretPlaces): string {
  if (!FILE.test(name)) throw new SecretReferenceError('a secret file must be a plain file name, without a folder');
  if (secretsDir === undefined) {
    throw new SecretReferenceError(
      `the secret file ${name} cannot be read: GANGWAY_SECRETS_DIR is not set on the worker`,
    );
  }
  const text = readInside(secretsDir, name).replace(/\r?\n$/, '');
  if (text === '') throw new SecretReferenceError(`the secret file ${name} is empty`);
  return text;
}

/**
 * Links are followed only while they stay inside the folder: Kubernetes mounts each secret as a link to a folder beside it. The
 * file that was resolved is the one that is read.
 */
function readInside(secretsDir: string, name: string): string {
  let file: string;
  let stat: fs.Stats;
  let folder: string;
  try {
    folder = fs.realpathSync(secretsDir);
    file = fs.realpathSync(path.join(folder, name));
    stat = fs.lstatSync(file);
  } catch {
    throw new SecretReferenceError(`the secret file ${name} is not in GANGWAY_SECRETS_DIR`);
  }
  if (!file.startsWith(folder + path.sep)) {
    throw new SecretReferenceError(`the secret file ${name} leads out of GANGWAY_SECRETS_DIR`);
  }
  if (!stat.isFile() || stat.size > MAX_FILE_BYTES) {
    throw new SecretReferenceError(
      `the secret file ${name} is not a plain file of at most ${MAX_FILE_BYTES / 1024} KiB`,
    );
  }
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    throw new SecretReferenceError(`the secret file ${name} cannot be read by the worker`);
  }
}
