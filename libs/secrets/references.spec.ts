import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSecretReference, SecretReferenceError, type SecretPlaces, type SecretReference } from './index.js';

const CANARY = 'canary-7f3a';

let root: string;
let secretsDir: string;
let places: SecretPlaces;

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-secrets-'));
  secretsDir = path.join(root, 'secrets');
  const acme = path.join(secretsDir, 'acme');
  fs.mkdirSync(path.join(acme, '..data'), { recursive: true });
  fs.mkdirSync(path.join(acme, 'folder'));
  fs.mkdirSync(path.join(secretsDir, 'globex'));
  fs.mkdirSync(path.join(secretsDir, 'acme-2'));
  fs.writeFileSync(path.join(root, 'outside'), CANARY);
  fs.writeFileSync(path.join(secretsDir, 'flat'), CANARY);
  fs.writeFileSync(path.join(secretsDir, 'globex', 'hub'), CANARY);
  fs.writeFileSync(path.join(secretsDir, 'acme-2', 'hub'), CANARY);
  fs.writeFileSync(path.join(acme, 'plain'), 'from a file\n');
  fs.writeFileSync(path.join(acme, 'marked'), '\uFEFFfrom Windows\r\n');
  fs.writeFileSync(path.join(acme, 'inner'), 'a\nb\n');
  fs.writeFileSync(path.join(acme, 'empty'), '\uFEFF\n');
  fs.writeFileSync(path.join(acme, 'latin'), Buffer.from(`${CANARY}ü`, 'latin1'));
  fs.writeFileSync(path.join(acme, 'wide'), Buffer.from(`\uFEFF${CANARY}`, 'utf16le'));
  fs.writeFileSync(path.join(acme, 'large'), CANARY.repeat(10_000));
  fs.writeFileSync(path.join(acme, '..data', 'mounted'), 'from a mount');
  fs.symlinkSync(path.join('..data', 'mounted'), path.join(acme, 'mounted'));
  fs.symlinkSync('../../outside', path.join(acme, 'escape'));
  fs.symlinkSync('../globex/hub', path.join(acme, 'theirs'));
  fs.symlinkSync('../acme-2/hub', path.join(acme, 'namesake'));
  fs.symlinkSync('../flat', path.join(acme, 'above'));
  fs.symlinkSync('loop', path.join(acme, 'loop'));
  places = {
    env: {
      GANGWAY_SECRET_A: 'from env',
      GANGWAY_SECRET_GLOBEX: CANARY,
      GANGWAY_SECRET_UNLISTED: CANARY,
      GANGWAY_SECRET_EMPTY: '',
      HOME: CANARY,
    },
    mayName: (name) => ['GANGWAY_SECRET_A', 'GANGWAY_SECRET_UNSET', 'GANGWAY_SECRET_EMPTY', 'HOME'].includes(name),
    secretsDir,
    tenant: 'acme',
  };
});
afterEach(() => fs.rmSync(root, { recursive: true }));

function messageOf(reference: SecretReference, change: Partial<SecretPlaces> = {}): string {
  try {
    const resolved = resolveSecretReference(reference, { ...places, ...change });
    return `resolved to ${resolved}`;
  } catch (error) {
    if (error instanceof SecretReferenceError) return error.message;
    throw error;
  }
}

