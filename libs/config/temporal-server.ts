import os from 'node:os';
import path from 'node:path';

import { Environment } from './environment.js';

export interface TemporalServerConfig {
  /** `TEMPORAL_ADDRESS`: a server that runs already; undefined asks for an embedded one. */
  readonly address: string | undefined;
  /** `TEMPORAL_NAMESPACE`, default `default`. */
  readonly namespace: string;
  /** `TEMPORAL_CLI_PATH`: a `temporal` binary, or the folder that holds one. */
  readonly cliPath: string | undefined;
  /** The folders of `PATH`, in order. */
  readonly searchPath: readonly string[];
  /** `GANGWAY_DATA_DIR`, default `.gangway`, absolute. */
  readonly dataDir: string;
  /** The user's cache folder, with `gangway` behind it. */
  readonly cacheDir: string;
  /** `GANGWAY_TEMPORAL_PORT`, default 7233. */
  readonly port: number;
  /** `GANGWAY_TEMPORAL_UI_PORT`, default `port` + 1000. */
  readonly uiPort: number;
  /** Where the Temporal UI of an embedded server has payloads decoded: the API's codec, by `GANGWAY_PORT`. */
  readonly codecEndpoint: string;
  /** Handed on to the programs that are started. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Reads what concerns the Temporal server from the environment. An empty variable counts as one that is not set.
 * @throws {ConfigError} naming every port that is not one.
 */
export function readTemporalServerConfig(
  variables: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): TemporalServerConfig {
  const environment = new Environment(variables);
  const port = environment.port('GANGWAY_TEMPORAL_PORT', 7233);
  const config: TemporalServerConfig = {
    address: environment.text('TEMPORAL_ADDRESS'),
    namespace: environment.text('TEMPORAL_NAMESPACE') ?? 'default',
    cliPath: environment.text('TEMPORAL_CLI_PATH'),
    searchPath: (environment.text('PATH') ?? '').split(path.delimiter).filter((folder) => folder !== ''),
    dataDir: path.resolve(environment.text('GANGWAY_DATA_DIR') ?? '.gangway'),
    cacheDir: path.join(userCacheDir(environment, platform), 'gangway'),
    port,
    uiPort: environment.port('GANGWAY_TEMPORAL_UI_PORT', port + 1000),
    codecEndpoint: `http://127.0.0.1:${environment.port('GANGWAY_PORT', 3000)}/v1/codec`,
    environment: variables,
  };
  environment.faults.throwIfAny();
  return config;
}

function userCacheDir(environment: Environment, platform: NodeJS.Platform): string {
  const xdg = environment.text('XDG_CACHE_HOME');
  // The XDG specification tells to ignore a relative path.
  if (xdg !== undefined && path.isAbsolute(xdg)) return xdg;
  const home = environment.text('HOME') ?? os.homedir();
  return platform === 'darwin' ? path.join(home, 'Library', 'Caches') : path.join(home, '.cache');
}
