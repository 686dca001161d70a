import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { createSandbox } from '../server.js';
import {
  type Answer,
  FORM,
  EGAIN_TOKEN,
  egainForm,
  type Method,
  PROJECT,
  SINCH_EU,
  useSandbox,
} from '../testing/client.js';
import { bodyFor, createChain, NO_IDS, PATHS } from '../testing/egain-bodies.js';

const bench = useSandbox();
const control = (method: Method, path: string, body?: JsonObject): Promise<Answer> =>
  bench.raw(method, `/_sandbox${path}`, body);
const ledger = async (query = ''): Promise<JsonObject[]> =>
  (await control('GET', `/state${query}`)).body.ledger as JsonObject[];

describe('the ledger', () => {
  it('holds every call with what became of it', async () => {
    const { id } = (await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS))).body;
    await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS));
    await bench.egain('GET', `${PATHS.channel}?$pagenum=2`);
    await bench.egain('PUT', `${PATHS.channel}/${id as string}`, bodyFor('channel', NO_IDS));
    await bench.egain('DELETE', `${PATHS.channel}/${id as string}`);
    await bench.sinch('GET', `${SINCH_EU}/apps`);
    const entries = await ledger();
    expect(
      entries.map(
        ({ vendor, resource, operation }) => `${vendor as string} ${resource as string} ${operation as string}`,
      ),
    ).toEqual([
      'egain token token',
      'sinch token token',
      'egain channel create',
      'egain channel create',
      'egain channel list',
      'egain channel update',
      'egain channel delete',
      'sinch app list',
    ]);
    expect(entries[2]).toMatchObject({
      seq: 3,
      method: 'POST',
      path: PATHS.channel,
      status: 201,
      applied: true,
      objectId: id,
    });
    expect(entries[3]).toMatchObject({ status: 400, code: '400-9901', applied: false, objectId: null, fault: null });
    expect(entries[4]).toMatchObject({ status: 200, applied: false, query: { $pagenum: '2' } });
    expect(entries[2]?.durationMs).toBeTypeOf('number');
    expect((await ledger('?since=6')).map(({ seq }) => seq)).toEqual([7, 8]);
    expect(await ledger('?ledger=false')).toEqual([]);
  });

  it('holds no secret in clear', async () => {
    await createChain(bench.egain);
    const bearer = { claimed_identity: 'plan', token: 'hush-token' };
    const app = await bench.sinch('POST', `${SINCH_EU}/apps`, {
      display_name: 'Acme',
      channel_credentials: [{ channel: 'SMS', static_bearer: bearer, callback_secret: 'hush-callback' }],
      callback_settings: { secret_for_overridden_callback_urls: 'hush-urls' },
    });
    await bench.sinch('POST', `${SINCH_EU}/webhooks`, {
      app_id: app.body.id ?? '',
      target: 'https://acme.example',
      secret: 'hush-hmac',
      client_credentials: { client_id: 'c', client_secret: 'hush-client', endpoint: 'https://acme.example' },
    });
    const text = JSON.stringify(await ledger());
    for (const secret of ['s3cret', 'pa55', 'hush', 'sandbox-egain-secret', 'sandbox-secret', 'Bearer']) {
      expect(text).not.toContain(secret);
    }
    expect(text, 'what is no secret stays').toContain('claimed_identity');
    expect((await control('GET', '/state')).text, 'the objects are shown as stored').toContain('hush-hmac');
  });

  it('cuts long texts and keeps no answer', async () => {
    await bench.egain('POST', PATHS.channel, { ...bodyFor('channel', NO_IDS), icon: 'A'.repeat(100_000) });
    expect(JSON.stringify(await ledger()).length).toBeLessThan(5000);
    expect((await ledger()).at(-1)).toMatchObject({ body: { icon: /^A{200}…$/ } });
  });
});

