import path from 'node:path';
import { INSTALLATION_PATTERN } from '#libs/contracts/index.js';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import {
  loadConnections,
  type Connection,
  type Connections,
  type NotificationRules,
  type ReconciliationRules,
} from './connections.js';
import type { Environment } from './environment.js';
import { keptKeyRing, readKeyRingFile } from './key-ring-file.js';
import { PORTS } from './listening.js';
import { rightsOf, type Rights } from './rights.js';
import { readTemporalSettings, type TemporalSettings } from './temporal-settings.js';
import { WatchedFile } from './watched-file.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What API and worker both need. */
export interface SharedSettings {
  /** `GANGWAY_DATA_DIR`, absolute. */
  dataDir: string;
  temporal: TemporalSettings;
  keyRing: KeyRing;
  /** All connections of the file, in its order, as it was at the start. */
  connections: Connection[];
  /** The file, where there is one. Of its changes, what it allows whom counts without a restart. */
  connectionsFile?: WatchedFile<Connections>;
  /** What it allows whom now. */
  rights: Rights;
  reconciliation: ReconciliationRules;
  notifications: NotificationRules;
  /** `GANGWAY_INSTALLATION`; undefined: named after the Temporal namespace (`libs/temporal/installation.ts`). */
  installation: string | undefined;
  /** Public base of the console, without a slash at its end. */
  consoleUrl: string;
  allowPrivateUrls: boolean;
  logLevel: LogLevel;
}

/** The address on which the API listens. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** `GANGWAY_HOST` and `GANGWAY_PORT`. */
export function readListenAddress(env: Environment): ListenAddress {
  const host = env.matching('GANGWAY_HOST', /^[A-Za-z0-9.:_-]+$/, 'a host name or an IP address') ?? '127.0.0.1';
  return { host, port: env.port(PORTS.api.port, PORTS.api.defaultPort) };
}

/**
 * Reads what API and worker share. Faults are gathered in `env`; undefined is answered for what cannot be read.
 * `GANGWAY_ENCRYPTION_KEYS` may be left out where Temporal is embedded or on this machine.
 */
export function readSharedSettings(
  env: Environment,
): Partial<SharedSettings> & Pick<SharedSettings, 'temporal' | 'dataDir'> {
  const dataDir = path.resolve(env.text('GANGWAY_DATA_DIR') ?? '.gangway');
  const temporal = readTemporalSettings(env);
  const keyRing = readKeyRing(env, temporal, dataDir);
  const allowPrivateUrls = env.flag('GANGWAY_ALLOW_PRIVATE_URLS', false);
  const file = env.text('GANGWAY_CONNECTIONS') ?? path.join('config', 'connections.yaml');
  const load = (from: string): Connections => loadConnections(from, { allowPrivateUrls, env: env.variables });
  const connectionsFile = env.faults.collect(() => new WatchedFile(file, load));
  return {
    dataDir,
    temporal,
    ...(keyRing === undefined ? {} : { keyRing }),
    ...(connectionsFile === undefined ? {} : fromConnectionsFile(connectionsFile)),
    installation: env.matching(
      'GANGWAY_INSTALLATION',
      INSTALLATION_PATTERN,
      '1 to 16 lower-case letters, digits and hyphens',
    ),
    consoleUrl: env.url('GANGWAY_CONSOLE_URL') ?? ownAddress(readListenAddress(env)),
    allowPrivateUrls,
    logLevel: env.oneOf('GANGWAY_LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

function fromConnectionsFile(
  file: WatchedFile<Connections>,
): Pick<SharedSettings, 'connections' | 'connectionsFile' | 'rights' | 'reconciliation' | 'notifications'> {
  const { connections, reconciliation, notifications } = file.current();
  return { connections, connectionsFile: file, rights: rightsOf(file), reconciliation, notifications };
}

function readKeyRing(env: Environment, temporal: TemporalSettings, dataDir: string): KeyRing | undefined {
  const file = env.text('GANGWAY_ENCRYPTION_KEYS');
  if (file !== undefined) {
    const allowReadable = env.flag('GANGWAY_ALLOW_READABLE_KEYS', false);
    return env.faults.collect(() => readKeyRingFile(file, { allowReadable }));
  }
  if (temporal.embedded || temporal.loopback) return env.faults.collect(() => keptKeyRing(dataDir));
  env.faults.add(
    'GANGWAY_ENCRYPTION_KEYS',
    'is missing: a Temporal on another machine needs a key ring file that all processes share',
  );
  return undefined;
}

/** How the API is reached from this machine: a wildcard address is none to call. */
function ownAddress({ host, port }: ListenAddress): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
