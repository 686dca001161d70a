import path from 'node:path';

/** What starting the whole system on this machine needs from the environment. */
export interface StarterSettings {
  /** `GANGWAY_DATA_DIR`, default `.gangway`, absolute. */
  readonly dataDir: string;
  /** `TEMPORAL_ADDRESS`: a server that runs already; undefined asks for an embedded one. */
  readonly temporalAddress: string | undefined;
  /** `GANGWAY_TEMPORAL_UI_URL`, the first of the list; undefined: that of the embedded server. */
  readonly temporalUiUrl: string | undefined;
  /** `TEMPORAL_NAMESPACE`, default `default`. */
  readonly temporalNamespace: string;
  /** `GANGWAY_CONNECTIONS`; undefined: the vendors are the sandbox. */
  readonly connections: string | undefined;
  /** `GANGWAY_HOST`, default `127.0.0.1`. */
  readonly apiHost: string;
  readonly ports: SystemPorts;
  /** What the parts inherit. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The ports that the whole system listens on. */
export interface SystemPorts {
  readonly api: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly sandbox: number;
}

/** The variables by which each port can be changed, for messages. */
export const PORT_VARIABLES: Record<keyof SystemPorts, string> = {
  api: 'GANGWAY_PORT',
  temporal: 'GANGWAY_TEMPORAL_PORT',
  temporalUi: 'GANGWAY_TEMPORAL_UI_PORT',
  sandbox: 'GANGWAY_SANDBOX_PORT',
};

/** What the parts are told about one another. */
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
 * @throws {Error} naming the variable when a port is not one.
 */
export function readStarterSettings(environment: NodeJS.ProcessEnv = process.env): StarterSettings {
  const temporal = readPort(environment, PORT_VARIABLES.temporal, 7233);
  const connections = given(environment, 'GANGWAY_CONNECTIONS');
  return {
    dataDir: path.resolve(given(environment, 'GANGWAY_DATA_DIR') ?? '.gangway'),
    temporalAddress: given(environment, 'TEMPORAL_ADDRESS'),
    temporalUiUrl: given(environment, 'GANGWAY_TEMPORAL_UI_URL')?.split(',')[0]?.trim(),
    temporalNamespace: given(environment, 'TEMPORAL_NAMESPACE') ?? 'default',
    connections: connections === undefined ? undefined : path.resolve(connections),
    apiHost: given(environment, 'GANGWAY_HOST') ?? '127.0.0.1',
    ports: {
      api: readPort(environment, PORT_VARIABLES.api, 3000),
      temporal,
      temporalUi: readPort(environment, PORT_VARIABLES.temporalUi, temporal + 1000),
      sandbox: readPort(environment, PORT_VARIABLES.sandbox, 7070),
    },
    environment,
  };
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
