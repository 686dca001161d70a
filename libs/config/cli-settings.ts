import path from 'node:path';

import { Environment } from './environment.js';
import { readTextFile, TextFileError } from '#libs/files/text-file.js';

/** Where the API keeps the key that it generated, in the data dir. */
export const GENERATED_API_KEY_FILE = 'api-key';

/** Where the API is, and with which key it is called. */
export interface CliSettings {
  /** `GANGWAY_URL`, default `http://127.0.0.1:3000`. */
  readonly url: string;
  /** `GANGWAY_TOKEN`, default the key that a local API generated; undefined: none is sent. */
  readonly token: string | undefined;
}

/**
 * Reads the settings of the command line. An empty variable counts as one that is not set.
 * @throws {ConfigError} naming the variable that is wrong.
 */
export function readCliSettings(variables: NodeJS.ProcessEnv = process.env): CliSettings {
  const environment = new Environment(variables);
  const url = environment.url('GANGWAY_URL') ?? `http://127.0.0.1:${environment.port('GANGWAY_PORT', 3000)}`;
  environment.faults.throwIfAny();
  return { url, token: environment.text('GANGWAY_TOKEN') ?? generatedKey(environment, url) };
}

/** The key of a local API is not shown to another machine. */
function generatedKey(environment: Environment, url: string): string | undefined {
  if (!/^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(url).hostname)) return undefined;
  const file = path.resolve(environment.text('GANGWAY_DATA_DIR') ?? '.gangway', GENERATED_API_KEY_FILE);
  try {
    return readTextFile(file).trim();
  } catch (error) {
    // No API has been started here yet, or it was given keys: the call is made without one, and the answer tells the cure.
    if (error instanceof TextFileError && error.code === 'ENOENT') return undefined;
    throw new Error(`the API's key in ${file} cannot be read: set GANGWAY_TOKEN`, { cause: error });
  }
}
