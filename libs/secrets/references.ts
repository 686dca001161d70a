import fs from 'node:fs';
import path from 'node:path';
import { decodeText, TextFileError, withoutLineEnd } from '#libs/files/text-file.js';

/** Only variables with this prefix can be named in a spec: else one could read any of the process's settings. */
export const SECRET_VARIABLE_PREFIX = 'GANGWAY_SECRET_';
/** Name of a variable that a spec can name as a secret. */
export const SECRET_VARIABLE = /^GANGWAY_SECRET_[A-Z0-9_]+$/;

const FILE = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/;
/** No vendor takes a secret that is longer; a larger file is a mistake. */
const MAX_FILE_BYTES = 64 * 1024;

/** A secret that a spec names and the worker resolves. */
export type SecretReference = { env: string } | { file: string };

/** Where the references of a tenant lead. */
export interface SecretPlaces {
  /** The variables with the prefix. */
  env: Readonly<Record<string, string | undefined>>;
  /** Whether the tenant may name a variable; asked at each resolution. */
  mayName: (variable: string) => boolean;
  /** `GANGWAY_SECRETS_DIR`, in which each tenant has a folder of its name; undefined: no files. */
  secretsDir: string | undefined;
  tenant: string;
}

/** A reference that cannot be resolved. The message names it, and never a value. */
export class SecretReferenceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretReferenceError';
  }
}

/** What is said of a secret that a tenant may not name, wherever that is found out: whether others have it is not told. */
export const NO_SUCH_SECRET = 'names no secret that this tenant may use';

/**
 * The secret that a reference of a tenant names: a variable that is listed for it, or a plain file in the tenant's own folder. Returns
 * a file's text without a byte order mark at its beginning and without one line end at its end.
 * @throws {SecretReferenceError} in the same words for a secret that is not there, not listed, or another tenant's
 */
export function resolveSecretReference(reference: SecretReference, places: SecretPlaces): string {
  return 'env' in reference ? fromVariable(reference.env, places) : fromFile(reference.file, places);
}

function fromVariable(name: string, { env, mayName }: SecretPlaces): string {
  if (!SECRET_VARIABLE.test(name))
    throw new SecretReferenceError(`a secret's variable must begin with ${SECRET_VARIABLE_PREFIX}`);
  const value = mayName(name) ? env[name] : undefined;
  if (value === undefined || value === '') {
    throw new SecretReferenceError(
      `the variable ${name} ${NO_SUCH_SECRET}: it must be listed for the tenant under secrets in the connections file, and set on the worker`,
    );
  }
  return value;
}

function fromFile(name: string, places: SecretPlaces): string {
  if (!FILE.test(name)) throw new SecretReferenceError('a secret file must be a plain file name, without a folder');
  const fail = (message: string): never => {
    throw new SecretReferenceError(`the secret file ${name} ${message}`);
  };
  const file = fileOf(name, places);
  if (file === undefined) {
    return fail(`${NO_SUCH_SECRET}: it must be in the tenant's folder of GANGWAY_SECRETS_DIR on the worker`);
  }
  const bytes = readPlainFile(file, fail);
  try {
    return withoutLineEnd(decodeText(bytes)) || fail('is empty');
  } catch (error) {
    if (error instanceof TextFileError) return fail(error.message);
    throw error;
  }
}

/**
 * The file itself, past all links, in the tenant's folder; undefined when there is none. Links are followed, since Kubernetes mounts
 * each secret as a link to a folder beside it, and must end inside: in a folder of the tenant's name below the secrets folder.
 */
function fileOf(name: string, { secretsDir, tenant }: SecretPlaces): string | undefined {
  if (secretsDir === undefined || tenant === '') return undefined;
  try {
    const root = fs.realpathSync(secretsDir);
    const folder = fs.realpathSync(path.join(root, tenant));
    const file = fs.realpathSync(path.join(folder, name));
    return isInside(root, folder) && path.basename(folder) === tenant && isInside(folder, file) ? file : undefined;
  } catch {
    return undefined; // nothing of this name, or a folder on the way that the worker may not enter
  }
}

function isInside(folder: string, file: string): boolean {
  return file.startsWith(folder + path.sep);
}

/** What was resolved is what is read: a link that is put in its place meanwhile is not followed, and nothing waits for a pipe's writer. */
function readPlainFile(file: string, fail: (message: string) => never): Uint8Array {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch {
    return fail('cannot be read by the worker');
  }
  try {
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile() || stat.size > MAX_FILE_BYTES) {
      return fail(`is not a plain file of at most ${MAX_FILE_BYTES / 1024} KiB`);
    }
    return fs.readFileSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}
