import path from 'node:path';
import type { ReconciliationLimits, Vendor } from '#libs/contracts/index.js';
import type { Timing } from '#libs/resources/timing.js';
import {
  connectionsFileSchema,
  type ConnectionEntry,
  type ConnectionsFile,
  type RetryEntry,
} from './connections-schema.js';
import { credential, type Credential, type CredentialPlaces, type CredentialSource } from './credentials.js';
import { ConfigError, type Fault } from './faults.js';
import { inFile, readSettingsFile } from './files.js';
import type { SecretRights } from './rights.js';

export type { Credential } from './credentials.js';

/** What one connection allows (`docs/http.md` §3). */
export interface Limits {
  /** Steps started per second over all workers, and HTTP calls per second of each worker process. */
  requestsPerSecond: number;
  /** HTTP calls, and steps that work, side by side in one worker process. */
  concurrency: number;
  /** Deadline of one call in milliseconds. */
  timeoutMs: number;
  /** Share of `requestsPerSecond` that runs over the fleet take at most; default 0.5. */
  scanShare?: number;
}

export interface ConnectionBase {
  /** The connection's name in the file, `egain-main`. */
  name: string;
  vendor: Vendor;
  /** Names of the tenants that may use it; `['*']` for all. */
  tenants: string[];
  /** Whether specs may have objects of others taken over. By default only where exactly one tenant may use the connection. */
  adopt: boolean;
  limits: Limits;
  timing: Timing;
  /** Whether loopback and private hosts, and plain http for them, are allowed. */
  allowPrivateUrls: boolean;
}

/** A partition of eGain (`docs/vendors/egain.md` §3). Base addresses have no slash at their end. */
export interface EgainConnection extends ConnectionBase {
  vendor: 'egain';
  apiBase: string;
  tokenUrl: string;
  scope: string;
  clientId: Credential;
  clientSecret: Credential;
  /** Id of the partition's agent application, for orchestrations that name none. */
  agentClientApplicationId: string;
}

/** A project at Sinch in one region (`docs/vendors/sinch.md` §1). */
export interface SinchConnection extends ConnectionBase {
  vendor: 'sinch';
  apiBase: string;
  /** Left out: Basic authentication. */
  tokenUrl?: string;
  projectId: string;
  keyId: Credential;
  keySecret: Credential;
}

/** A LivePerson account (`docs/vendors/liveperson.md` §1, §3 and §4). */
export interface LivepersonConnection extends ConnectionBase {
  vendor: 'liveperson';
  /** How installs are made: by the install API, or handed to a person. */
  mode: 'handoff' | 'api';
  domainApi: string;
  accountId: string;
  /** `v` of the install API; 1.0 when left out, the only one that is known to show the secret of an app. */
  apiVersion?: string;
  /** Bearer of an administrator. In mode `api` exactly one of `bearer` and `login` is there. */
  bearer?: Credential;
  login?: { username: Credential; password: Credential };
}

export type Connection = EgainConnection | SinchConnection | LivepersonConnection;

/** When a run over the fleet stops instead of going on, and how far it goes (`docs/architecture.md` §7). */
export interface ReconciliationRules extends ReconciliationLimits {
  /** Share of a connection's `requestsPerSecond` that its scans take at most. */
  scanShare: number;
}

/** How notifications are delivered. */
export interface NotificationRules {
  /** Over how many milliseconds the tries of a delivery are spread. */
  withinMs: number;
  /** Deadline of one try in milliseconds. */
  timeoutMs: number;
  /** Ports besides 443 and 80 that may be called. */
  ports: number[];
}

export interface Connections {
  /** In the order of the file. */
  connections: Connection[];
  reconciliation: ReconciliationRules;
  notifications: NotificationRules;
  /** Which tenants may name which variable of the worker as a secret. */
  secrets: SecretRights;
}

export interface LoadConnectionsOptions {
  allowPrivateUrls: boolean;
  env?: NodeJS.ProcessEnv;
}

const DEFAULT_LIMITS: Readonly<Record<Vendor, Limits>> = {
  egain: { requestsPerSecond: 2, concurrency: 2, timeoutMs: 10_000 },
  sinch: { requestsPerSecond: 20, concurrency: 5, timeoutMs: 10_000 },
  liveperson: { requestsPerSecond: 5, concurrency: 2, timeoutMs: 10_000 },
};

const DEFAULT_RETRY: Readonly<Record<Vendor, Omit<Timing, 'deadlineMs'>>> = {
  egain: retryDefaults([2_000, 5_000, 15_000]),
  sinch: retryDefaults([2_000, 5_000, 15_000]),
  liveperson: retryDefaults([5_000, 15_000, 40_000]),
};

/**
 * Reads the connections file (YAML or JSON). Credentials are not resolved here: a process needs only those that it uses, see
 * `checkCredentials`.
 * @throws {ConfigError} with every fault of the file.
 */
