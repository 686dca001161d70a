import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ConfigError } from '#libs/config/faults.js';
import { isProcessRunning, type ProcessIdentity } from '#scripts/lib/lock.mjs';

import { terminate } from '../server-record.js';

const pollMs = 50;
/** The guard of a cluster whose owner is gone gives server and database 15 s each. */
const guardMs = 35_000;

/** The cluster that uses a folder: who has it, and by which ports. */
export interface KeptRecord {
  readonly owner: ProcessIdentity;
  readonly guard: ProcessIdentity;
  /** Servers first, the database last. */
  readonly processes: readonly ProcessIdentity[];
  readonly address: string;
  /** Taken again by the next start: other members of a cluster are looked for where they were. */
  readonly ports: readonly number[];
}

export function writeKeptRecord(folder: string, record: KeptRecord): void {
  const file = recordFile(folder);
  fs.writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

/** The record of the last start; undefined where there was none. */
export function readKeptRecord(folder: string): KeptRecord | undefined {
  const file = recordFile(folder);
  return fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as KeptRecord) : undefined;
}

/**
 * Makes sure that nobody uses the folder. What a start that was killed has left is ended; its data stay.
 * @throws {ConfigError} when its owner runs.
 */
export async function requireUnused(
  dataDir: string,
  record: KeptRecord | undefined,
  log: (line: string) => void,
): Promise<void> {
  if (record === undefined) return;
  const { owner, guard, processes, address } = record;
  const left = (): ProcessIdentity[] => processes.filter(isProcessRunning);
  if (left().length === 0 && !isProcessRunning(guard)) return;
  if (isProcessRunning(owner)) {
    throw new ConfigError([
      {
        name: 'GANGWAY_DATA_DIR',
        message:
          `a Temporal server on PostgreSQL (${address}), which process ${owner.pid} started, uses the data dir ` +
          `${dataDir}: stop that one, set TEMPORAL_ADDRESS=${address} to use it, or name another folder`,
      },
    ]);
  }
  log(`waiting for what process ${owner.pid} has left behind to end`);
  const deadline = performance.now() + guardMs;
  while (isProcessRunning(guard) && performance.now() < deadline) await delay(pollMs);
  for (const identity of left()) await terminate(identity);
}

function recordFile(folder: string): string {
  return path.join(folder, 'cluster.json');
}
