import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { connectorManifest, livepersonSpec } from '#test/factories/index.js';
import { document, startApi, type Answer, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';

let engine: Engine;
let api: ApiUnderTest;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { liveperson: true });
  api = await startApi(engine);
});
beforeEach(() => engine.sandbox.reset());
afterAll(async () => {
  await api.close();
  await engine.stop();
});

function plan(manifest: JsonObject, connection = 'liveperson-main', query = ''): Promise<Answer> {
  const spec = livepersonSpec({ connections: { liveperson: connection }, liveperson: { manifest } });
  return api.call('POST', `/v1/plans${query}`, { body: document(engine, spec) });
}

function pointers(findings: unknown): string[] {
  return (findings as { pointer: string }[]).map(({ pointer }) => pointer);
}

function vendorCalls(): string[] {
  const { ledger } = engine.sandbox.state({ objects: false });
  return ledger.map(({ resource, operation }) => `${operation} ${resource}`);
}

describe.each(['liveperson-main', 'liveperson-handoff'])('a plan of %s that asks for no look', (connection) => {
  it('names every finding of the manifest at once, and calls nobody', async () => {
    const manifest = connectorManifest({
      client_name: 'n'.repeat(129),
      grant_types: ['password'],
      redirect_uris: ['https://acme.example/#fragment'],
      capabilities: { webhooks: { 'ms.MessagingEventNotification.ContentEvent': { max_retries: 'often' } } },
    });
    const { status, body } = await plan(manifest, connection, '?offline=true');
    expect([status, body['type']]).toEqual([400, 'https://gangway.dev/problems/invalid-spec']);
    const webhook = '/liveperson/manifest/capabilities/webhooks/ms.MessagingEventNotification.ContentEvent';
    expect(pointers(body['errors'])).toEqual([
      `${webhook}/endpoint`,
      `${webhook}/max_retries`,
      '/liveperson/manifest/client_name',
      '/liveperson/manifest/grant_types/0',
      '/liveperson/manifest/redirect_uris/0',
    ]);
    expect(vendorCalls()).toEqual([]);
  });

  it('warns of what is no error, and plans it, and calls nobody', async () => {
    const manifest = connectorManifest({ scope: 'msg.consumer acme.unheard', entry_uri: 'http://acme.example/start' });
    for (const query of ['?offline=true', '?offline']) {
      const { status, body } = await plan(manifest, connection, query);
      expect(status, JSON.stringify(body)).toBe(200);
      expect(pointers(body['warnings'])).toEqual(['/liveperson/manifest/entry_uri', '/liveperson/manifest/scope']);
      expect(body).toMatchObject({ nodes: [{ key: 'liveperson.app', action: null }], conflicts: [] });
    }
    expect(vendorCalls()).toEqual([]);
  });
});

describe('a plan that looks', () => {
  it('warns of an app whose name differs in case only, and creates beside it', async () => {
    engine.sandbox.insert('liveperson', 'app', [connectorManifest({ client_name: 'COM.Acme.Support' })]);
    const { body } = await plan(connectorManifest());
    expect(body).toMatchObject({ conflicts: [], nodes: [{ action: 'create' }] });
    expect(body['warnings']).toMatchObject([
      { pointer: '', message: expect.stringMatching(/^LivePerson app: .*COM\.Acme\.Support differs only/) as string },
    ]);
    expect(vendorCalls()).toContain('list app');
  });

  it('finds the very name taken', async () => {
    engine.sandbox.insert('liveperson', 'app', [connectorManifest()]);
    const { body } = await plan(connectorManifest());
    expect(body).toMatchObject({
      warnings: [],
      nodes: [{ action: 'conflict' }],
      conflicts: [{ key: 'liveperson.app' }],
    });
  });
});
