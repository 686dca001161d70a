import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ConfigError } from '#libs/config/faults.js';

import { ProgramMissing } from '../program-missing.js';
import { databaseOwner, letPass } from './owner.js';

const POSTGRES =
  'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104:,,,:/:/bin/sh\n';
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-owner-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function modeOf(file: string): string {
  return (fs.statSync(file).mode & 0o7777).toString(8);
}

describe('databaseOwner', () => {
  it('is this process wherever it is not root', () => {
    expect(databaseOwner(1000, () => POSTGRES)).toBeUndefined();
  });

  it('is the user "postgres" for root, "nobody" where there is none', () => {
    expect(databaseOwner(0, () => POSTGRES)).toEqual({ name: 'postgres', uid: 101, gid: 104 });
    const without = POSTGRES.replace('postgres', 'somebody');
    expect(databaseOwner(0, () => without)).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
    expect(() => databaseOwner(0, () => 'root:x:0:0:root:/root:/bin/sh\n')).toThrow(ProgramMissing);
  });
});

describe('letPass', () => {
  const owner = { name: 'nobody', uid: 65534, gid: 65534 };

  it('changes nothing where the programs run as this process', () => {
    letPass(undefined, folder, 'GANGWAY_DATA_DIR');
    expect(modeOf(folder)).toBe('700');
  });

  it.runIf(isRoot)('opens a folder of root alone to passing through, and no further', () => {
    letPass(owner, folder, 'GANGWAY_DATA_DIR');
    expect(modeOf(folder)).toBe('710');
    expect(fs.statSync(folder)).toMatchObject({ uid: 0, gid: 65534 });
  });

  it.runIf(isRoot)('leaves a folder as it is in which others work', () => {
    fs.chmodSync(folder, 0o1777);
    letPass(owner, folder, 'GANGWAY_DATA_DIR');
    expect(modeOf(folder)).toBe('1777');
    expect(fs.statSync(folder).gid).not.toBe(owner.gid);
  });

  it.runIf(isRoot)('names the folder above that keeps the owner out, and the setting', () => {
    const inner = path.join(folder, 'inner');
    fs.mkdirSync(inner, { mode: 0o755 });
    const pass = (): void => letPass(owner, inner, 'GANGWAY_DATA_DIR');
    expect(pass).toThrow(ConfigError);
    expect(pass).toThrow(`cannot get through ${folder}: name a folder elsewhere`);
  });
});
