import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { ConfigError } from '#libs/config/faults.js';
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
 * @throws {ConfigError} when a server runs there whose owner runs too.
 */
export async function requireNoServer(dataDir: string, log: (line: string) => void): Promise<void> {
  const record = runningServer(dataDir);
  if (record === undefined) return;
  if (!isProcessRunning(record.owner)) return stopLeftServer(dataDir, { log });
  const { server, owner, address } = record;
  throw new ConfigError([
    {
      name: 'GANGWAY_DATA_DIR',
      message:
        `a Temporal server (process ${server.pid}, ${address}), which process ${owner.pid} started, uses the data dir ` +
        `${dataDir}: stop that one, set TEMPORAL_ADDRESS=${address} to use it, or name another folder`,
    },
  ]);
}

export interface StopLeftOptions {
  readonly log: (line: string) => void;
  /** True: it gets no time to end by itself. Its data stand that as well. Default false. */
  readonly atOnce?: boolean;
}

/** Stops the server of a data dir whose owner is gone, as after a SIGKILL. One whose owner runs is left alone. */
export async function stopLeftServer(dataDir: string, { log, atOnce = false }: StopLeftOptions): Promise<void> {
  const record = runningServer(dataDir);
  if (record === undefined || isProcessRunning(record.owner)) return;
  const { server, owner } = record;
  log(`stopping the Temporal server ${server.pid}, which process ${owner.pid} has left behind`);
  await terminate(server, { atOnce });
  removeServerRecord(dataDir);
}

export interface TerminateOptions {
  /** True: with SIGKILL right away. Default false. */
  readonly atOnce?: boolean;
  /** What asks the process to end; default SIGTERM. */
  readonly first?: NodeJS.Signals;
}

/**
 * Ends a process with SIGTERM, and with SIGKILL when it has not ended after 15 s; `atOnce` with SIGKILL right away.
 * @throws {Error} when it does not end.
 */
export async function terminate(
  identity: ProcessIdentity,
  { atOnce = false, first = 'SIGTERM' }: TerminateOptions = {},
): Promise<void> {
  for (const signal of atOnce ? (['SIGKILL'] as const) : [first, 'SIGKILL' as const]) {
    if (!isProcessRunning(identity)) return;
    send(identity.pid, signal);
    const deadline = performance.now() + stopTimeoutMs;
    while (isProcessRunning(identity) && performance.now() < deadline) await delay(pollMs);
  }
  if (isProcessRunning(identity)) throw new Error(`process ${identity.pid} does not end`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function runningServer(dataDir: string): ServerRecord | undefined {
  const record = readServerRecord(dataDir);
  return record !== undefined && isProcessRunning(record.server) ? record : undefined;
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
