import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Keeper } from './keeper.js';
import { createSandbox, type Sandbox } from './server.js';

let folder: string;
let file: string;
const faults: string[] = [];
const open: Sandbox[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-sandbox-'));
  file = path.join(folder, 'data', 'sandbox.state');
  faults.length = 0;
});
afterEach(async () => {
  for (const sandbox of open.splice(0)) await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<Sandbox> {
  const onFault = (doing: string): void => void faults.push(doing);
  const sandbox = await createSandbox({ stateFile: { path: file, onFault } });
  open.push(sandbox);
  return sandbox;
}

async function post(sandbox: Sandbox, url: string, payload: object | string, authorization = ''): Promise<unknown> {
  const type = typeof payload === 'string' ? 'application/x-www-form-urlencoded' : 'application/json';
  const headers = { host: 'localhost', 'content-type': type, ...(authorization === '' ? {} : { authorization }) };
  const answer = await sandbox.app.inject({ method: 'POST', url, headers, payload });
  expect(answer.statusCode, answer.body).toBeLessThan(300);
  return answer.body === '' ? undefined : JSON.parse(answer.body);
}

/** One object at every vendor: eGain's by a call, the others by the controls. */
async function fill(sandbox: Sandbox): Promise<void> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'https://api.egain.cloud/auth/.default',
    client_id: 'sandbox-egain-client',
    client_secret: 'sandbox-egain-secret',
  });
  const token = (await post(sandbox, '/egain/oauth2/v2.0/token', form.toString())) as { access_token: string };
  const body = { name: 'kept', type: 'basic', basicAuth: { username: 'u', password: 'p' } };
  const url = '/egain/conversation/conversationmgr/v3/authentications';
  await post(sandbox, url, body, `Bearer ${token.access_token}`);
  const insert = (vendor: string, object: object): Promise<unknown> =>
    post(sandbox, '/_sandbox/objects', { vendor, kind: 'app', objects: [object] });
  const channel = { channel: 'SMS', static_bearer: { claimed_identity: 'stuck', token: 't' } };
  sandbox.setKnobs({ sinch: { channels: { outcomes: [{ channel: 'SMS', outcome: 'stuck' }] } } });
  await insert('sinch', { id: 'app-1', display_name: 'kept', channel_credentials: [channel] });
  await insert('liveperson', { id: 'lp-1', client_name: 'kept' });
  await post(sandbox, '/_sandbox/clock', { advanceMs: 60_000 });
}

describe('what the vendors hold', () => {
  it('is there again after a restart, for its owner alone to read', async () => {
    const before = await start();
    await fill(before);
    await before.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const after = await start();
    const { objects } = after.state();
    expect(objects).toEqual(before.state().objects);
    expect(JSON.stringify(objects)).toContain('"status":"PENDING"');
    expect(after.clock.offset).toBe(60_000);
    expect(after.state().ledger).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('is empty again after a reset', async () => {
    const before = await start();
    await fill(before);
    await post(before, '/_sandbox/reset', {});
    await before.close();
    expect((await start()).state().objects).toEqual((await createSandbox()).state().objects);
  });

  it('begins anew, and says so, where the file cannot be read', async () => {
    const before = await start();
    await fill(before);
    await before.close();
    writeFileSync(file, 'not what was written');
    expect((await start()).state().objects).toEqual((await createSandbox()).state().objects);
    expect(faults).toEqual(['read']);
  });

  it('is not kept, which is said once, where the file cannot be written', async () => {
    writeFileSync(path.join(folder, 'data'), 'a file in place of the folder');
    const sandbox = await start();
    await fill(sandbox);
    await sandbox.close();
    expect(faults).toEqual(['read', 'write']);
  });
});

describe('a state that takes long to write', () => {
  it('is written the more seldom, and at its end all the same', async () => {
    let written = 0;
    const state = (): number => {
      const until = performance.now() + 60;
      while (performance.now() < until);
      return (written += 1);
    };
    const keeper = new Keeper({ file, state, onFault: () => faults.push('write') });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      keeper.changed();
      await vi.advanceTimersByTimeAsync(200);
      expect(written).toBe(1);
      keeper.changed();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(written, 'twenty times what the first one took').toBe(1);
      keeper.flush();
      expect(written).toBe(2);
      keeper.changed();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(written, 'never longer than ten seconds').toBe(3);
    } finally {
      vi.useRealTimers();
    }
    expect(faults).toEqual([]);
  });
});
