import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isProcessRunning, type ProcessIdentity } from '#scripts/lib/lock.mjs';

const stopTimeoutMs = 15_000;
const pollMs = 50;

/** The server that uses a data dir, and the process that started it and stops it. */
export interface ServerRecord {
  readonly server: ProcessIdentity;
  readonly owner: ProcessIdentity;
  readonly address: string;
}

/** Notes in the data dir which server uses it: its database must never be opened by two. */
export function writeServerRecord(dataDir: string, record: ServerRecord): void {
  fs.writeFileSync(recordFile(dataDir), `${JSON.stringify(record, null, 2)}\n`);
}

export function removeServerRecord(dataDir: string): void {
  fs.rmSync(recordFile(dataDir), { force: true });
}

/**
 * Makes sure that no server uses the data dir. One whose owner was killed is stopped; its data stay.
 * @throws {Error} when a server runs there whose owner runs too.
 */
export async function claimDataDir(dataDir: string, log: (line: string) => void): Promise<void> {
  const record = readServerRecord(dataDir);
  if (record === undefined || !isProcessRunning(record.server)) return;
  const { pid } = record.server;
  if (isProcessRunning(record.owner)) {
    throw new Error(
      `A Temporal dev server (process ${pid}, ${record.address}) already uses ${dataDir}: stop it (process ` +
        `${record.owner.pid} started it), set TEMPORAL_ADDRESS=${record.address} to use it, or set GANGWAY_DATA_DIR to another folder`,
    );
  }
  log(`stopping the Temporal dev server ${pid}, left behind by process ${record.owner.pid}`);
  await terminate(record.server);
  removeServerRecord(dataDir);
}

/** Ends a process with SIGTERM, and with SIGKILL when it has not ended after 15 s. */
export async function terminate(identity: ProcessIdentity): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isProcessRunning(identity)) return;
    process.kill(identity.pid, signal);
    const deadline = performance.now() + stopTimeoutMs;
    while (isProcessRunning(identity) && performance.now() < deadline) await delay(pollMs);
  }
  if (isProcessRunning(identity)) throw new Error(`process ${identity.pid} does not end`);
}

function readServerRecord(dataDir: string): ServerRecord | undefined {
  try {
    return JSON.parse(fs.readFileSync(recordFile(dataDir), 'utf8')) as ServerRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function recordFile(dataDir: string): string {
  return path.join(dataDir, 'temporal-server.json');
}
