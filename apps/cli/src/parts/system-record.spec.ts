import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { terminate, writeServerRecord } from '#apps/temporal/src/server-record.js';
import { isProcessRunning, processIdentity, type ProcessIdentity } from '#scripts/lib/lock.mjs';

import { createSystemNotes, endFormerSystem } from './system-record.js';

let dataDir: string;
let children: ChildProcess[];
const options = { embedded: true, report: (): void => undefined };

beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'gangway-system-record-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true });
});

async function startProcess(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', "setInterval(() => {}, 1000); console.log('up')"]);
  children.push(child);
  await once(child.stdout, 'data');
  return processIdentity(child.pid ?? 0);
}

async function endedProcess(): Promise<ProcessIdentity> {
  const identity = await startProcess();
  await terminate(identity);
  return identity;
}

/** The notes of a system whose starter is `owner`. */
function writeNotes(owner: ProcessIdentity, parts: Record<string, ProcessIdentity>): void {
  const list = Object.entries(parts).map(([name, identity]) => ({ name, process: identity }));
  writeFileSync(path.join(dataDir, 'system.json'), JSON.stringify({ owner, parts: list }));
}

describe('endFormerSystem', () => {
  it('ends parts and server of a start that was killed, names them, and forgets them', async () => {
    const [api, server] = [await startProcess(), await startProcess()];
    const owner = await endedProcess();
    writeNotes(owner, { API: api });
    writeServerRecord(dataDir, { server, owner, address: '127.0.0.1:7233' });
    const lines: string[] = [];
    await endFormerSystem(dataDir, { embedded: true, report: (line) => lines.push(line) });
    expect([api, server].map(isProcessRunning)).toEqual([false, false]);
    expect(lines.join('\n')).toMatch(new RegExp(`API \\(process ${api.pid}\\)[^]*server ${server.pid}`));
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('leaves a process alone that was given the number of a part of before', async () => {
    const other = await startProcess();
    writeNotes(await endedProcess(), { API: { pid: other.pid, startedAt: 'another moment' } });
    await endFormerSystem(dataDir, options);
    expect(isProcessRunning(other)).toBe(true);
  });

  it('leaves the server of somebody alone whom this start only calls', async () => {
    const server = await startProcess();
    writeServerRecord(dataDir, { server, owner: processIdentity(process.pid), address: '127.0.0.1:7233' });
    await endFormerSystem(dataDir, { ...options, embedded: false });
    expect(isProcessRunning(server)).toBe(true);
    await expect(endFormerSystem(dataDir, options)).rejects.toThrow(/^GANGWAY_DATA_DIR: .*TEMPORAL_ADDRESS=127/);
  });

  it('has nothing to do where no system was, or its notes were cut off', async () => {
    await endFormerSystem(dataDir, options);
    writeFileSync(path.join(dataDir, 'system.json'), '{"owner"');
    await expect(endFormerSystem(dataDir, options)).resolves.toBeUndefined();
  });
});

describe('createSystemNotes', () => {
  it('names its owner and every part as soon as it is there, and is gone when the system is', async () => {
    const part = await startProcess();
    const notes = createSystemNotes(dataDir);
    notes.add('Worker', part.pid);
    expect(JSON.parse(readFileSync(path.join(dataDir, 'system.json'), 'utf8'))).toEqual({
      owner: processIdentity(process.pid),
      parts: [{ name: 'Worker', process: part }],
    });
    notes.remove();
    expect(readdirSync(dataDir)).toEqual([]);
  });
});
