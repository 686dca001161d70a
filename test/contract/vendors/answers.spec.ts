import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import { formatMarker, type JsonObject } from '#libs/contracts/index.js';
import { HttpConnection } from '#libs/http/index.js';
import { fakeServer, type FakeServer } from '#libs/http/test-server.js';
import { EgainClient } from '#libs/vendors/egain/client.js';
import { channel } from '#libs/vendors/egain/resources/channel.js';
import { clientApplication } from '#libs/vendors/egain/resources/client-application.js';
import { app as livepersonApp } from '#libs/vendors/liveperson/resources/app.js';
import { app } from '#libs/vendors/sinch/resources/app.js';
import { webhook } from '#libs/vendors/sinch/resources/webhook.js';
import { bodyOf, liveApps, openLiveperson, type LivepersonBench } from './liveperson.js';
import { faultOf, openVendors, seenOf, stored, type Vendors } from './vendors.js';

const MARKER = formatMarker({
  installation: '1a2b3c4d',
  account: { tenant: 'acme', account: 'support' },
  node: 'egain.clientApplication',
});
const APPLICATION: JsonObject = {
  name: 'acme-application',
  active: true,
  roles: [
    { name: 'customer', version: 'v3', callback: 'https://acme.example/c', notificationEmail: 'ops@acme.example' },
  ],
  description: MARKER,
};
const SINCH_APP: JsonObject = { display_name: 'Acme EU', channel_credentials: [] };
const PAGE = '<!DOCTYPE html><html><head><title>Access denied</title></head><body>Reference 18.2f</body></html>';

let vendors: Vendors;
let lp: LivepersonBench;
beforeAll(async () => {
  [vendors, lp] = await Promise.all([openVendors(), openLiveperson()]);
});
beforeEach(() => {
  vendors.sandbox.reset();
  lp.sandbox.reset();
});
afterAll(() => Promise.all([vendors.close(), lp.close()]));

function page(
  vendor: string,
  operation: NonNullable<FaultRuleInput['match']>['operation'],
  status: number,
): FaultRuleInput {
  return { match: { vendor, operation }, effect: { kind: 'status', status, contentType: 'text/html', body: PAGE } };
}

describe('the id of a new object', () => {
  const addresses: { location: string; reason: string }[] = [
    { location: '/conversation/conversationmgr/v3/clientapplications', reason: 'the name of a collection' },
    { location: '/conversation/conversationmgr/v3/clientapplications/', reason: 'the same with a slash' },
    { location: '/conversation/conversationmgr/v3/clientapplications?created=true', reason: 'the same with a query' },
    { location: '/clientapplications/..', reason: 'a step up' },
    { location: '/clientapplications/%E0%A4%A', reason: 'what cannot be decoded' },
    { location: `/clientapplications/${'a'.repeat(36)}`, reason: '36 characters that are no UUID' },
  ];
  it.each(addresses)('is not taken from $location: $reason', async ({ location }) => {
    const effect = { kind: 'status', apply: true, status: 201, body: '', headers: { location } } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'create' }, effect }]);
    const fault = await faultOf(clientApplication.create(vendors.egain, APPLICATION));
    expect(fault).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true, retryable: true });
    expect(fault.message).toContain('named no id');
  });

  const ids: { id: unknown; reason: string }[] = [
    { id: 'channels', reason: 'a name' },
    { id: '../../other', reason: 'a path' },
    { id: 'a\nb', reason: 'a line break' },
    { id: '', reason: 'nothing' },
    { id: 12, reason: 'a number' },
    { id: ['x'], reason: 'a list' },
  ];
  it.each(ids)('is none where an answer gives $id: $reason', async ({ id }) => {
    const effect = { kind: 'status', apply: true, status: 201, body: { id } } as const;
    const match = { operation: 'create' } as const;
    vendors.sandbox.setFaults([{ match, effect }]);
    lp.sandbox.setFaults([{ match, effect: { ...effect, body: { id, client_id: id } } }]);
    const creates = [
      clientApplication.create(vendors.egain, APPLICATION),
      app.create(vendors.sinch, SINCH_APP),
      ...(id === 'channels' ? [] : [livepersonApp.create(lp.client, bodyOf())]), // LivePerson promises no form
    ];
    for (const fault of await Promise.all(creates.map(faultOf))) {
      expect(fault).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true });
      expect(fault.message).toMatch(/named no id/);
    }
  });

  it('of another object is no answer about this one', async () => {
    const { id } = await clientApplication.create(vendors.egain, APPLICATION);
    const { id: other } = await clientApplication.create(vendors.egain, { ...APPLICATION, name: 'another' });
    const body = stored(vendors.sandbox, 'egain', 'clientApplication', other);
    const effect = { kind: 'status', status: 200, body } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'egain', operation: 'get' }, effect }]);
    const fault = await faultOf(clientApplication.get(vendors.egain, id, {}));
    expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
    expect(fault.message).toContain('sent another object');
  });
});

