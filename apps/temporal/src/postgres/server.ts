import path from 'node:path';

import { Connection } from '@temporalio/client';

import { ConfigError } from '#libs/config/faults.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';

import type { ComposedTemporal } from './compose.js';
import type { Guard } from './guard.js';
import { ClusterPart } from './part.js';

const host = '127.0.0.1';
const probeMs = 2_000;
/** Two ports each, and one more of the frontend's. */
const services = ['frontend', 'history', 'matching', 'worker'] as const;

/** A part of the Temporal server that may have a process of its own. */
export type ServerService = (typeof services)[number];

/** The ports by which the processes of a server find each other are kept in a column of two bytes with a sign. */
export const HIGHEST_PORT = 32_767;

/** How many free ports a server needs, with one for the figures of each process. */
export const PORTS_OF_SERVER = 2 * services.length + 1 + services.length;

export interface ServerOptions {
  readonly program: string;
  readonly composed: ComposedTemporal;
  /** Default: that of the compose file. */
  readonly dynamicConfig: string | undefined;
  /** Gets the logs. */
  readonly folder: string;
  readonly database: { readonly port: number; readonly user: string; readonly password: string };
  /** `PORTS_OF_SERVER` of them; the first is where clients connect. */
  readonly ports: readonly number[];
  readonly processes: 'one' | 'four';
  readonly guard: Guard;
}

/** The processes of a server, none of them started, and where each tells its figures. */
export interface ServerParts {
  readonly address: string;
  /** By name: `server` where one process does everything. */
  readonly parts: ReadonlyMap<ServerService | 'server', ClusterPart>;
  /** Prometheus text of each process. */
  readonly metrics: readonly string[];
}

/** A Temporal server as the compose file describes it, on loopback. */
export function serverParts(options: ServerOptions): ServerParts {
  const { ports, processes, program, folder, guard } = options;
  const address = `${host}:${ports[0] ?? 0}`;
  const names = processes === 'one' ? (['server'] as const) : services;
  const metricsPorts = ports.slice(PORTS_OF_SERVER - services.length);
  const parts = names.map((name, i) => {
    const part = new ClusterPart(
      {
        name: name === 'server' ? 'the Temporal server' : `the Temporal server's ${name}`,
        program,
        args: ['--allow-no-auth', 'start'],
        environment: {
          ...serverEnvironment(options),
          PROMETHEUS_ENDPOINT: `${host}:${metricsPorts[i] ?? 0}`,
          ...(name === 'server' ? {} : { TEMPORAL_SERVICES: name }),
        },
        logFile: path.join(folder, `temporal-${name}.log`),
        owner: undefined,
        stopSignal: 'SIGTERM',
        ready: () => answers(address),
        explain: explainServer,
      },
      guard,
    );
    return [name, part] as const;
  });
  return {
    address,
    parts: new Map<ServerService | 'server', ClusterPart>(parts),
    metrics: names.map((_, i) => `http://${host}:${metricsPorts[i] ?? 0}/metrics`),
  };
}

function serverEnvironment({ composed, dynamicConfig, database, ports }: ServerOptions): Record<string, string> {
  const named = services.flatMap((service, i) => {
    const prefix = service.toUpperCase();
    return [
      [`${prefix}_GRPC_PORT`, String(ports[2 * i] ?? 0)],
      [`${prefix}_MEMBERSHIP_PORT`, String(ports[2 * i + 1] ?? 0)],
    ];
  });
  return {
    ...composed.server,
    DB_PORT: String(database.port),
    POSTGRES_SEEDS: host,
    POSTGRES_USER: database.user,
    POSTGRES_PWD: database.password,
    BIND_ON_IP: host,
    DYNAMIC_CONFIG_FILE_PATH: dynamicConfig ?? composed.dynamicConfig,
    FRONTEND_HTTP_PORT: String(ports[2 * services.length] ?? 0),
    ...(Object.fromEntries(named) as Record<string, string>),
  };
}

/** Resolves when the frontend answers, has its database, and finds who keeps histories. @throws {Error} why not. */
export async function answers(address: string): Promise<void> {
  const connection = Connection.lazy({ address, interceptors: [], connectTimeout: probeMs });
  try {
    await connection.withDeadline(Date.now() + probeMs, async () => {
      await connection.workflowService.listNamespaces({ pageSize: 1 });
      const execution = { workflowId: 'nobody-of-this-name' };
      await connection.workflowService.describeWorkflowExecution({ namespace: 'temporal-system', execution });
    });
  } catch (error) {
    if (grpcCode(error) !== GRPC.notFound) throw error;
  } finally {
    await connection.close();
  }
}

/** Resolves when the frontend knows a namespace: one that has just been made it looks up in what it read before. @throws {Error} until then. */
export async function isKnown(address: string, namespace: string): Promise<void> {
  const connection = Connection.lazy({ address, interceptors: [], connectTimeout: probeMs });
  try {
    await connection.withDeadline(Date.now() + probeMs, () =>
      connection.workflowService.countWorkflowExecutions({ namespace }),
    );
  } finally {
    await connection.close();
  }
}

/** What the last lines of a server's log mean for who started it. */
export function explainServer(log: string): Error | undefined {
  const schema = 'docker/temporal-schema.sh makes it';
  const absent = /database \\*"(\w+)\\*" does not exist/.exec(log);
  if (absent) return new Error(`PostgreSQL has no database "${absent[1] ?? ''}": ${schema}`);
  if (/password authentication failed/.test(log)) {
    return new ConfigError([{ name: 'POSTGRES_PWD', message: 'PostgreSQL refuses the password of POSTGRES_USER' }]);
  }
  const untabled = /relation \\*"(\w+)\\*" does not exist/.exec(log);
  if (untabled) return new Error(`the database has no table "${untabled[1] ?? ''}": ${schema}`);
  const version = /version mismatch[^"\\]*/.exec(log);
  if (version) return new Error(`the database's tables are of another version of Temporal (${version[0].trim()})`);
  return undefined;
}
