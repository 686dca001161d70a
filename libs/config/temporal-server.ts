import os from 'node:os';
import path from 'node:path';

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
 * @throws {Error} naming the variable when a port is not one.
 */
export function readTemporalServerConfig(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): TemporalServerConfig {
  const port = readPort(environment, 'GANGWAY_TEMPORAL_PORT', 7233);
  const apiPort = readPort(environment, 'GANGWAY_PORT', 3000);
  return {
    address: given(environment, 'TEMPORAL_ADDRESS'),
    namespace: given(environment, 'TEMPORAL_NAMESPACE') ?? 'default',
    cliPath: given(environment, 'TEMPORAL_CLI_PATH'),
    searchPath: (given(environment, 'PATH') ?? '').split(path.delimiter).filter((folder) => folder !== ''),
    dataDir: path.resolve(given(environment, 'GANGWAY_DATA_DIR') ?? '.gangway'),
    cacheDir: path.join(userCacheDir(environment, platform), 'gangway'),
    port,
    uiPort: readPort(environment, 'GANGWAY_TEMPORAL_UI_PORT', port + 1000),
    codecEndpoint: `http://127.0.0.1:${apiPort}/v1/codec`,
    environment,
  };
}

function userCacheDir(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const xdg = given(environment, 'XDG_CACHE_HOME');
  // The XDG specification tells to ignore a relative path.
  if (xdg !== undefined && path.isAbsolute(xdg)) return xdg;
  const home = given(environment, 'HOME') ?? os.homedir();
  return platform === 'darwin' ? path.join(home, 'Library', 'Caches') : path.join(home, '.cache');
}

function readPort(environment: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = given(environment, name);
  if (text === undefined) return otherwise;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new Error(`${name} must be a port, a number from 1 to 65535`);
  return port;
}

function given(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}
