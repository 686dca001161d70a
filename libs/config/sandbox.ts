import { Environment } from './environment.js';
import { PORTS } from './listening.js';

/** What the sandbox is told. */
export interface SandboxSettings {
  /** `GANGWAY_SANDBOX_PORT`, default 7070. */
  port: number;
}

/** Reads the sandbox's settings. @throws {ConfigError} */
export function sandboxSettings(variables: NodeJS.ProcessEnv = process.env): SandboxSettings {
  const env = new Environment(variables);
  const port = env.port(PORTS.sandbox.port, PORTS.sandbox.defaultPort);
  env.faults.throwIfAny();
  return { port };
}
