import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { newKeyRingFile, startTemporal, testStore } from './support/temporal-under-test.js';

/** The Temporal server of a test run, as tests get it by `inject('temporal')`. */
export interface TestTemporal {
  address: string;
  namespace: string;
  /** Folder of the run's own, with the server's database where that is a file; empty where `TEMPORAL_ADDRESS` names a server of somebody else's. */
  dataDir: string;
  /** File of the key ring that all share who serve this server's queues: a task goes to any worker. */
  encryptionKeys: string;
  /** How to read the server's databases; null where they are no PostgreSQL of this run's. */
  postgres: PostgresAccess | null;
}

/** A PostgreSQL of a test run, on loopback. */
export interface PostgresAccess {
  /** Folder of its programs. */
  bin: string;
  port: number;
  user: string;
  password: string;
  /** Where the server's processes tell their figures, as Prometheus text. */
  metrics: string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    temporal: TestTemporal;
  }
}

/**
 * One Temporal server for all test files, on free ports and with nothing in it: the embedded one, or with `GANGWAY_TEST_STORE=postgres`
 * one over a PostgreSQL. The embedded one may be replaced by that of `TEMPORAL_ADDRESS`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { address, namespace } = readTemporalServerConfig();
  if (address !== undefined && testStore() === 'sqlite') {
    const folder = mkdtempSync(path.join(tmpdir(), 'gangway-test-'));
    const encryptionKeys = newKeyRingFile(folder);
    project.provide('temporal', { address, namespace, dataDir: '', encryptionKeys, postgres: null });
    return () => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    };
  }
  const server = await startTemporal(testStore(), (line) => console.log(line));
  project.provide('temporal', server.temporal);
  return () => server.stop();
}
