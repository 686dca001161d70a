import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { requireNoServer, stopLeftServer, terminate } from '#apps/temporal/src/server-record.js';
import { isProcessRunning, processIdentity, type ProcessIdentity } from '#scripts/lib/lock.mjs';

/** The processes of a system, as its data dir names them while it runs. */
interface SystemRecord {
  readonly owner: ProcessIdentity;
  readonly parts: readonly { readonly name: string; readonly process: ProcessIdentity }[];
}

/** Notes in the data dir which processes a system has started, so that a later start knows what a killed one left behind. */
export interface SystemNotes {
  add(name: string, pid: number): void;
  /** Nothing of the system runs any more. */
  remove(): void;
}

/** Notes of a system that this process starts. */
export function createSystemNotes(dataDir: string): SystemNotes {
  const owner = processIdentity(process.pid);
  const parts: SystemRecord['parts'][number][] = [];
  const file = recordFile(dataDir);
  return {
    add(name, pid) {
      parts.push({ name, process: processIdentity(pid) });
      writeFileSync(`${file}.new`, `${JSON.stringify({ owner, parts } satisfies SystemRecord, null, 2)}\n`, {
        mode: 0o600,
      });
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}

export interface EndFormerOptions {
  /** Whether a Temporal server is about to be started in the data dir. */
  readonly embedded: boolean;
  readonly report: (line: string) => void;
}

/**
 * Ends what a system left in the data dir whose starter is gone, as after a SIGKILL: its parts, which are stopping by themselves
 * then, and its Temporal server. Nothing of it runs when this has resolved.
 * @throws {ConfigError} when a server is about to be started where another one runs. @throws {Error} when a process does not end.
 */
export async function endFormerSystem(dataDir: string, { embedded, report }: EndFormerOptions): Promise<void> {
  const record = readRecord(dataDir);
  const left = record === undefined || isProcessRunning(record.owner) ? [] : record.parts.filter(isRunning);
  if (left.length > 0) {
    const names = left.map(({ name, process: { pid } }) => `${name} (process ${pid})`);
    report(`ending what a former start has left behind: ${names.join(', ')}`);
    await Promise.all(left.map((part) => terminate(part.process)));
  }
  if (embedded) await requireNoServer(dataDir, report);
  else await stopLeftServer(dataDir, { log: report });
  if (record !== undefined) rmSync(recordFile(dataDir), { force: true });
}

function isRunning(part: SystemRecord['parts'][number]): boolean {
  return isProcessRunning(part.process);
}

function readRecord(dataDir: string): SystemRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(dataDir), 'utf8')) as SystemRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function recordFile(dataDir: string): string {
  return path.join(dataDir, 'system.json');
}