export function loadConnections(file: string, options: LoadConnectionsOptions): Connections {
  const { allowPrivateUrls, env = process.env } = options;
  const source = { variable: 'GANGWAY_CONNECTIONS', file };
  const schema = connectionsFileSchema({ allowPrivateUrls, env });
  const { connections, retry, reconciliation, notifications, secrets } = readSettingsFile(source, schema);
  const places = { env, folder: path.dirname(path.resolve(file)), source };
  const built = Object.entries(connections).map(([name, entry]) =>
    buildConnection(name, entry, timingOf(entry, retry), places, allowPrivateUrls),
  );
  const { orphanAge: orphanAgeMs, ...rules } = reconciliation;
  for (const { limits } of built) limits.scanShare = rules.scanShare;
  const upsideDown = built.filter(({ timing }) => timing.initialIntervalMs > timing.maximumIntervalMs);
  const faults = [...new Set(upsideDown.map(({ vendor }) => vendor))].map((vendor) =>
    inFile(source, 'retry.initialInterval', `must not be longer than maximumInterval (as they count for ${vendor})`),
  );
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    connections: built,
    reconciliation: { ...rules, orphanAgeMs },
    notifications: {
      withinMs: notifications.within,
      timeoutMs: notifications.timeout,
      ports: notifications.ports,
    },
    secrets,
  };
}

/** Whether a tenant may use a connection. */
export function tenantMayUse(connection: Pick<ConnectionBase, 'tenants'>, tenant: string): boolean {
  return connection.tenants.includes('*') || connection.tenants.includes(tenant);
}

/** Resolves every credential of a connection, and returns what is missing. A worker asks at start for the connections that it serves. */
export function checkCredentials(connection: Connection): Fault[] {
  return credentialsOf(connection).flatMap((read) => {
    try {
      read();
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.faults;
      throw error;
    }
  });
}

function credentialsOf(connection: Connection): Credential[] {
  switch (connection.vendor) {
    case 'egain':
      return [connection.clientId, connection.clientSecret];
    case 'sinch':
      return [connection.keyId, connection.keySecret];
    case 'liveperson':
      return [connection.bearer, connection.login?.username, connection.login?.password].filter((c) => c !== undefined);
  }
}

function buildConnection(
  name: string,
  entry: ConnectionEntry,
  timing: Timing,
  places: CredentialPlaces,
  allowPrivateUrls: boolean,
): Connection {
  const { tenants, adopt = mayAdoptByDefault(tenants) } = entry;
  const base = { name, tenants, adopt, limits: limitsOf(entry), timing, allowPrivateUrls };
  const secret = (source: CredentialSource, field: string): Credential =>
    credential(source, `connections.${name}.${field}`, places);
  switch (entry.vendor) {
    case 'egain':
      return {
        ...base,
        vendor: 'egain',
        apiBase: entry.apiBase,
        tokenUrl: entry.tokenUrl,
        scope: entry.scope,
        clientId: secret(entry.clientId, 'clientId'),
        clientSecret: secret(entry.clientSecret, 'clientSecret'),
        agentClientApplicationId: entry.agentClientApplicationId,
      };
    case 'sinch':
      return {
        ...base,
        vendor: 'sinch',
        apiBase: entry.apiBase,
        ...(entry.tokenUrl === undefined ? {} : { tokenUrl: entry.tokenUrl }),
        projectId: entry.projectId,
        keyId: secret(entry.keyId, 'keyId'),
        keySecret: secret(entry.keySecret, 'keySecret'),
      };
    case 'liveperson':
      return {
        ...base,
        vendor: 'liveperson',
        mode: entry.mode,
        domainApi: entry.domainApi,
        accountId: entry.accountId,
        ...(entry.apiVersion === undefined ? {} : { apiVersion: entry.apiVersion }),
        ...(entry.bearer === undefined ? {} : { bearer: secret(entry.bearer, 'bearer') }),
        ...(entry.login === undefined
          ? {}
          : {
              login: {
                username: secret(entry.login.username, 'login.username'),
                password: secret(entry.login.password, 'login.password'),
              },
            }),
      };
  }
}

/** Where several tenants share a connection, one of them could take over what another has without marking it. */
function mayAdoptByDefault(tenants: readonly string[]): boolean {
  return tenants.length === 1 && tenants[0] !== '*';
}

function limitsOf({ vendor, limits }: ConnectionEntry): Limits {
  const otherwise = DEFAULT_LIMITS[vendor];
  return {
    requestsPerSecond: limits.requestsPerSecond ?? otherwise.requestsPerSecond,
    concurrency: limits.concurrency ?? otherwise.concurrency,
    timeoutMs: limits.timeoutMs ?? otherwise.timeoutMs,
  };
}

function timingOf(entry: ConnectionEntry, retry: ConnectionsFile['retry']): Timing {
  return {
    deadlineMs: limitsOf(entry).timeoutMs,
    ...DEFAULT_RETRY[entry.vendor],
    ...given(retry),
    ...given(retry[entry.vendor]),
  };
}

function given(entry: RetryEntry | undefined): Partial<Omit<Timing, 'deadlineMs'>> {
  return {
    ...(entry?.initialInterval === undefined ? {} : { initialIntervalMs: entry.initialInterval }),
    ...(entry?.maximumInterval === undefined ? {} : { maximumIntervalMs: entry.maximumInterval }),
    ...(entry?.giveUpAfter === undefined ? {} : { giveUpAfterMs: entry.giveUpAfter }),
    ...(entry?.settle === undefined ? {} : { settleMs: entry.settle }),
  };
}

function retryDefaults(settleMs: readonly number[]): Omit<Timing, 'deadlineMs'> {
  return { settleMs, initialIntervalMs: 1_000, maximumIntervalMs: 60_000, giveUpAfterMs: 1_800_000 };
}
