import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';
import { startDevServer } from '#libs/temporal/dev-server/dev-server.js';
import { ensureTemporalCli } from '#libs/temporal/dev-server/ensure-cli.js';

/** The Temporal server of a test run, as tests get it by `inject('temporal')`. */
export interface TestTemporal {
  address: string;
  namespace: string;
  /** Folder with the server's database; empty where `TEMPORAL_ADDRESS` names a server of somebody else's. */
  dataDir: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    temporal: TestTemporal;
  }
}

/** One Temporal server for all test files: the one of `TEMPORAL_ADDRESS`, or an embedded one on free ports and a fresh database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const config = readTemporalServerConfig();
  if (config.address !== undefined) {
    project.provide('temporal', { address: config.address, namespace: config.namespace, dataDir: '' });
    return () => Promise.resolve();
  }
  const log = (line: string): void => console.log(line);
  const dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-test-'));
  const server = await startDevServer({
    binary: await ensureTemporalCli(config, { log }),
    dataDir,
    ports: 'free',
    log,
  });
  project.provide('temporal', { address: server.address, namespace: server.namespace, dataDir });
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