describe('a page of something on the way', () => {
  it('under 404 says of no object that it is gone', async () => {
    const egain = (await clientApplication.create(vendors.egain, APPLICATION)).id;
    const sinch = (await app.create(vendors.sinch, SINCH_APP)).id;
    const liveperson = (await livepersonApp.create(lp.client, bodyOf())).id;
    vendors.sandbox.setFaults([page('egain', 'get', 404), page('sinch', 'get', 404)]);
    lp.sandbox.setFaults([page('liveperson', 'get', 404)]);
    const reads = [
      clientApplication.get(vendors.egain, egain, {}),
      app.get(vendors.sinch, sinch, {}),
      livepersonApp.get(lp.client, liveperson, {}),
    ];
    for (const fault of await Promise.all(reads.map(faultOf))) {
      expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
    }
  });

  it('under 404 proves no delete', async () => {
    const egain = (await clientApplication.create(vendors.egain, APPLICATION)).id;
    const sinch = (await app.create(vendors.sinch, SINCH_APP)).id;
    vendors.sandbox.setFaults([page('egain', 'delete', 404), page('sinch', 'delete', 404)]);
    const removes = [clientApplication.remove(vendors.egain, egain), app.remove(vendors.sinch, sinch)];
    for (const fault of await Promise.all(removes.map(faultOf))) {
      expect(fault).toMatchObject({
        code: 'VENDOR_UNAVAILABLE',
        retryable: true,
        outcomeUnknown: true,
      });
    }
    expect(stored(vendors.sandbox, 'egain', 'clientApplication', egain)['name']).toBe('acme-application');
  });

  it('under 404 does not say that an app has no webhooks', async () => {
    const { id } = await app.create(vendors.sinch, SINCH_APP);
    const match = { vendor: 'sinch', resource: 'webhook', operation: 'list' } as const;
    vendors.sandbox.setFaults([{ match, effect: { kind: 'status', status: 404, body: PAGE } }]);
    expect(await faultOf(webhook.list(vendors.sinch, id, {}))).toMatchObject({ httpStatus: 404 });
  });

  it('under 200 is no update: it may have been a login', async () => {
    const { id } = await clientApplication.create(vendors.egain, APPLICATION);
    const seen = await seenOf(clientApplication, vendors.egain, id);
    vendors.sandbox.setFaults([page('egain', 'update', 200)]);
    const fault = await faultOf(
      clientApplication.update(vendors.egain, seen, { body: { ...APPLICATION, active: false }, mode: 'own' }),
    );
    expect(fault).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true, retryable: true });
    expect(fault.message).toContain('The page says: Access denied Reference 18.2f');
  });

  it.each([403, 404])('under %i proves no revocation', async (status) => {
    const { id, issued = {} } = await livepersonApp.create(lp.client, bodyOf());
    await livepersonApp.remove(lp.client, id);
    lp.sandbox.setFaults([page('liveperson', 'token', status)]);
    const asked = livepersonApp.revoked?.(lp.client, { id, body: bodyOf(), issued }, {});
    expect(await faultOf(asked ?? Promise.resolve())).toMatchObject({ code: 'VENDOR_UNAVAILABLE' });
    expect(liveApps(lp.sandbox)).toEqual([]);
  });
});

