import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { claimDataDir } from './data-dir.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-data-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('lets one system use a data dir, and the next once that has let go', async () => {
  const release = await claimDataDir(folder);
  await expect(claimDataDir(folder)).rejects.toThrow(
    new RegExp(
      `^GANGWAY_DATA_DIR: .*in use by another Gangway \\(process ${String(process.pid)}\\): stop that one, or`,
    ),
  );
  release();
  (await claimDataDir(folder))();
  expect(readdirSync(folder)).toEqual([]);
});

it('takes over what a killed one has left', async () => {
  writeFileSync(path.join(folder, 'gangway.lock'), JSON.stringify({ pid: 2 ** 30, startedAt: null }));
  (await claimDataDir(folder))();
});