describe('objects', () => {
  it('are put in place, changed and removed out of band at eGain', async () => {
    const { body, status } = await control('POST', '/objects', {
      vendor: 'egain',
      kind: 'channel',
      objects: [{ type: 'whatsapp', displayName: 'WhatsApp', icon: 'aWNvbg==' }],
    });
    expect(status).toBe(201);
    const id = (body.ids as string[])[0] ?? '';
    const before = (await bench.egain('GET', `${PATHS.channel}/${id}`)).body;
    expect(before).toMatchObject({ type: 'whatsapp', active: true });
    await control('PATCH', `/objects/egain/channel/${id}`, { type: 'Renamed', icon: null });
    const after = (await bench.egain('GET', `${PATHS.channel}/${id}`)).body;
    expect(after).toMatchObject({ type: 'Renamed', displayName: 'WhatsApp' });
    expect(after).not.toHaveProperty('icon');
    expect(after.modified).not.toBe(before.modified);
    const taken = await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS, 'renamed'));
    expect(taken.body.code, 'the new name is indexed').toBe('400-9901');
    expect((await control('DELETE', `/objects/egain/channel/${id}`)).status).toBe(204);
    expect((await bench.egain('GET', `${PATHS.channel}/${id}`)).status).toBe(404);
  });

  it('are put in place, changed and removed out of band at Sinch', async () => {
    const bearer = { channel: 'SMS', static_bearer: { claimed_identity: 'x', token: 't' } };
    const made = await control('POST', '/objects', {
      vendor: 'sinch',
      kind: 'app',
      scope: 'us',
      objects: [{ display_name: 'Before', channel_credentials: [bearer] }],
    });
    const id = (made.body.ids as string[])[0] ?? '';
    const path = `/sinch/us/v1/projects/${PROJECT}/apps/${id}`;
    await control('PATCH', `/objects/sinch/app/${id}`, { display_name: 'Renamed' });
    expect((await bench.sinch('GET', path)).body).toMatchObject({
      display_name: 'Renamed',
      channel_credentials: [{ state: { status: 'PENDING' } }],
    });
    const failing = { ...bearer, state: { status: 'FAILING', description: 'revoked' } };
    await control('PATCH', `/objects/sinch/app/${id}`, { channel_credentials: [failing] });
    expect((await bench.sinch('GET', path)).body.channel_credentials).toMatchObject([{ state: failing.state }]);
    await control('PATCH', `/objects/sinch/app/${id}`, { channel_credentials: [] });
    expect((await bench.sinch('GET', path)).body.channel_credentials).toEqual([]);

    const hooks = await control('POST', '/objects', {
      vendor: 'sinch',
      kind: 'webhook',
      scope: 'us',
      objects: [{ app_id: id, target: 'https://other.example' }],
    });
    const hook = (hooks.body.ids as string[])[0] ?? '';
    await control('PATCH', `/objects/sinch/webhook/${hook}`, { triggers: ['OPT_IN'] });
    expect((await bench.sinch('GET', `${path}/webhooks`)).body.webhooks).toMatchObject([
      { id: hook, triggers: ['OPT_IN'] },
    ]);
    expect((await control('DELETE', `/objects/sinch/webhook/${hook}`)).status).toBe(204);
    expect((await control('DELETE', `/objects/sinch/app/${id}`)).status).toBe(204);
    expect((await control('GET', '/state')).body.objects).toMatchObject({ sinch: { app: [], webhook: [] } });
  });

  it('that cannot be are refused by name', async () => {
    const insert = (body: JsonObject): Promise<Answer> => control('POST', '/objects', { objects: [{}], ...body });
    expect((await insert({ vendor: 'acme', kind: 'x' })).body.error).toMatch(/^vendor: /);
    expect((await insert({ vendor: 'egain', kind: 'app' })).body.error).toMatch(/^kind: /);
    expect((await insert({ vendor: 'egain', kind: 'channel', scope: 'x' })).body.error).toMatch(/^scope: /);
    expect((await insert({ vendor: 'sinch', kind: 'app', scope: 'x' })).body.error).toMatch(/^scope: /);
    expect((await insert({ vendor: 'sinch', kind: 'webhook' })).body.error).toMatch(/^objects: /);
    expect((await insert({ vendor: 'sinch' })).body.error).toMatch(/^kind: /);
    expect((await control('DELETE', '/objects/sinch/app/nope')).status).toBe(404);
    expect((await control('PATCH', '/objects/egain/account/nope', {})).status).toBe(404);
    const twice = { vendor: 'egain', kind: 'channel', objects: [{ id: 'x' }, { id: 'x' }] };
    expect((await control('POST', '/objects', twice)).status).toBe(409);
  });
});

