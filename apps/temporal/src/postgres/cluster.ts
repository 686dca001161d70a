import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { findFreeLowPorts } from '#scripts/lib/ports.mjs';

import type { ClusterPrograms } from './cluster-programs.js';
import { readComposedTemporal, type ComposedTemporal } from './compose.js';
import { privateDatabase, type PrivateDatabase } from './database.js';
import { Guard } from './guard.js';
import { databaseOwner, giveTo, letPass, type Owner } from './owner.js';
import type { ClusterPart } from './part.js';
import { runProgram } from './run.js';
import { HIGHEST_PORT, isKnown, PORTS_OF_SERVER, serverParts, type ServerParts, type ServerService } from './server.js';

/** How many free ports a cluster needs: the database's, and the server's. */
export const PORTS_OF_CLUSTER = 1 + PORTS_OF_SERVER;
/** Between finding free ports and listening on them somebody else may take one. */
const attempts = 3;
const pollMs = 100;
const namespaceTimeoutMs = 30_000;
const systemPath = '/usr/local/bin:/usr/bin:/bin';

/** A Temporal server over a PostgreSQL of its own, each part of which may be killed and started again. */
export interface PostgresCluster {
  /** `host:port` for clients. */
  readonly address: string;
  /** Holds the logs, and the database's files. */
  readonly folder: string;
  readonly database: PrivateDatabase;
  /** The processes of the server by name, in the order in which they are started: `server` where one does everything. */
  readonly servers: ReadonlyMap<ServerService | 'server', ClusterPart>;
  /** Prometheus text of each process of the server. */
  readonly metrics: readonly string[];
  /** The namespace as `docker/temporal-namespace.sh` makes it; nothing where it is there. */
  makeNamespace(name: string): Promise<void>;
  /** Starts what does not run of the server, and resolves when it answers. */
  startServers(): Promise<void>;
  /** Ends the whole server at once. */
  killServers(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly programs: ClusterPrograms;
  /** Default `one`. */
  readonly processes?: 'one' | 'four';
  /** File of the server's dynamic settings; default that of the compose file. */
  readonly dynamicConfig?: string;
}

/** Where a cluster is, and by which ports. */
export interface Place {
  readonly folder: string;
  /** The database's first. */
  readonly ports: readonly number[];
  readonly guard: Guard;
  readonly owner: Owner | undefined;
  /** Whether the data outlive the cluster. */
  readonly lasting: boolean;
}

/**
 * Starts a cluster in a folder of its own, on free ports. It and the folder are gone after `stop`, and when this process ends, in
 * whatever way.
 */
export async function startTemporaryCluster(options: ClusterOptions): Promise<PostgresCluster> {
  const owner = databaseOwner();
  for (let attempt = 1; ; attempt += 1) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-postgres-'));
    const guard = await Guard.start(folder);
    try {
      letPass(owner, folder, 'TMPDIR');
      const ports = await freeClusterPorts();
      const cluster = await assemble(options, { folder, ports, guard, owner, lasting: false });
      return { ...cluster, stop: () => guard.dismiss() };
    } catch (error) {
      await guard.dismiss();
      if (attempt === attempts || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

/** Free ports for all of a cluster, the database's first. */
export function freeClusterPorts(): Promise<number[]> {
  return findFreeLowPorts(PORTS_OF_CLUSTER, HIGHEST_PORT);
}

/** Starts database and server, with its tables brought to the server's version. Whoever calls it has the guard end what it leaves. */
export async function assemble(options: ClusterOptions, place: Place): Promise<Omit<PostgresCluster, 'stop'>> {
  const { programs, processes = 'one', dynamicConfig } = options;
  const { folder, ports, guard, owner } = place;
  const composed = readComposedTemporal();
  const inner = path.join(folder, 'database');
  fs.mkdirSync(inner, { recursive: true, mode: 0o700 });
  giveTo(owner, inner);
  const [databasePort = 0, ...serverPorts] = ports;
  const user = composed.server['POSTGRES_USER'] ?? 'temporal';
  const database = await privateDatabase({
    programs: programs.postgres,
    folder: inner,
    owner,
    port: databasePort,
    user,
    guard,
    lasting: place.lasting,
  });
  await database.part.start();
  const bin = programsFolder(programs, folder);
  await makeTables(composed, database, { bin, folder });
  const { server: program } = programs;
  const server = serverParts({
    ...{ program, composed, dynamicConfig, folder, database, processes, guard },
    ports: serverPorts,
  });
  await startAll(server);
  return {
    address: server.address,
    folder,
    database,
    servers: server.parts,
    metrics: server.metrics,
    makeNamespace: (name) => makeNamespace(composed, server.address, name, { bin, folder }),
    startServers: () => startAll(server),
    killServers: async () => {
      await Promise.all([...server.parts.values()].map((part) => part.kill()));
    },
  };
}

/** Side by side: with a process for each service, none of them answers alone. */
async function startAll({ parts }: ServerParts): Promise<void> {
  await Promise.all([...parts.values()].filter((part) => !part.isRunning).map((part) => part.start()));
}

/** A folder with the programs that the scripts call, by the names that they have in the images. */
function programsFolder({ sqlTool, cli }: ClusterPrograms, folder: string): string {
  const bin = path.join(folder, 'bin');
  fs.rmSync(bin, { recursive: true, force: true });
  fs.mkdirSync(bin, { mode: 0o700 });
  fs.symlinkSync(sqlTool, path.join(bin, 'temporal-sql-tool'));
  fs.symlinkSync(cli, path.join(bin, 'temporal'));
  return bin;
}

interface Scripts {
  readonly bin: string;
  readonly folder: string;
}

async function makeTables(composed: ComposedTemporal, database: PrivateDatabase, scripts: Scripts): Promise<void> {
  const { port, user, password } = database;
  const environment = {
    ...composed.schema,
    SQL_HOST: '127.0.0.1',
    SQL_PORT: String(port),
    SQL_USER: user,
    SQL_PASSWORD: password,
  };
  await runScript(composed.schemaScript, environment, scripts);
}

/** The script is run again until it succeeds, as compose does it, and until the server finds what it has made. */
async function makeNamespace(
  composed: ComposedTemporal,
  address: string,
  name: string,
  scripts: Scripts,
): Promise<void> {
  const deadline = performance.now() + namespaceTimeoutMs;
  for (;;) {
    try {
      await runScript(composed.namespaceScript, { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: name }, scripts);
      await isKnown(address, name);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(pollMs);
    }
  }
}

function runScript(file: string, variables: Record<string, string>, { bin, folder }: Scripts): Promise<Buffer> {
  const environment = { ...variables, PATH: `${bin}:${systemPath}`, HOME: folder };
  return runProgram('sh', [file], { environment, folder });
}
