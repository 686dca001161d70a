import { readFileSync } from 'node:fs';
import path from 'node:path';

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
 * @throws {Error} naming the variable when the address is none.
 */
export function readCliSettings(environment: NodeJS.ProcessEnv = process.env): CliSettings {
  const url = given(environment, 'GANGWAY_URL') ?? `http://127.0.0.1:${given(environment, 'GANGWAY_PORT') ?? '3000'}`;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    throw new Error('GANGWAY_URL must be an address such as http://127.0.0.1:3000');
  }
  return { url, token: given(environment, 'GANGWAY_TOKEN') ?? generatedKey(environment, url) };
}

/** The key of a local API is not shown to another machine. */
function generatedKey(environment: NodeJS.ProcessEnv, url: string): string | undefined {
  if (!/^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(url).hostname)) return undefined;
  const file = path.resolve(given(environment, 'GANGWAY_DATA_DIR') ?? '.gangway', GENERATED_API_KEY_FILE);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    // No API has been started here yet, or it was given keys: the call is made without one, and the answer tells the cure.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`the API's key in ${file} cannot be read: set GANGWAY_TOKEN`, { cause: error });
  }
}

function given(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
