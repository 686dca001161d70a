import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readApiSettings } from './api-settings.js';
import { ConfigError, type Fault } from './faults.js';

const SHA = createHash('sha256').update('a key').digest('hex');
const RING = { active: 'k1', keys: { k1: Buffer.alloc(32, 7).toString('base64') } };

let folder: string;
let base: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-key-files-'));
  base = {
    GANGWAY_CONNECTIONS: 'config/connections.sandbox.yaml',
    GANGWAY_ALLOW_PRIVATE_URLS: 'true',
    GANGWAY_DATA_DIR: path.join(folder, 'data'),
  };
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function callerKey(id: string): object {
  return { id, sha256: SHA, tenants: ['*'], scopes: [] };
}

function write(name: string, content: unknown): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}

function faultsOf(run: () => unknown): readonly Fault[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('files of keys', () => {
  it.each([
    { mode: 0o644, said: 'every user of this machine may read it: chmod 0600 it' },
    { mode: 0o606, said: 'every user of this machine may read and change it' },
    { mode: 0o602, said: 'every user of this machine may change it' },
  ])('refuse keys that everybody may get at: mode $mode', ({ mode, said }) => {
    const keys = write('keys.json', { keys: [callerKey('a')] });
    const ring = write('ring.json', RING);
    for (const file of [keys, ring]) fs.chmodSync(file, mode);
    const variables = { ...base, GANGWAY_API_KEYS: keys, GANGWAY_ENCRYPTION_KEYS: ring };
    const faults = faultsOf(() => readApiSettings(variables));
    expect(faults).toEqual([
      {
        name: 'GANGWAY_ENCRYPTION_KEYS',
        message: expect.stringContaining(`${ring} holds keys, and ${said}`) as string,
      },
      { name: 'GANGWAY_API_KEYS', message: expect.stringContaining(`${keys} holds keys, and ${said}`) as string },
    ]);
    expect(readApiSettings({ ...variables, GANGWAY_ALLOW_READABLE_KEYS: 'true' }).apiKeys).toHaveLength(1);
  });

  it('admit keys that a group may read, as Kubernetes mounts secrets', () => {
    const keys = write('keys.json', { keys: [callerKey('a')] });
    fs.chmodSync(keys, 0o440);
    expect(readApiSettings({ ...base, GANGWAY_API_KEYS: keys }).apiKeys).toHaveLength(1);
  });

  it('tell every fault of a file of keys at once, with the variable that names it', () => {
    const keys = write('keys.json', { keys: [{ ...callerKey('a'), tenants: [] }] });
    fs.chmodSync(keys, 0o644);
    const faults = faultsOf(() => readApiSettings({ ...base, GANGWAY_API_KEYS: keys }));
    expect(faults.map(({ name }) => name)).toEqual(['GANGWAY_API_KEYS', 'GANGWAY_API_KEYS']);
  });

  it.each<{ variable: string; content: unknown }>([
    { variable: 'GANGWAY_API_KEYS', content: { keys: [callerKey('a')] } },
    { variable: 'GANGWAY_ENCRYPTION_KEYS', content: RING },
  ])('read $variable past a byte order mark, and name what is no UTF-8', ({ variable, content }) => {
    const text = JSON.stringify(content);
    const read = (bytes: Buffer): unknown => {
      const file = path.join(folder, 'file');
      fs.writeFileSync(file, bytes, { mode: 0o600 });
      return readApiSettings({ ...base, [variable]: file });
    };
    expect(read(Buffer.from(`\uFEFF${text}`))).toBeDefined();
    expect(faultsOf(() => read(Buffer.from(`\uFEFF${text}`, 'utf16le')))).toEqual([
      { name: variable, message: `the file ${path.join(folder, 'file')} is saved as UTF-16: save it as UTF-8` },
    ]);
  });

  it('keep keys with an end, and take the file up again when it has changed', () => {
    const keys = write('keys.json', { keys: [{ ...callerKey('a'), notAfter: '2027-01-31T00:00:00+01:00' }] });
    const { apiKeys, apiKeysFile } = readApiSettings({ ...base, GANGWAY_API_KEYS: keys });
    expect(apiKeys).toEqual([{ ...callerKey('a'), notAfter: '2027-01-31T00:00:00+01:00' }]);
    write('keys.json', { keys: [callerKey('b')] });
    expect(apiKeysFile?.current().keys).toEqual([callerKey('b')]);
    write('keys.json', { keys: [] });
    expect(apiKeysFile?.current().keys, 'a faulty file leaves the keys in force').toEqual([callerKey('b')]);
  });
});