describe('resolveSecretReference', () => {
  it.each([
    { reference: { env: 'GANGWAY_SECRET_A' }, value: 'from env', reason: 'a listed variable' },
    { reference: { file: 'plain' }, value: 'from a file', reason: 'one line end goes' },
    { reference: { file: 'marked' }, value: 'from Windows', reason: 'a byte order mark is no part of a secret' },
    { reference: { file: 'inner' }, value: 'a\nb', reason: 'a key in PEM has line ends inside' },
    { reference: { file: 'mounted' }, value: 'from a mount', reason: 'Kubernetes links files to a folder beside them' },
  ])('resolves $reference: $reason', ({ reference, value }) => {
    expect(resolveSecretReference(reference, places)).toBe(value);
  });

  it('follows a folder of the tenant that is itself a link to one of its name inside, as a projected volume has it', () => {
    fs.mkdirSync(path.join(secretsDir, '..2026', 'initech'), { recursive: true });
    fs.writeFileSync(path.join(secretsDir, '..2026', 'initech', 'hub'), 'projected');
    fs.symlinkSync(path.join('..2026', 'initech'), path.join(secretsDir, 'initech'));
    expect(resolveSecretReference({ file: 'hub' }, { ...places, tenant: 'initech' })).toBe('projected');
  });

  it('says the same of a variable that is not set, not listed, or listed for another tenant', () => {
    const said = ['UNSET', 'EMPTY', 'NOWHERE', 'UNLISTED', 'GLOBEX'].map((name) =>
      messageOf({ env: `GANGWAY_SECRET_${name}` }).replace(name, 'NAME'),
    );
    expect(new Set(said)).toEqual(
      new Set([
        'the variable GANGWAY_SECRET_NAME names no secret that this tenant may use: it must be listed for the tenant under ' +
          'secrets in the connections file, and set on the worker',
      ]),
    );
  });

  it.each<{ file: string; change?: () => Partial<SecretPlaces>; reason: string }>([
    { file: 'absent', reason: 'no such file' },
    { file: 'escape', reason: 'a link that leads out of the secrets folder' },
    { file: 'theirs', reason: "a link into another tenant's folder" },
    { file: 'namesake', reason: "a link into the folder of a tenant whose name begins with this one's" },
    { file: 'above', reason: 'a link to a file of no tenant' },
    { file: 'flat', reason: 'a file beside the folders belongs to nobody' },
    { file: 'loop', reason: 'a link that ends nowhere' },
    { file: 'hub', reason: 'only another tenant has it' },
    { file: 'plain', change: () => ({ secretsDir: undefined }), reason: 'no folder is set' },
    { file: 'plain', change: () => ({ secretsDir: '/nowhere' }), reason: 'the folder is gone' },
    { file: 'plain', change: () => ({ tenant: '' }), reason: 'what belongs to no account resolves nothing' },
    { file: 'hub', change: () => ({ tenant: 'linked' }), reason: "a tenant's folder that is a link to another's" },
  ])('says the same of the file $file: $reason', ({ file, change }) => {
    fs.symlinkSync('globex', path.join(secretsDir, 'linked'));
    expect(messageOf({ file }, change?.())).toBe(
      `the secret file ${file} names no secret that this tenant may use: it must be in the tenant's folder of ` +
        'GANGWAY_SECRETS_DIR on the worker',
    );
  });

  it.each([
    { reference: { env: 'HOME' }, message: 'must begin with GANGWAY_SECRET_', reason: 'a setting of the process' },
    { reference: { env: 'GANGWAY_SECRET_' }, message: 'must begin with', reason: 'the prefix alone names nothing' },
    { reference: { file: '../globex/hub' }, message: 'plain file name', reason: 'a way out' },
    { reference: { file: '/etc/passwd' }, message: 'plain file name', reason: 'an absolute path' },
    { reference: { file: '..' }, message: 'plain file name', reason: 'the folder above' },
    { reference: { file: 'folder' }, message: 'is not a plain file', reason: 'a folder' },
    { reference: { file: 'large' }, message: 'at most 64 KiB', reason: 'no secret is so long' },
    { reference: { file: 'empty' }, message: 'is empty', reason: 'an empty secret is a mistake' },
    { reference: { file: 'latin' }, message: 'is not saved as UTF-8', reason: 'it would be another secret' },
    { reference: { file: 'wide' }, message: 'is saved as UTF-16', reason: 'PowerShell writes so' },
  ])('refuses $reference: $reason', ({ reference, message }) => {
    expect(messageOf(reference)).toContain(message);
    expect(messageOf(reference)).not.toContain(CANARY);
  });

  it('judges anew each time: a right that was taken away counts at once', () => {
    let listed = true;
    const judged = { ...places, mayName: () => listed };
    expect(resolveSecretReference({ env: 'GANGWAY_SECRET_A' }, judged)).toBe('from env');
    listed = false;
    expect(() => resolveSecretReference({ env: 'GANGWAY_SECRET_A' }, judged)).toThrow('names no secret');
    fs.writeFileSync(path.join(secretsDir, 'acme', 'plain'), 'another');
    expect(resolveSecretReference({ file: 'plain' }, judged)).toBe('another');
  });
});
