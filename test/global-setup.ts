import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { keptKeyRing, KEPT_KEY_RING } from '#libs/config/key-ring-file.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { startDevServer } from '#apps/temporal/src/dev-server.js';
import { ensureTemporalCli } from '#apps/temporal/src/ensure-cli.js';

/** The Temporal server of a test run, as tests get it by `inject('temporal')`. */
export interface TestTemporal {
  address: string;
  namespace: string;
  /** Folder with the server's database; empty where `TEMPORAL_ADDRESS` names a server of somebody else's. */
  dataDir: string;
  /** File of the key ring that all share who serve this server's queues: a task goes to any worker. */
  encryptionKeys: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    temporal: TestTemporal;
  }
}

/** One Temporal server for all test files: the one of `TEMPORAL_ADDRESS`, or an embedded one on free ports and a fresh database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const config = readTemporalServerConfig();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-test-'));
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  const encryptionKeys = newKeyRingFile(dataDir);
  if (config.address !== undefined) {
    project.provide('temporal', {
      address: config.address,
      namespace: config.namespace,
      dataDir: '',
      encryptionKeys,
    });
    return () => {
      remove();
      return Promise.resolve();
    };
  }
  const log = (line: string): void => console.log(line);
  const server = await startDevServer({
    binary: await ensureTemporalCli(config, { log }),
    dataDir,
    ports: 'free',
    log,
  });
  project.provide('temporal', { address: server.address, namespace: server.namespace, dataDir, encryptionKeys });
  return async () => {
    await server.stop();
    remove();
  };
}

/** Makes a key ring in a folder, as an installation does at its first start, and returns its file. */
export function newKeyRingFile(folder: string): string {
  keptKeyRing(folder);
  return path.join(folder, KEPT_KEY_RING);
}
