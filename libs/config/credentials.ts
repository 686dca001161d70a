import path from 'node:path';
import type { Credential, CredentialSource } from '#libs/vendors/common/connection.js';
import { ConfigError } from './faults.js';
import { inFile, type SettingsFile } from './files.js';
import { readTextFile, TextFileError, withoutLineEnd } from '#libs/files/text-file.js';

/** Where credentials are read from. */
export interface CredentialPlaces {
  env: NodeJS.ProcessEnv;
  /** The folder from which a relative `file` counts: that of the connections file. */
  folder: string;
  /** The connections file itself, for faults. */
  source: SettingsFile;
}

/** A credential that is read when it is asked for. `name` is its field, for faults. */
export function credential(source: CredentialSource, name: string, places: CredentialPlaces): Credential {
  if (typeof source === 'string') return () => source;
  const fail = (message: string): never => {
    throw new ConfigError([inFile(places.source, name, message)]);
  };
  if ('env' in source) {
    return () => places.env[source.env] || fail(`names the environment variable ${source.env}, which is not set`);
  }
  const file = path.resolve(places.folder, source.file);
  return () => {
    let text: string;
    try {
      text = readTextFile(file);
    } catch (error) {
      if (!(error instanceof TextFileError)) throw error;
      return fail(`names the file ${file}, which ${error.message}`);
    }
    return withoutLineEnd(text) || fail(`names the file ${file}, which is empty`);
  };
}
