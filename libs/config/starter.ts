import path from 'node:path';

import { Environment } from './environment.js';
import { PORTS } from './listening.js';

/** What starting the whole system on this machine needs from the environment. */
export interface StarterSettings {
  /** `GANGWAY_DATA_DIR`, default `.gangway`, absolute. */
  readonly dataDir: string;
  /** `TEMPORAL_ADDRESS`: a server that runs already; undefined asks for an embedded one. */
  readonly temporalAddress: string | undefined;
  /** `GANGWAY_TEMPORAL_UI_URL`, the first of the list; undefined: that of the embedded server. */
  readonly temporalUiUrl: string | undefined;
  /** `GANGWAY_CONNECTIONS`; undefined: the vendors are the sandbox. */
  readonly connections: string | undefined;
  /** `GANGWAY_HOST`, default `127.0.0.1`. */
  readonly apiHost: string;
  readonly ports: SystemPorts;
  /** What the parts inherit. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The ports that the whole system listens on. */
export type SystemPorts = { readonly [part in keyof typeof PORTS]: number };

/** What the parts of a system need to know of one another. */
export interface PartWiring {
  readonly dataDir: string;
  readonly ports: SystemPorts;
  readonly connections: string;
  /** True when the vendors are the sandbox: its addresses are loopback and plain http. */
  readonly sandboxed: boolean;
  /** Address of the Temporal server, once it is known; undefined for the part that starts it. */
  readonly temporalAddress: string | undefined;
  /** True when the Temporal server is one that was started for this system alone. */
  readonly embedded: boolean;
  readonly temporalUiUrl: string | undefined;
}

/** Settings that belong to one installation; a demonstration must not act on them. */
const INSTALLATION_SETTINGS = /^GANGWAY_(?!LOG_LEVEL$|ENCRYPTION_KEYS$)/;

/**
 * Reads what starting the system needs. An empty variable counts as one that is not set.
 * @throws {ConfigError} naming every port that is not one.
 */
export function readStarterSettings(variables: NodeJS.ProcessEnv = process.env): StarterSettings {
  const environment = new Environment(variables);
  const temporal = environment.port(PORTS.temporal.port, PORTS.temporal.defaultPort);
  const connections = environment.text('GANGWAY_CONNECTIONS');
  const settings: StarterSettings = {
    dataDir: path.resolve(environment.text('GANGWAY_DATA_DIR') ?? '.gangway'),
    temporalAddress: environment.text('TEMPORAL_ADDRESS'),
    temporalUiUrl: environment.text('GANGWAY_TEMPORAL_UI_URL')?.split(',')[0]?.trim(),
    connections: connections === undefined ? undefined : path.resolve(connections),
    apiHost: environment.text('GANGWAY_HOST') ?? '127.0.0.1',
    ports: {
      api: environment.port(PORTS.api.port, PORTS.api.defaultPort),
      temporal,
      temporalUi: environment.port(PORTS.temporalUi.port, temporal + 1000),
      sandbox: environment.port(PORTS.sandbox.port, PORTS.sandbox.defaultPort),
    },
    environment: variables,
  };
  environment.faults.throwIfAny();
  return settings;
}

/** The environment without the settings of an installation: what a demonstration hands to its parts. */
export function withoutInstallationSettings(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !INSTALLATION_SETTINGS.test(name)));
}

/** The environment of the parts: what is inherited, and where they find one another. */
export function partEnvironment(environment: NodeJS.ProcessEnv, wiring: PartWiring): NodeJS.ProcessEnv {
  const { ports, temporalAddress, temporalUiUrl, embedded, sandboxed } = wiring;
  return {
    ...environment,
    GANGWAY_DATA_DIR: wiring.dataDir,
    GANGWAY_CONNECTIONS: wiring.connections,
    GANGWAY_PORT: String(ports.api),
    GANGWAY_TEMPORAL_PORT: String(ports.temporal),
    GANGWAY_TEMPORAL_UI_PORT: String(ports.temporalUi),
    GANGWAY_SANDBOX_PORT: String(ports.sandbox),
    ...(temporalAddress === undefined ? {} : { TEMPORAL_ADDRESS: temporalAddress }),
    ...(temporalUiUrl === undefined
      ? {}
      : { GANGWAY_TEMPORAL_UI_URL: environment['GANGWAY_TEMPORAL_UI_URL'] ?? temporalUiUrl }),
    ...(embedded ? { GANGWAY_EMBEDDED: '1' } : {}),
    ...(sandboxed ? { GANGWAY_ALLOW_PRIVATE_URLS: 'true' } : {}),
  };
}
