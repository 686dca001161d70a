import fs from 'node:fs';
import path from 'node:path';

import { openDataDir } from '#libs/config/data-dir.js';
import { ConfigError } from '#libs/config/faults.js';
import { PORTS } from '#libs/config/listening.js';
import type { TemporalServerConfig } from '#libs/config/temporal-server.js';
import { processIdentity, withLock } from '#scripts/lib/lock.mjs';
import { isPortFree } from '#scripts/lib/ports.mjs';

import { requireFree } from '../free-port.js';
import { ensureClusterPrograms, type ClusterPrograms } from './cluster-programs.js';
import { assemble, freeClusterPorts, PORTS_OF_CLUSTER, type PostgresCluster } from './cluster.js';
import { majorOfData } from './database.js';
import { Guard } from './guard.js';
import { readKeptRecord, requireUnused, writeKeptRecord, type KeptRecord } from './kept-record.js';
import { databaseOwner, letPass } from './owner.js';
import { installedPostgres, type PostgresPrograms } from './programs.js';

const DATA_DIR = 'GANGWAY_DATA_DIR';

/**
 * Starts a cluster whose data stay in `postgres` of the data dir, with the server on the port of the settings. A later start finds what
 * was there. It ends in good order after `stop`, and when this process ends, in whatever way.
 * @throws {ConfigError} for a port that is taken, and a data dir that is in use or of another PostgreSQL. @throws {ProgramMissing}
 */
export async function startKeptCluster(
  config: TemporalServerConfig,
  log: (line: string) => void,
): Promise<PostgresCluster> {
  const { dataDir, port, namespace } = config;
  const folder = path.join(dataDir, 'postgres');
  openDataDir(dataDir);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const onWait = ({ pid }: { pid: number | null }): void => {
    log(`waiting for process ${pid ?? 'unknown'}, which is starting a Temporal server in ${folder}`);
  };
  return withLock(path.join(folder, 'start.lock'), { onWait }, async () => {
    const record = readKeptRecord(folder);
    await requireUnused(dataDir, record, log);
    await requireFree(port, PORTS.temporal);
    const postgres = await fittingPostgres(config, majorOfData(path.join(folder, 'database')));
    const programs = await ensureClusterPrograms(config, { log, ...(postgres === undefined ? {} : { postgres }) });
    const owner = databaseOwner();
    letPass(owner, dataDir, DATA_DIR);
    letPass(owner, folder, DATA_DIR);
    const ports = await portsFor(record, port);
    const guard = await Guard.start(undefined);
    try {
      log(`starting Temporal on PostgreSQL ${programs.postgres.major}`);
      return await started(programs, { folder, ports, guard, owner, lasting: true }, namespace);
    } catch (error) {
      await guard.dismiss();
      throw error;
    }
  });
}

async function started(
  programs: ClusterPrograms,
  place: Parameters<typeof assemble>[1],
  namespace: string,
): Promise<PostgresCluster> {
  const { folder, ports, guard } = place;
  const cluster = await assemble({ programs }, place);
  const parts = [...[...cluster.servers.values()].reverse(), cluster.database.part];
  writeKeptRecord(folder, {
    owner: processIdentity(process.pid),
    guard: processIdentity(guard.pid),
    processes: parts.map(({ pid }) => processIdentity(pid)),
    address: cluster.address,
    ports,
  });
  await cluster.makeNamespace(namespace);
  return {
    ...cluster,
    stop: async () => {
      for (const part of parts) await part.stop();
      await guard.dismiss();
    },
  };
}

/** The PostgreSQL that made the data, undefined where there are none. @throws {ConfigError} when it is not installed. */
async function fittingPostgres(
  { searchPath, dataDir }: TemporalServerConfig,
  major: number | undefined,
): Promise<PostgresPrograms | undefined> {
  if (major === undefined) return undefined;
  const installed = await installedPostgres(searchPath);
  const fitting = installed.find((each) => each.major === major);
  if (fitting !== undefined || installed.length === 0) return fitting;
  const others = installed.map((each) => each.major).join(', ');
  const cure = `install ${major}, bring the data over with pg_upgrade, or name another folder`;
  const message = `the database in ${path.join(dataDir, 'postgres')} is of PostgreSQL ${major}, and ${others} is installed: ${cure}`;
  throw new ConfigError([{ name: DATA_DIR, message }]);
}

/** Those of the last start where they are free, the server's first by the settings. */
async function portsFor(record: KeptRecord | undefined, port: number): Promise<number[]> {
  const kept = record?.ports.length === PORTS_OF_CLUSTER ? record.ports : [];
  const free = await Promise.all(kept.map(isPortFree));
  const [database = 0, , ...others] = kept.length > 0 && free.every((each) => each) ? kept : await freeClusterPorts();
  return [database, port, ...others];
}
