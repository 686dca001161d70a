import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readApiKeysFile, type ApiKey } from '#libs/config/api-keys.js';
import { readKeyRingFile } from '#libs/config/key-ring-file.js';
import { createSealer, type KeyRing } from '#libs/secrets/index.js';

const PLACE = { accountId: 'acme.support', field: '/egain/authentication/basicAuth/password' };

let folder: string;
let apiKeys: string;
let ring: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-keys-'));
  apiKeys = path.join(folder, 'api-keys.json');
  ring = path.join(folder, 'encryption-keys.json');
  expect(run('docker/make-keys.mjs', folder).status).toBe(0);
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function run(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
}

function change(...args: string[]): string {
  const { status, stdout, stderr } = run('docker/keys.mjs', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trim();
}

function callers(): ApiKey[] {
  return readApiKeysFile(apiKeys, { allowReadable: false }).keys;
}

function keyRing(): KeyRing {
  return readKeyRingFile(ring, { allowReadable: false });
}

describe('an API key', () => {
  it('is added, printed once, and known by its hash, with tenants, scopes and an end', () => {
    const key = change('add-api-key', apiKeys, 'ci', 'acme,globex', 'onboardings:read', '2027-01-31T00:00:00Z');
    expect(callers().at(-1)).toEqual({
      id: 'ci',
      sha256: createHash('sha256').update(key).digest('hex'),
      tenants: ['acme', 'globex'],
      scopes: ['onboardings:read'],
      notAfter: '2027-01-31T00:00:00Z',
    });
    expect(fs.readFileSync(apiKeys, 'utf8')).not.toContain(key);
    expect(fs.statSync(apiKeys).mode & 0o777).toBe(0o600);
  });

  it('that leaked is replaced by another one without a moment between', () => {
    change('add-api-key', apiKeys, 'second', '*', 'onboardings:read');
    change('remove-api-key', apiKeys, 'first');
    expect(callers().map(({ id }) => id)).toEqual(['second']);
  });

  it.each([
    {
      args: ['remove-api-key', 'first'],
      said: 'it is the last key',
      reason: 'the file would be faulty, and the key in force',
    },
    {
      args: ['remove-api-key', 'nobody'],
      said: 'there is no key nobody',
      reason: 'a typing error must not pass for done',
    },
    { args: ['add-api-key', 'first', '*', 'codec'], said: 'there is a key first already', reason: 'one would be lost' },
    { args: ['add-api-key', 'ci'], said: 'name the tenants', reason: 'a key without rights helps nobody' },
    { args: ['rotate', 'first'], said: 'usage: keys <add-api-key|', reason: 'an unknown word' },
  ])('is not changed by $args: $reason', ({ args: [verb = '', ...rest], said }) => {
    const before = fs.readFileSync(apiKeys, 'utf8');
    const { status, stderr } = run('docker/keys.mjs', verb, apiKeys, ...rest);
    expect(status).toBe(1);
    expect(stderr).toContain(said);
    expect(fs.readFileSync(apiKeys, 'utf8')).toBe(before);
  });
});

describe('the key ring', () => {
  it('is rotated in two steps: what was sealed opens through both, and specs hash alike', () => {
    const before = createSealer(keyRing());
    const sealed = before.seal('password', PLACE);
    change('add-ring-key', ring, 'k2');
    const during = createSealer(keyRing());
    expect(during.seal('password', PLACE)).toMatch(/^sealed:v2:k1:/);
    change('activate-ring-key', ring, 'k2');
    const after = createSealer(keyRing());
    expect(after.seal('password', PLACE)).toMatch(/^sealed:v2:k2:/);
    expect(after.open(sealed, PLACE)).toBe('password');
    expect(after.hmac('password')).toBe(before.hmac('password'));
  });

  it('does not make a key active that is not there', () => {
    expect(run('docker/keys.mjs', 'activate-ring-key', ring, 'k9')).toMatchObject({ status: 1 });
    expect(keyRing().active).toBe('k1');
  });
});
