import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConnections } from './connections.js';
import { rightsOf, type Rights } from './rights.js';
import { WatchedFile } from './watched-file.js';

const sinch = {
  vendor: 'sinch',
  apiBase: 'https://eu.conversation.api.sinch.com',
  projectId: 'p',
  keyId: 'k',
  keySecret: 's',
};

let folder: string;
let file: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-rights-'));
  file = path.join(folder, 'connections.json');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function write(content: unknown): void {
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}

function rights(content: unknown): Rights {
  write(content);
  return rightsOf(new WatchedFile(file, (from) => loadConnections(from, { allowPrivateUrls: false, env: {} })));
}

const connection = (tenants: string[], more: object = {}): object => ({
  connections: { eu: { ...sinch, tenants, ...more } },
});

describe('rights by the connections file', () => {
  it('let the named tenants use a connection, and nobody one that is not there', () => {
    const { mayUse } = rights(connection(['acme']));
    expect([mayUse('eu', 'acme'), mayUse('eu', 'globex'), mayUse('us', 'acme'), mayUse('', 'acme')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('let the listed tenants name a variable, and all where it is listed for "*"', () => {
    const secrets = { GANGWAY_SECRET_HUB: ['acme'], GANGWAY_SECRET_ALL: ['*'], GANGWAY_SECRET_NONE: [] };
    const { mayName } = rights({ ...connection(['*']), secrets });
    expect(mayName('GANGWAY_SECRET_HUB', 'acme')).toBe(true);
    expect(mayName('GANGWAY_SECRET_HUB', 'globex')).toBe(false);
    expect(mayName('GANGWAY_SECRET_ALL', 'globex')).toBe(true);
    expect(mayName('GANGWAY_SECRET_NONE', 'acme'), 'listed for nobody').toBe(false);
    expect(mayName('GANGWAY_SECRET_OTHER', 'acme'), 'not listed').toBe(false);
    expect(mayName('constructor', 'acme'), 'a name that every object has').toBe(false);
    expect(mayName('GANGWAY_SECRET_HUB', '*'), 'no tenant is called so').toBe(false);
  });

  it.each([
    { tenants: ['acme'], more: {}, may: true, reason: 'one tenant takes over only what is its own, or nobody’s' },
    { tenants: ['acme', 'globex'], more: {}, may: false, reason: 'what one has not marked, another could take' },
    { tenants: ['*'], more: {}, may: false, reason: 'all tenants are several' },
    { tenants: ['*'], more: { adopt: true }, may: true, reason: 'the operator says so' },
    { tenants: ['acme'], more: { adopt: false }, may: false, reason: 'the operator says so' },
  ])('say whether objects may be taken over: $tenants $more, $reason', ({ tenants, more, may }) => {
    expect(rights(connection(tenants, more)).mayAdopt('eu')).toBe(may);
  });

  it('let nobody take over anything on a connection that is not there', () => {
    expect(rights(connection(['acme'])).mayAdopt('us')).toBe(false);
  });

  it('follow the file, and stay as they are while it is faulty', () => {
    const now = rights({ ...connection(['acme', 'globex']), secrets: { GANGWAY_SECRET_HUB: ['globex'] } });
    expect([now.mayUse('eu', 'globex'), now.mayName('GANGWAY_SECRET_HUB', 'globex')]).toEqual([true, true]);
    write(connection(['acme']));
    expect([now.mayUse('eu', 'globex'), now.mayName('GANGWAY_SECRET_HUB', 'globex')]).toEqual([false, false]);
    expect(now.mayAdopt('eu'), 'now of one tenant').toBe(true);
    write('connections: [');
    expect(now.mayUse('eu', 'acme')).toBe(true);
  });
});