describe('controls', () => {
  it('merge knobs, refuse wrong ones as a whole, and show them', async () => {
    const merged = await control('PUT', '/knobs', { sinch: { appCap: 3, token: { lifetimeSeconds: 5 } } });
    expect(merged.body).toMatchObject({
      sinch: { appCap: 3, webhookCap: 5, token: { lifetimeSeconds: 5, bucket: { capacity: 30 } } },
      egain: { pageSize: 10 },
    });
    await control('PUT', '/knobs', { sinch: { appCap: null } });
    const refused = await control('PUT', '/knobs', {
      sinch: { webhookCap: 9 },
      egain: { paging: 'sideways', colour: 1 },
    });
    expect(refused.status).toBe(400);
    expect(refused.body.error).toMatch(/egain\.paging: .*egain: .*colour/);
    expect((await control('GET', '/knobs')).body).toMatchObject({ sinch: { appCap: null, webhookCap: 5 } });
    await expect(createSandbox({ knobs: { egain: { pageSize: 0 } } })).rejects.toThrow('egain.pageSize');
  });

  it('reset everything, but what is to be kept', async () => {
    await control('PUT', '/knobs', { egain: { pageSize: 5 } });
    await control('PUT', '/faults', {
      rules: [{ effect: { kind: 'status', status: 503 }, match: { resource: 'account' } }],
    });
    await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS));
    await control('POST', '/reset', { keepFaults: true, keepKnobs: true, seed: false });
    expect((await control('GET', '/faults')).body.rules).toHaveLength(1);
    expect((await control('GET', '/knobs')).body).toMatchObject({ egain: { pageSize: 5 } });
    expect((await control('GET', '/state')).body).toMatchObject({
      seq: 0,
      ledger: [],
      objects: { egain: { channel: [] } },
    });
    expect((await bench.egain('GET', PATHS.channel)).body.code, 'tokens are gone').toBe('401-101');
    await control('POST', '/reset');
    expect((await control('GET', '/faults')).body.rules).toEqual([]);
    expect((await control('GET', '/knobs')).body).toMatchObject({ egain: { pageSize: 10 } });
    expect(bench.sandbox.state().objects.egain?.channel).toHaveLength(50);
  });

  it('revoke tokens of one vendor, and move the clock', async () => {
    expect((await control('POST', '/tokens/revoke', { vendor: 'egain' })).body).toEqual({ revoked: 1 });
    expect((await bench.egain('GET', PATHS.channel)).status).toBe(401);
    expect((await bench.sinch('GET', `${SINCH_EU}/apps`)).status).toBe(200);
    await control('POST', '/clock', { advanceMs: 3_600_000 });
    expect((await bench.sinch('GET', `${SINCH_EU}/apps`)).status).toBe(401);
    expect((await control('POST', '/clock', { advanceMs: -1 })).status).toBe(400);
    expect((await control('POST', '/tokens/revoke')).body).toEqual({ revoked: 1 });
  });

  it('are 404 or 400 where there is nothing of the kind', async () => {
    expect((await control('GET', '/nothing')).status).toBe(404);
    expect((await bench.raw('GET', '/nothing')).status).toBe(404);
    expect((await bench.raw('PUT', '/_sandbox/knobs', 'nonsense')).body.error).toMatch(/^body: /);
    expect((await control('GET', '/state?since=x')).body.error).toMatch(/^since: /);
  });

  it('answer to loopback names only, like everything else', async () => {
    for (const host of ['127.0.0.1:7070', 'localhost', '[::1]:7070']) {
      expect((await bench.raw('GET', '/_sandbox/knobs', undefined, { host })).status).toBe(200);
    }
    for (const host of ['sandbox.example', '127.0.0.1.evil.example', '10.0.0.1:7070']) {
      expect((await bench.raw('GET', '/_sandbox/knobs', undefined, { host })).status).toBe(403);
      expect((await bench.raw('POST', EGAIN_TOKEN, egainForm(), { ...FORM, host })).status).toBe(403);
    }
    for (const host of ['0.0.0.0', '::', 'sandbox.example.com']) {
      await expect(bench.sandbox.listen(0, host)).rejects.toThrow('loopback or one private address');
    }
  });

  it('refuse a body beyond 4 MiB', async () => {
    const answer = await bench.egain('POST', PATHS.channel, { icon: 'A'.repeat(5_000_000) });
    expect(answer.status).toBe(413);
  });
});
