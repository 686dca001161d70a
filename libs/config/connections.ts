import path from 'node:path';
import type { ReconciliationLimits } from '#libs/contracts/index.js';
import type { Timing } from '#libs/resources/timing.js';
import type { Connection, Credential, CredentialSource, Limits } from '#libs/vendors/common/connection.js';
import { vendorModule } from '#libs/vendors/registry.js';
import {
  connectionsFileSchema,
  type ConnectionEntry,
  type ConnectionsFile,
  type RetryEntry,
} from './connections-schema.js';
import { credential, type CredentialPlaces } from './credentials.js';
import { ConfigError, type Fault } from './faults.js';
import { inFile, readSettingsFile } from './files.js';
import type { SecretRights } from './rights.js';

export type { Connection, Limits } from '#libs/vendors/common/connection.js';

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

const DEFAULT_RETRY = { initialIntervalMs: 1_000, maximumIntervalMs: 60_000, giveUpAfterMs: 1_800_000 };

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
export function tenantMayUse(connection: Pick<Connection, 'tenants'>, tenant: string): boolean {
  return connection.tenants.includes('*') || connection.tenants.includes(tenant);
}

/** Resolves every credential of a connection, and returns what is missing. A worker asks at start for the connections that it serves. */
export function checkCredentials(connection: Connection): Fault[] {
  return vendorModule(connection.vendor)
    .connection.credentials(connection)
    .flatMap((read) => {
      try {
        read();
        return [];
      } catch (error) {
        if (error instanceof ConfigError) return error.faults;
        throw error;
      }
    });
}

function buildConnection(
  name: string,
  entry: ConnectionEntry,
  timing: Timing,
  places: CredentialPlaces,
  allowPrivateUrls: boolean,
): Connection {
  const { tenants, adopt = mayAdoptByDefault(tenants) } = entry;
  const base = { name, vendor: entry.vendor, tenants, adopt, limits: limitsOf(entry), timing, allowPrivateUrls };
  const secret = (source: CredentialSource, field: string): Credential =>
    credential(source, `connections.${name}.${field}`, places);
  return vendorModule(entry.vendor).connection.build(entry, base, secret);
}

/** Where several tenants share a connection, one of them could take over what another has without marking it. */
function mayAdoptByDefault(tenants: readonly string[]): boolean {
  return tenants.length === 1 && tenants[0] !== '*';
}

function limitsOf({ vendor, limits }: ConnectionEntry): Limits {
  const otherwise = vendorModule(vendor).connection.defaults.limits;
  return {
    requestsPerSecond: limits.requestsPerSecond ?? otherwise.requestsPerSecond,
    concurrency: limits.concurrency ?? otherwise.concurrency,
    timeoutMs: limits.timeoutMs ?? otherwise.timeoutMs,
  };
}

function timingOf(entry: ConnectionEntry, retry: ConnectionsFile['retry']): Timing {
  const own = (retry as { readonly [vendor: string]: unknown })[entry.vendor] as RetryEntry | undefined;
  return {
    deadlineMs: limitsOf(entry).timeoutMs,
    settleMs: vendorModule(entry.vendor).connection.defaults.settleMs,
    ...DEFAULT_RETRY,
    ...given(retry),
    ...given(own),
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
