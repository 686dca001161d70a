import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { startDevServer } from '#apps/temporal/src/dev-server.js';
import { ensureTemporalCli } from '#apps/temporal/src/ensure-cli.js';
import {
  startTemporaryCluster,
  type ClusterOptions,
  type PostgresCluster,
} from '#apps/temporal/src/postgres/cluster.js';
import { ensureClusterPrograms } from '#apps/temporal/src/postgres/cluster-programs.js';
import { keptKeyRing, KEPT_KEY_RING } from '#libs/config/key-ring-file.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { ensureSearchAttributes } from '#libs/temporal/search-attributes.js';
import type { TestTemporal } from '../global-setup.js';
import { until } from './until.js';

/** What Temporal keeps its state in. */
export type Store = 'sqlite' | 'postgres';

/** The store of this run of tests: `GANGWAY_TEST_STORE`, by default that of the dev server. */
export function testStore(): Store {
  return process.env['GANGWAY_TEST_STORE'] === 'postgres' ? 'postgres' : 'sqlite';
}

/** A Temporal server of one test file's or one run's own, that may be killed. */
export interface TemporalUnderTest {
  readonly temporal: TestTemporal;
  /** Kills the server and starts it again on its state and its ports: clients and workers find it by themselves. */
  killServer(): Promise<void>;
  stop(): Promise<void>;
}

type Log = (line: string) => void;
const quiet: Log = () => undefined;

/** Starts a server over the store of this run, with a namespace and a key ring of its own. */
export function startTemporal(store: Store = testStore(), log: Log = quiet): Promise<TemporalUnderTest> {
  return store === 'postgres' ? startOnPostgres({}, log) : startOnSqlite(log);
}

async function startOnSqlite(log: Log): Promise<TemporalUnderTest> {
  const binary = await ensureTemporalCli(readTemporalServerConfig(), { log });
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-test-'));
  let server = await startDevServer({ binary, dataDir, ports: 'free', log });
  const { address, namespace } = server;
  return {
    temporal: { address, namespace, dataDir, encryptionKeys: newKeyRingFile(dataDir), postgres: null },
    killServer: async () => {
      const ports = { port: Number(address.split(':')[1]), uiPort: Number(new URL(server.uiUrl).port) };
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      await server.stop();
      server = await startDevServer({ binary, dataDir, ports });
    },
    stop: async () => {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A server over a PostgreSQL, each part of which may be killed. */
export interface PostgresUnderTest extends TemporalUnderTest {
  readonly cluster: PostgresCluster;
  /** A further namespace, ready for use, with a key ring of its own. */
  makeNamespace(): Promise<TestTemporal>;
}

/** Starts a cluster on PostgreSQL, whatever the store of this run is. */
export async function startOnPostgres(
  options: Omit<ClusterOptions, 'programs'> = {},
  log: Log = quiet,
): Promise<PostgresUnderTest> {
  const programs = await ensureClusterPrograms(readTemporalServerConfig(), { log });
  const cluster = await startTemporaryCluster({ ...options, programs });
  const folders: string[] = [];
  const { port, user, password } = cluster.database;
  const makeNamespace = async (): Promise<TestTemporal> => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-test-'));
    folders.push(dataDir);
    const namespace = `run-${randomUUID().slice(0, 8)}`;
    await cluster.makeNamespace(namespace);
    await takesOurAttributes(cluster.address, namespace);
    const metrics = [...cluster.metrics];
    const postgres = { bin: programs.postgres.folder, port, user, password, metrics };
    return { address: cluster.address, namespace, dataDir, encryptionKeys: newKeyRingFile(dataDir), postgres };
  };
  const stop = async (): Promise<void> => {
    await cluster.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const temporal = await makeNamespace();
    const killServer = async (): Promise<void> => {
      await cluster.killServers();
      await cluster.startServers();
    };
    return { temporal, cluster, makeNamespace, killServer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Tests that start workflows by themselves do so at once: for up to 2 s the server would not know our search attributes. */
async function takesOurAttributes(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await ensureSearchAttributes(connection, namespace);
    const query = "Job = 'none'";
    await until(
      () =>
        connection.workflowService.countWorkflowExecutions({ namespace, query }).then(
          () => true,
          () => undefined, // not yet
        ),
      `${namespace} to take search attributes`,
    );
  } finally {
    await connection.close();
  }
}

/** Makes a key ring in a folder, as an installation does at its first start, and returns its file. */
export function newKeyRingFile(folder: string): string {
  keptKeyRing(folder);
  return path.join(folder, KEPT_KEY_RING);
}
