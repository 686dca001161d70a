import path from 'node:path';
import { Environment } from './environment.js';
import { PORTS } from './listening.js';

/** The settings of the sandbox. */
export interface SandboxSettings {
  /** `GANGWAY_SANDBOX_PORT`, default 7070. */
  port: number;
  /** The file in `GANGWAY_DATA_DIR` (default `.gangway`) that keeps what the vendors hold. */
  stateFile: string;
}

/** Reads the sandbox's settings. @throws {ConfigError} */
export function sandboxSettings(variables: NodeJS.ProcessEnv = process.env): SandboxSettings {
  const env = new Environment(variables);
  const port = env.port(PORTS.sandbox.port, PORTS.sandbox.defaultPort);
  env.faults.throwIfAny();
  const dataDir = env.text('GANGWAY_DATA_DIR') ?? '.gangway';
  return { port, stateFile: path.resolve(dataDir, 'sandbox.state') };
}
