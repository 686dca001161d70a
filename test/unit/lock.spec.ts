import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { acquireLock, isProcessRunning, processIdentity, withLock } from '#scripts/lib/lock.mjs';

let folder: string;
let file: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-lock-'));
  file = path.join(folder, 'locks', 'one.lock');
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function leaveLock(content: string, ageSeconds = 0): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  const moment = new Date(Date.now() - ageSeconds * 1000);
  fs.utimesSync(file, moment, moment);
}

describe('withLock', () => {
  it('lets one in at a time, and tells the others who is inside', async () => {
    let inside = 0;
    let most = 0;
    const waitedFor: (number | null)[] = [];
    const enter = (): Promise<void> =>
      withLock(file, { onWait: ({ pid }) => waitedFor.push(pid) }, async () => {
        most = Math.max(most, (inside += 1));
        await new Promise(setImmediate);
        inside -= 1;
      });
    await Promise.all([enter(), enter(), enter()]);
    expect(most).toBe(1);
    expect(waitedFor).toEqual([process.pid, process.pid]);
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });

  it('hands on what the action answers or throws, and gives the lock back either way', async () => {
    expect(await withLock(file, {}, () => 7)).toBe(7);
    await expect(withLock(file, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(fs.existsSync(file)).toBe(false);
  });

  it.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 30, startedAt: null }), 0],
    ['whose number another process was given since', JSON.stringify({ pid: process.pid, startedAt: 'before' }), 0],
    ['that was cut off while it was written', '', 60],
  ])('takes over a lock %s, one at a time', async (_, content, age) => {
    leaveLock(content, age);
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLock(file, {}, async () => {
        most = Math.max(most, (inside += 1));
        await new Promise(setImmediate);
        inside -= 1;
      });
    await Promise.all([enter(), enter(), enter(), enter()]);
    expect(most).toBe(1);
    expect(fs.readdirSync(path.dirname(file))).toEqual([]);
  });

  it('waits for a lock that is being written this moment', async () => {
    leaveLock('');
    let release: Promise<() => void> | undefined;
    const waitedFor = await new Promise<number | null>((resolve) => {
      release = acquireLock(file, { onWait: ({ pid }) => resolve(pid) });
    });
    expect(waitedFor).toBeNull();
    fs.rmSync(file);
    (await release)?.();
    expect(fs.existsSync(file)).toBe(false);
  });
});

describe('isProcessRunning', () => {
  it('knows this process, and not one that never was or started at another moment', () => {
    const own = processIdentity(process.pid);
    expect(isProcessRunning(own)).toBe(true);
    expect(isProcessRunning({ pid: 2 ** 30, startedAt: null })).toBe(false);
    expect(isProcessRunning({ ...own, startedAt: 'another moment' })).toBe(false);
  });
});
