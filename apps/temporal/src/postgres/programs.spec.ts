import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ProgramMissing } from '../program-missing.js';
import { installedPostgres, newestPostgres } from './programs.js';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-programs-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Puts a PostgreSQL of this version below a folder, as far as it is looked at. */
function install(at: string, version: string, names = ['initdb', 'postgres', 'pg_dump']): string {
  const bin = path.join(folder, at);
  fs.mkdirSync(bin, { recursive: true });
  for (const name of names) {
    const text = `#!/bin/sh\necho '${name} (PostgreSQL) ${version}'\n`;
    fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
  }
  return bin;
}

describe('installedPostgres', () => {
  it('finds those of the usual folders and of the PATH, the newest first', async () => {
    const [old, newest] = [install('usual/15/bin', '15.18 (Debian)'), install('usual/16/bin', '16.9')];
    const own = install('own', '17beta1');
    const found = await installedPostgres([own, path.join(folder, 'nothing')], [path.join(folder, 'usual/*/bin')]);
    expect(found).toEqual([
      { folder: own, major: 17 },
      { folder: newest, major: 16 },
      { folder: old, major: 15 },
    ]);
  });

  it.each([
    { reason: 'older than Temporal can use', version: '11.22', names: undefined },
    { reason: 'clients alone', version: '16.9', names: ['psql', 'pg_dump'] },
    { reason: 'something else of that name', version: 'none', names: undefined },
  ])('passes over $reason, and says in one line what to do', async ({ version, names }) => {
    install('usual/1/bin', version, names);
    const error = await newestPostgres([], [path.join(folder, 'usual/*/bin')]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProgramMissing);
    expect((error as Error).message).toMatch(/^PostgreSQL is missing: install version 12 or newer [^\n]*$/);
  });
});
