import path from 'node:path';
import { isPrivateHost, isUnspecified } from '#libs/net/urls.js';
import { Environment } from './environment.js';
import { PORTS } from './listening.js';

/** A name or an address, without scheme, port or brackets. */
const HOST = /^[A-Za-z0-9.:-]+$/;
const HOST_FORM =
  'must be a loopback or private address of this machine, or its name in the local network, by which all call it; not 0.0.0.0 or ::';

/** The settings of the sandbox. */
export interface SandboxSettings {
  /** `GANGWAY_SANDBOX_HOST`, default 127.0.0.1: where it listens, and the one name beside loopback's that callers may use. */
  host: string;
  /** `GANGWAY_SANDBOX_PORT`, default 7070. */
  port: number;
  /** The file in `GANGWAY_DATA_DIR` (default `.gangway`) that keeps what the vendors hold. */
  stateFile: string;
}

/** Reads the sandbox's settings. @throws {ConfigError} */
export function sandboxSettings(variables: NodeJS.ProcessEnv = process.env): SandboxSettings {
  const env = new Environment(variables);
  const port = env.port(PORTS.sandbox.port, PORTS.sandbox.defaultPort);
  const host = env.text(PORTS.sandbox.host) ?? '127.0.0.1';
  if (!HOST.test(host) || !isPrivateHost(host) || isUnspecified(host)) env.faults.add(PORTS.sandbox.host, HOST_FORM);
  env.faults.throwIfAny();
  const dataDir = env.text('GANGWAY_DATA_DIR') ?? '.gangway';
  return { host, port, stateFile: path.resolve(dataDir, 'sandbox.state') };
}
