import fs from 'node:fs';
import path from 'node:path';
import { ConfigError } from './faults.js';

/** A credential as the connections file gives it: inline, in a variable, or in a file. */
export type CredentialSource = string | { env: string } | { file: string };

/**
 * Reads a credential, each time anew, so that a rotated one is taken up without a restart.
 * @throws {ConfigError} naming the credential's field and the variable or file, never the value.
 */
export type Credential = () => string;

/** Where credentials are read from. */
export interface CredentialPlaces {
  env: NodeJS.ProcessEnv;
  /** The folder from which a relative `file` counts: that of the connections file. */
  folder: string;
}

/** A credential that is read when it is asked for. `name` is its field, for faults. */
export function credential(source: CredentialSource, name: string, places: CredentialPlaces): Credential {
  if (typeof source === 'string') return () => source;
  const fail = (message: string): never => {
    throw new ConfigError([{ name, message }]);
  };
  if ('env' in source) {
    return () => places.env[source.env] || fail(`the environment variable ${source.env} is not set`);
  }
  const file = path.resolve(places.folder, source.file);
  return () => {
    let text: string;
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (error) {
      return fail(`the file ${file} cannot be read (${errorCode(error)})`);
    }
    return text.replace(/\r?\n$/, '') || fail(`the file ${file} is empty`);
  };
}

/** `ENOENT` and the like, without the text of the error. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}
