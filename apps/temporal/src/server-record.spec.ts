import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isProcessRunning, processIdentity, type ProcessIdentity } from '#scripts/lib/lock.mjs';

import { requireNoServer, stopLeftServer, terminate, writeServerRecord } from './server-record.js';

let dataDir: string;
let children: ChildProcess[];

beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-record-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  fs.rmSync(dataDir, { recursive: true });
});

async function startProcess(program = ''): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', `${program}; setInterval(() => {}, 1000); console.log('up')`]);
  children.push(child);
  await once(child.stdout, 'data');
  return processIdentity(child.pid ?? 0);
}

async function endedProcess(): Promise<ProcessIdentity> {
  const identity = await startProcess();
  await terminate(identity);
  return identity;
}

describe('requireNoServer', () => {
  it('refuses a data dir whose server and owner run, and names both and the cures', async () => {
    const server = await startProcess();
    writeServerRecord(dataDir, { server, owner: processIdentity(process.pid), address: '127.0.0.1:7233' });
    const claim = requireNoServer(dataDir, () => undefined);
    await expect(claim).rejects.toThrow(
      new RegExp(
        `^GANGWAY_DATA_DIR: .*process ${server.pid}, 127.0.0.1:7233.*process ${process.pid} .*TEMPORAL_ADDRESS=127.0.0.1:7233`,
      ),
    );
    expect(isProcessRunning(server)).toBe(true);
  });

  it('stops a server whose owner was killed', async () => {
    const server = await startProcess();
    writeServerRecord(dataDir, { server, owner: await endedProcess(), address: '127.0.0.1:7233' });
    const lines: string[] = [];
    await requireNoServer(dataDir, (line) => lines.push(line));
    expect(isProcessRunning(server)).toBe(false);
    expect(lines).toEqual([expect.stringContaining(String(server.pid))]);
    expect(fs.readdirSync(dataDir)).toEqual([]);
  });

  it('leaves a process alone that was given the number of a server of before', async () => {
    const other = await startProcess();
    const before = { pid: other.pid, startedAt: 'another moment' };
    writeServerRecord(dataDir, { server: before, owner: await endedProcess(), address: '127.0.0.1:7233' });
    await requireNoServer(dataDir, () => undefined);
    expect(isProcessRunning(other)).toBe(true);
  });

  it('has nothing to do where no server was, or its record was cut off', async () => {
    await requireNoServer(dataDir, () => undefined);
    fs.writeFileSync(path.join(dataDir, 'temporal-server.json'), '{"server"');
    await expect(requireNoServer(dataDir, () => undefined)).resolves.toBeUndefined();
  });
});

describe('stopLeftServer', () => {
  it('ends a server at once that nobody owns any more, and that heeds no SIGTERM', async () => {
    const server = await startProcess("process.on('SIGTERM', () => {})");
    writeServerRecord(dataDir, { server, owner: await endedProcess(), address: '127.0.0.1:7233' });
    await stopLeftServer(dataDir, { log: () => undefined, atOnce: true });
    expect(isProcessRunning(server)).toBe(false);
    expect(fs.readdirSync(dataDir)).toEqual([]);
  });

  it('leaves a server alone whose owner runs: it belongs to somebody', async () => {
    const server = await startProcess();
    writeServerRecord(dataDir, { server, owner: processIdentity(process.pid), address: '127.0.0.1:7233' });
    await stopLeftServer(dataDir, { log: () => undefined });
    expect(isProcessRunning(server)).toBe(true);
    expect(fs.readdirSync(dataDir)).toEqual(['temporal-server.json']);
  });
});