describe('an error under a status of success', () => {
  const error = { code: '500-1', developerMessage: 'The store is closed', error: { message: 'The store is closed' } };

  it('is no update and no delete', async () => {
    const egain = (await clientApplication.create(vendors.egain, APPLICATION)).id;
    const sinch = (await app.create(vendors.sinch, SINCH_APP)).id;
    const liveperson = (await livepersonApp.create(lp.client, bodyOf())).id;
    const seen = {
      egain: await seenOf(clientApplication, vendors.egain, egain),
      sinch: await seenOf(app, vendors.sinch, sinch),
      liveperson: await seenOf(livepersonApp, lp.client, liveperson),
    };
    for (const { sandbox } of [vendors, lp]) {
      sandbox.setFaults(
        (['update', 'delete'] as const).map((operation) => ({
          match: { operation },
          effect: { kind: 'status', status: 200, body: error },
        })),
      );
    }
    const writes = [
      clientApplication.update(vendors.egain, seen.egain, { body: { ...APPLICATION, active: false }, mode: 'own' }),
      app.update(vendors.sinch, seen.sinch, { body: { ...SINCH_APP, processing_mode: 'CONVERSATION' }, mode: 'own' }),
      livepersonApp.update(lp.client, seen.liveperson, { body: bodyOf({ description: 'another one' }), mode: 'own' }),
      clientApplication.remove(vendors.egain, egain),
      app.remove(vendors.sinch, sinch),
      livepersonApp.remove(lp.client, liveperson),
    ];
    for (const fault of await Promise.all(writes.map(faultOf))) {
      expect(fault).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true, retryable: true });
      expect(fault.message).toContain('It says: The store is closed');
    }
  });

  it('is no empty list', async () => {
    for (const { sandbox } of [vendors, lp]) {
      const body = { ...error, apps: [], clientApplication: [], paginationInfo: { count: 0 } };
      sandbox.setFaults([{ match: { operation: 'list' }, effect: { kind: 'status', status: 200, body } }]);
    }
    const lists = [
      clientApplication.list(vendors.egain, undefined, {}),
      app.list(vendors.sinch, undefined, {}),
      livepersonApp.list(lp.client, undefined, {}),
    ];
    for (const fault of await Promise.all(lists.map(faultOf))) {
      expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
      expect(fault.message).toContain('It says: The store is closed');
    }
  });
});

describe('a refusal', () => {
  it.each([
    { body: { type: 'about:blank', title: 'Bad', status: 400, detail: 'The name is too long' }, reason: 'RFC 9457' },
    { body: [{ message: 'The name is too long' }], reason: 'a list' },
    { body: 'The name is too long', reason: 'plain text' },
    { body: '\ufeff{"message":"The name is too long"}', reason: 'JSON behind a mark' },
  ])('is quoted, whoever sends it: $reason', async ({ body }) => {
    for (const { sandbox } of [vendors, lp]) {
      sandbox.setFaults([{ match: { operation: 'create' }, effect: { kind: 'status', status: 400, body } }]);
    }
    const creates = [
      clientApplication.create(vendors.egain, APPLICATION),
      app.create(vendors.sinch, SINCH_APP),
      livepersonApp.create(lp.client, bodyOf()),
    ];
    for (const { message } of await Promise.all(creates.map(faultOf))) {
      expect(message).toMatch(/It says: .*The name is too long$/);
    }
  });
});

describe('an answer in a coding', () => {
  let server: FakeServer;
  let connection: HttpConnection;
  let answer: { body: Buffer; coding: string };
  beforeAll(async () => {
    server = await fakeServer(({ url }, response) => {
      const json = url.startsWith('/token') ? { access_token: 't' } : undefined;
      response.setHeader('content-type', 'application/json');
      if (json) response.end(JSON.stringify(json));
      else response.setHeader('content-encoding', answer.coding).end(answer.body);
    });
    connection = new HttpConnection({ requestsPerSecond: 1_000, concurrency: 2, timeoutMs: 2_000 });
  });
  afterAll(async () => {
    await connection.close();
    await server.close();
  });

  const list = Buffer.from('\ufeff{"channel":[{"id":"c1","type":"web","name":"Größe"}],"paginationInfo":{"count":1}}');
  it.each([
    { coding: 'gzip', body: gzipSync(list) },
    { coding: 'br', body: brotliCompressSync(list) },
  ])('$coding is read as it is meant', async (sent) => {
    answer = sent;
    const settings = { ...vendors.settings.egain, apiBase: server.url, tokenUrl: `${server.url}/token/${sent.coding}` };
    const seen = await channel.list(new EgainClient(settings, connection), undefined, {});
    expect(seen).toMatchObject([{ id: 'c1', key: 'web', body: { name: 'Größe' } }]);
    expect(server.got.at(-1)?.headers['accept-encoding']).toBe('gzip, br, deflate');
  });

  it('that it does not have cannot be read, and is asked for again', async () => {
    answer = { coding: 'gzip', body: list };
    const settings = { ...vendors.settings.egain, apiBase: server.url, tokenUrl: `${server.url}/token/broken` };
    const fault = await faultOf(channel.list(new EgainClient(settings, connection), undefined, {}));
    expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true });
    expect(fault.message).toContain('Its body is not in the coding that its header names (gzip).');
  });
});
