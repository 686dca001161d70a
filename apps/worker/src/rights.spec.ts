import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConnections } from '#libs/config/connections.js';
import { WatchedFile } from '#libs/config/watched-file.js';
import { createLogger } from '#libs/logging/index.js';
import { watchRights } from './rights.js';

const CANARY = 'canary-7f3a';

let folder: string;
let file: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-worker-'));
  file = path.join(folder, 'connections.json');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function write(secrets: unknown): void {
  const sinch = {
    vendor: 'sinch',
    tenants: ['*'],
    apiBase: 'https://a.example.com',
    projectId: 'p',
    keyId: 'k',
    keySecret: 's',
  };
  fs.writeFileSync(file, JSON.stringify({ connections: { eu: sinch }, secrets }));
}

/** What the log says from the start on, at warn and above. */
function watch(secretVariables: Record<string, string>, secretsDir?: string): { said: string[]; look: () => void } {
  const said: string[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      said.push((JSON.parse(chunk.toString()) as { msg: string }).msg);
      done();
    },
  });
  const logger = createLogger({ level: 'info', service: 'worker', pretty: false, destination });
  const connectionsFile = new WatchedFile(file, (from) => loadConnections(from, { allowPrivateUrls: false, env: {} }));
  watchRights({ connectionsFile, secretVariables, secretsDir }, logger)();
  return { said, look: () => void connectionsFile.current() };
}

describe('watchRights', () => {
  it('says nothing where everything that is listed is there', () => {
    write({ GANGWAY_SECRET_HUB: ['acme'] });
    fs.mkdirSync(path.join(folder, 'acme'));
    expect(watch({ GANGWAY_SECRET_HUB: CANARY }).said).toEqual([]);
  });

  it('names what is listed and not set, set and not listed, and files of no tenant, and no value', () => {
    write({ GANGWAY_SECRET_HUB: ['acme'], GANGWAY_SECRET_EMPTY: ['acme'] });
    const secretsDir = path.join(folder, 'secrets');
    fs.mkdirSync(path.join(secretsDir, 'acme'), { recursive: true });
    fs.writeFileSync(path.join(secretsDir, 'hub-password'), CANARY);
    const { said } = watch({ GANGWAY_SECRET_EMPTY: '', GANGWAY_SECRET_OLD: CANARY }, secretsDir);
    expect(said).toEqual([
      'listed under secrets in the connections file and not set here: GANGWAY_SECRET_HUB, GANGWAY_SECRET_EMPTY',
      'set here and listed under secrets in the connections file for no tenant: GANGWAY_SECRET_OLD',
      'files in GANGWAY_SECRETS_DIR outside the folder of any tenant, so nobody can use them: hub-password',
    ]);
  });

  it('tells when the file has changed, and when it is faulty', () => {
    write({});
    const { said, look } = watch({});
    write({ GANGWAY_SECRET_HUB: ['acme'] });
    look();
    write({ HOME: ['acme'] });
    look();
    expect(said).toEqual([
      'the settings file was read again: tenants, adopt and secrets count from now on, anything else after a restart',
      'the settings file is faulty: what was read before stays in force',
    ]);
  });
});
