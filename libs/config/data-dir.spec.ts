import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDataDir, restrictNewFiles } from './data-dir.js';

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-data-'));
});
afterEach(() => fs.rmSync(root, { recursive: true }));

function modeOf(file: string): string {
  return (fs.statSync(file).mode & 0o7777).toString(8);
}

describe('openDataDir', () => {
  it('makes the folder for its owner alone', () => {
    const dataDir = path.join(root, 'deep', 'data');
    openDataDir(dataDir);
    expect(modeOf(dataDir)).toBe('700');
  });

  it.each<{ reason: string; mode: number; names: string[]; after: string }>([
    { reason: 'an empty one that somebody made', mode: 0o755, names: [], after: '700' },
    { reason: 'one of an earlier start', mode: 0o755, names: ['temporal.db'], after: '700' },
    { reason: 'one that a build has begun', mode: 0o755, names: ['locks'], after: '700' },
    { reason: 'a folder with logs of others', mode: 0o755, names: ['logs', 'somebody-elses'], after: '755' },
    { reason: 'one that is closed already', mode: 0o500, names: [], after: '500' },
    { reason: 'one through which a group may pass to what it knows', mode: 0o710, names: ['postgres'], after: '710' },
    { reason: 'one with nothing but a database in it', mode: 0o755, names: ['postgres'], after: '700' },
    { reason: 'a folder in which others work', mode: 0o755, names: ['somebody-elses'], after: '755' },
    { reason: 'a folder that all share, as /tmp is', mode: 0o1777, names: ['temporal.db'], after: '1777' },
  ])('brings $reason from $mode to $after', ({ mode, names, after }) => {
    const dataDir = path.join(root, 'data');
    fs.mkdirSync(dataDir);
    for (const name of names) fs.writeFileSync(path.join(dataDir, name), '');
    fs.chmodSync(dataDir, mode);
    openDataDir(dataDir);
    expect(modeOf(dataDir)).toBe(after);
  });

  it('says what the system says of a folder that cannot be made', () => {
    fs.writeFileSync(path.join(root, 'file'), '');
    expect(() => openDataDir(path.join(root, 'file', 'data'))).toThrow(/ENOTDIR|EEXIST/);
  });
});

describe('restrictNewFiles', () => {
  it('keeps what is written from then on from everybody else', () => {
    const before = process.umask(0o022);
    try {
      restrictNewFiles();
      fs.writeFileSync(path.join(root, 'file'), '');
      fs.mkdirSync(path.join(root, 'folder'));
    } finally {
      process.umask(before);
    }
    expect([modeOf(path.join(root, 'file')), modeOf(path.join(root, 'folder'))]).toEqual(['600', '700']);
  });
});
