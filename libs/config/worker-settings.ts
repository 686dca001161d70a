import fs from 'node:fs';
import path from 'node:path';
import { connectionTaskQueue, WORKFLOW_TASK_QUEUE } from '#libs/contracts/index.js';
import { SECRET_VARIABLE_PREFIX } from '#libs/secrets/references.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import { checkCredentials, type Connection } from './connections.js';
import { Environment } from './environment.js';
import { readListenAddress, readSharedSettings, type ListenAddress, type SharedSettings } from './shared-settings.js';

/** Measured up to here; beyond, connections are spread over several processes by `GANGWAY_TASK_QUEUES`. */
export const MAX_SERVED_CONNECTIONS = 500;
/** From here on the worker warns. */
export const MANY_SERVED_CONNECTIONS = 200;

/** Which task queues a worker process serves. */
export interface ServedQueues {
  /** The queue of workflows, with the activities that belong to no connection. */
  workflows: boolean;
  /** The connections whose activities it runs. */
  connections: Connection[];
}

/** All settings of a worker (`docs/http.md` §2). */
export interface WorkerSettings extends SharedSettings {
  serves: ServedQueues;
  /** `GANGWAY_SECRETS_DIR`, absolute. */
  secretsDir: string | undefined;
  /** The variables that specs may name as secrets. */
  secretVariables: Record<string, string>;
  /** Where Prometheus text is served; undefined: nowhere. */
  metrics: ListenAddress | undefined;
}

/**
 * Reads all settings of a worker, and resolves the credentials of the connections that it serves, so that a missing one is told at
 * once. @throws {ConfigError} with every fault.
 */
export function readWorkerSettings(variables: NodeJS.ProcessEnv = process.env): WorkerSettings {
  const env = new Environment(variables);
  const shared = readSharedSettings(env);
  const serves = readServedQueues(env, shared.connections);
  const secretsDir = readSecretsDir(env);
  const port = env.port('GANGWAY_METRICS_PORT');
  for (const fault of serves.connections.flatMap(checkCredentials)) env.faults.add(fault.name, fault.message);
  env.faults.throwIfAny();
  return {
    ...(shared as SharedSettings), // without a fault, nothing of it is absent
    serves,
    secretsDir,
    secretVariables: secretVariables(variables),
    metrics: port === undefined ? undefined : { host: readListenAddress(env).host, port },
  };
}

/** `GANGWAY_TASK_QUEUES`: `workflows`, a vendor (all its connections) or `vendor/connection`, comma-separated; left out or `all`: all. */
function readServedQueues(env: Environment, connections: Connection[] | undefined): ServedQueues {
  const chosen = env.list('GANGWAY_TASK_QUEUES') ?? ['all'];
  const queueOf = ({ vendor, name }: Connection): string => connectionTaskQueue(vendor, name);
  const isChosen = (...names: string[]): boolean => names.some((name) => chosen.includes(name));
  const serves = {
    workflows: isChosen('all', WORKFLOW_TASK_QUEUE),
    connections: (connections ?? []).filter((connection) => isChosen('all', connection.vendor, queueOf(connection))),
  };
  const vendors = VENDOR_MODULES.map(({ vendor }) => vendor);
  const known = ['all', WORKFLOW_TASK_QUEUE, ...vendors, ...(connections ?? []).map(queueOf)];
  const fault = (message: string): void => env.faults.add('GANGWAY_TASK_QUEUES', message);
  const count = serves.connections.length;
  if (connections === undefined) return serves; // the file has faults of its own: nothing can be told about names
  if (!chosen.every((name) => known.includes(name))) {
    fault(`must hold only ${WORKFLOW_TASK_QUEUE}, ${vendors.join(', ')} and vendor/connection of the connections file`);
  } else if (!serves.workflows && count === 0) {
    fault('chooses no task queue: no connection of the file belongs to it');
  } else if (count > MAX_SERVED_CONNECTIONS) {
    fault(
      `chooses ${count} connections: one process serves at most ${MAX_SERVED_CONNECTIONS}, so spread them over several`,
    );
  }
  return serves;
}

function readSecretsDir(env: Environment): string | undefined {
  const folder = env.text('GANGWAY_SECRETS_DIR');
  if (folder === undefined) return undefined;
  if (!fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    env.faults.add('GANGWAY_SECRETS_DIR', `${folder} is not a folder`);
  }
  return path.resolve(folder);
}

function secretVariables(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      name.startsWith(SECRET_VARIABLE_PREFIX) && value !== undefined ? [[name, value] as const] : [],
    ),
  );
}
