import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatMarker, type JsonObject } from '#libs/contracts/index.js';
import type { Desired, Resource } from '#libs/resources/contract.js';
import type { SinchClient } from '#libs/vendors/sinch/index.js';
import { app } from '#libs/vendors/sinch/resources/app.js';
import { webhook } from '#libs/vendors/sinch/resources/webhook.js';
import { faultOf, openVendors, seenOf, stored, type Vendors } from './vendors.js';

const MARKER = { installation: '1a2b3c4d', account: { tenant: 'acme', account: 'support' }, node: 'sinch.app' };
const NAMED: JsonObject = { display_name: `Acme EU [${formatMarker(MARKER)}]`, processing_mode: 'DISPATCH' };
const SMS: JsonObject = { channel: 'SMS', static_bearer: { claimed_identity: 'plan-1', token: 'sms-secret' } };
const RCS: JsonObject = { channel: 'RCS', static_bearer: { claimed_identity: 'sender-1', token: 'rcs-secret' } };
const TELEGRAM: JsonObject = { channel: 'TELEGRAM', telegram_credentials: { token: 'telegram-secret' } };
const PLAIN: JsonObject = { ...NAMED, channel_credentials: [] };

let vendors: Vendors;
beforeAll(async () => {
  vendors = await openVendors({ timeoutMs: 10_000 });
});
beforeEach(() => vendors.sandbox.reset());
afterAll(() => vendors.close());

async function update(resource: Resource<SinchClient>, id: string, desired: Desired): Promise<void> {
  await resource.update(vendors.sinch, await seenOf(resource, vendors.sinch, id), desired);
  expect(resource.diff(desired, await seenOf(resource, vendors.sinch, id))).toEqual([]);
}

function storedApp(id: string): JsonObject {
  return stored(vendors.sandbox, 'sinch', 'app', id);
}

/** Channel and credentials of each entry as Sinch holds it. */
function entriesIn(id: string): JsonObject[] {
  return (storedApp(id)['channel_credentials'] as JsonObject[]).map(
    ({ state: _state, channel_known_id: _known, credential_ordinal_number: _ordinal, ...entry }) =>
      entry['callback_secret'] === '' ? withoutKey(entry, 'callback_secret') : entry,
  );
}

function withoutKey(object: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function lastPatch(): { query: Record<string, string>; body: unknown } | undefined {
  return vendors.sandbox.state().ledger.findLast((entry) => entry.method === 'PATCH');
}

interface Case {
  reason: string;
  previous: JsonObject;
  wanted: JsonObject;
  former?: JsonObject;
  meanwhile?: JsonObject;
  stands: JsonObject;
  mask: string;
}

describe('an app of ours', () => {
  const cases: Case[] = [
    {
      reason: 'a dropped field goes back to its documented default',
      previous: { conversation_metadata_report_view: 'FULL' },
      wanted: {},
      stands: { conversation_metadata_report_view: 'NONE' },
      mask: 'conversation_metadata_report_view',
    },
    {
      reason: 'a dropped object goes back to its documented defaults',
      previous: { retention_policy: { retention_type: 'CONVERSATION_EXPIRE_POLICY', ttl_days: 30 } },
      wanted: {},
      stands: { retention_policy: { retention_type: 'MESSAGE_EXPIRE_POLICY', ttl_days: 180 } },
      mask: 'retention_policy',
    },
    {
      reason: 'one field of an object is dropped, the other stays',
      previous: { retention_policy: { retention_type: 'CONVERSATION_EXPIRE_POLICY', ttl_days: 30 } },
      wanted: { retention_policy: { ttl_days: 30 } },
      stands: { retention_policy: { retention_type: 'MESSAGE_EXPIRE_POLICY', ttl_days: 30 } },
      mask: 'retention_policy',
    },
    {
      reason: 'a field of somebody else in an object that is written stays',
      previous: { retention_policy: { ttl_days: 30 } },
      wanted: { retention_policy: { ttl_days: 60 } },
      meanwhile: { retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY' } },
      stands: { retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 60 } },
      mask: 'retention_policy',
    },
    {
      reason: 'what somebody else has set and nobody names stays, and is not written',
      previous: {},
      wanted: { smart_conversation: { enabled: true } },
      meanwhile: { conversation_metadata_report_view: 'FULL' },
      stands: { conversation_metadata_report_view: 'FULL', smart_conversation: { enabled: true } },
      mask: 'smart_conversation',
    },
    {
      reason: 'a value that reads back outside its own limits is not sent back',
      previous: { delivery_report_based_fallback: { enabled: true, delivery_report_waiting_time: 60 } },
      wanted: { delivery_report_based_fallback: { enabled: true } },
      stands: { delivery_report_based_fallback: { enabled: true, delivery_report_waiting_time: 0 } },
      mask: 'delivery_report_based_fallback',
    },
    {
      reason: 'a dropped secret is cleared, though no comparison sees it',
      previous: { callback_settings: { secret_for_overridden_callback_urls: 'old-secret' } },
      wanted: {},
      stands: { callback_settings: { secret_for_overridden_callback_urls: '' } },
      mask: 'callback_settings',
    },
    {
      reason: 'a changed secret is written beside a changed field',
      previous: { callback_settings: { secret_for_overridden_callback_urls: 'old-secret' } },
      wanted: {
        callback_settings: { secret_for_overridden_callback_urls: 'new-secret' },
        conversation_metadata_report_view: 'FULL',
      },
      stands: {
        callback_settings: { secret_for_overridden_callback_urls: 'new-secret' },
        conversation_metadata_report_view: 'FULL',
      },
      mask: 'conversation_metadata_report_view,callback_settings',
    },
    {
      reason: 'an unchanged secret is not written beside a changed field',
      previous: { callback_settings: { secret_for_overridden_callback_urls: 'secret' } },
      wanted: {
        callback_settings: { secret_for_overridden_callback_urls: 'secret' },
        conversation_metadata_report_view: 'FULL',
      },
      stands: {
        callback_settings: { secret_for_overridden_callback_urls: 'secret' },
        conversation_metadata_report_view: 'FULL',
      },
      mask: 'conversation_metadata_report_view',
    },
  ];

  it.each(cases)('$reason', async ({ previous, wanted, meanwhile, stands, mask }) => {
    const { id } = await app.create(vendors.sinch, { ...PLAIN, ...previous });
    const before = storedApp(id);
    if (meanwhile) vendors.sandbox.edit('sinch', 'app', id, meanwhile);
    const desired: Desired = { body: { ...PLAIN, ...wanted }, mode: 'own', previous: { ...PLAIN, ...previous } };
    await update(app, id, desired);
    expect(storedApp(id)).toEqual({ ...before, ...stands });
    expect(lastPatch()?.query).toEqual({ update_mask: mask });
  });

  it('writes all its secrets anew where the earlier body is given without them', async () => {
    const body = { ...NAMED, channel_credentials: [SMS], smart_conversation: { enabled: true } };
    const { id } = await app.create(vendors.sinch, { ...body, smart_conversation: { enabled: false } });
    const bare = { channel: 'SMS', static_bearer: { claimed_identity: 'plan-1' } };
    await update(app, id, { body, mode: 'own', previous: { ...body, channel_credentials: [bare] } });
    expect(lastPatch()?.query).toEqual({ update_mask: 'smart_conversation,channel_credentials' });
  });
});

describe('channels of an app of ours', () => {
  const first: JsonObject = { ...NAMED, channel_credentials: [SMS, { ...RCS, callback_secret: 'callback-secret' }] };
  const second: JsonObject = { ...NAMED, channel_credentials: [TELEGRAM, SMS], retention_policy: { ttl_days: 30 } };

  it.each(['clear', 'masked', 'absent'] as const)(
    'are changed and put back, with their secrets, where Sinch shows secrets %s',
    async (secrets) => {
      vendors.sandbox.setKnobs({ sinch: { secrets } });
      const { id } = await app.create(vendors.sinch, first);
      const before = { ...storedApp(id), channel_credentials: entriesIn(id) };
      await update(app, id, { body: second, mode: 'own', previous: first });
      expect(entriesIn(id)).toEqual([TELEGRAM, SMS]);
      await update(app, id, { body: first, mode: 'own', previous: second });
      expect({ ...storedApp(id), channel_credentials: entriesIn(id) }).toEqual(before);
    },
  );

  it('all go when none is wanted any more', async () => {
    const { id } = await app.create(vendors.sinch, first);
    await update(app, id, { body: PLAIN, mode: 'own', previous: first });
    expect(entriesIn(id)).toEqual([]);
  });

  it('with a dropped field of an entry differ, and the field goes', async () => {
    const line = { channel: 'LINE', line_credentials: { token: 't-secret', secret: 's-secret', is_default: true } };
    const plain = { channel: 'LINE', line_credentials: { token: 't-secret', secret: 's-secret' } };
    const previous = { ...NAMED, channel_credentials: [line] };
    const desired: Desired = { body: { ...NAMED, channel_credentials: [plain] }, mode: 'own', previous };
    const { id } = await app.create(vendors.sinch, previous);
    expect(app.diff(desired, await seenOf(app, vendors.sinch, id))).toEqual([
      { path: 'channel_credentials[0].line_credentials.is_default', expected: false, seen: true },
    ]);
    await update(app, id, desired);
    expect(entriesIn(id)).toEqual([plain]);
  });

  it('are not written over one that somebody else has added: its secret would be lost', async () => {
    const { id } = await app.create(vendors.sinch, first);
    vendors.sandbox.edit('sinch', 'app', id, { channel_credentials: [SMS, RCS, TELEGRAM] });
    const desired: Desired = { body: PLAIN, mode: 'own', previous: first };
    const seen = await seenOf(app, vendors.sinch, id);
    const fault = await faultOf(app.update(vendors.sinch, seen, desired));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fault.message).toContain('TELEGRAM');
    expect(entriesIn(id)).toEqual([SMS, RCS, TELEGRAM]);
  });
});

describe('an adopted app', () => {
  const THEIRS: JsonObject = { display_name: 'Acme EU', processing_mode: 'CONVERSATION', channel_credentials: [] };
  const cases: Omit<Case, 'mask'>[] = [
    {
      reason: 'a dropped object goes back to its former values',
      former: { retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 7 } },
      previous: { retention_policy: { retention_type: 'CONVERSATION_EXPIRE_POLICY', ttl_days: 30 } },
      wanted: {},
      stands: { retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 7 } },
    },
    {
      reason: 'a dropped field goes back, another that somebody has changed since stays',
      former: { retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 7 } },
      previous: { retention_policy: { ttl_days: 30 } },
      wanted: {},
      meanwhile: { retention_policy: { retention_type: 'CONVERSATION_EXPIRE_POLICY' } },
      stands: { retention_policy: { retention_type: 'CONVERSATION_EXPIRE_POLICY', ttl_days: 7 } },
    },
    {
      reason: 'channels where it had none are ours, and go again',
      former: {},
      previous: { channel_credentials: [SMS, RCS] },
      wanted: { channel_credentials: [RCS] },
      stands: { channel_credentials: [RCS] },
    },
  ];

  it.each(cases)('$reason', async ({ former = {}, previous, wanted, meanwhile, stands }) => {
    const { id } = await app.create(vendors.sinch, { ...THEIRS, ...former });
    const kept = app.former(await seenOf(app, vendors.sinch, id));
    const first = { ...PLAIN, ...previous };
    await update(app, id, { body: first, mode: 'adopted', former: kept });
    if (meanwhile) vendors.sandbox.edit('sinch', 'app', id, meanwhile);
    await update(app, id, { body: { ...PLAIN, ...wanted }, mode: 'adopted', previous: first, former: kept });
    const now = { ...storedApp(id), channel_credentials: entriesIn(id) };
    expect(now).toMatchObject({ display_name: 'Acme EU', processing_mode: 'DISPATCH', ...stands });
  });

  it('with channels of its own is not given others, whatever was written before', async () => {
    const { id } = await app.create(vendors.sinch, { ...THEIRS, channel_credentials: [SMS] });
    const seen = await seenOf(app, vendors.sinch, id);
    const previous = { ...NAMED, channel_credentials: [SMS] };
    const desired: Desired = {
      body: { ...NAMED, channel_credentials: [RCS] },
      mode: 'adopted',
      previous,
      former: app.former(seen),
    };
    expect(await faultOf(app.update(vendors.sinch, seen, desired))).toMatchObject({ code: 'CONFLICT' });
    expect(entriesIn(id)).toEqual([SMS]);
  });
});

describe('a webhook', () => {
  const CREDENTIALS = { client_id: 'id', client_secret: 'client-secret', endpoint: 'https://acme.example/token' };
  let base: JsonObject;
  beforeEach(async () => {
    const { id } = await app.create(vendors.sinch, PLAIN);
    base = { app_id: id, target: 'https://acme.example/sinch', target_type: 'HTTP', triggers: ['OPT_IN'] };
  });

  const cases: Case[] = [
    {
      reason: 'a dropped secret is cleared',
      previous: { secret: 'old-secret' },
      wanted: {},
      stands: { secret: '' },
      mask: 'secret',
    },
    {
      reason: 'dropped credentials are cleared as a whole',
      previous: { client_credentials: CREDENTIALS },
      wanted: {},
      meanwhile: { client_credentials: { scope: 'theirs' } },
      stands: { client_credentials: null },
      mask: 'client_credentials',
    },
    {
      reason: 'a field of credentials that is dropped goes, one of somebody else stays',
      previous: { client_credentials: { ...CREDENTIALS, scope: 'ours' } },
      wanted: { client_credentials: CREDENTIALS },
      meanwhile: { client_credentials: { response_type: 'theirs' } },
      stands: { client_credentials: { ...CREDENTIALS, response_type: 'theirs', token_request_type: 'BASIC' } },
      mask: 'client_credentials',
    },
    {
      reason: 'triggers are one value',
      previous: { triggers: ['OPT_IN', 'OPT_OUT'] },
      wanted: { triggers: ['OPT_OUT'] },
      meanwhile: { triggers: ['CAPABILITY'] },
      stands: { triggers: ['OPT_OUT'] },
      mask: 'triggers',
    },
    {
      reason: 'another target is written in place',
      previous: {},
      wanted: { target: 'https://acme.example/other' },
      stands: { target: 'https://acme.example/other' },
      mask: 'target',
    },
    {
      reason: 'what somebody else has set and nobody names stays',
      previous: {},
      wanted: { triggers: ['OPT_OUT'] },
      meanwhile: { client_credentials: { ...CREDENTIALS, token_request_type: 'FORM' }, secret: 'theirs' },
      stands: {
        triggers: ['OPT_OUT'],
        client_credentials: { ...CREDENTIALS, token_request_type: 'FORM' },
        secret: 'theirs',
      },
      mask: 'triggers',
    },
  ];

  it.each(cases)('$reason', async ({ previous, wanted, meanwhile, stands, mask }) => {
    const { id } = await webhook.create(vendors.sinch, { ...base, ...previous });
    const before = stored(vendors.sandbox, 'sinch', 'webhook', id);
    if (meanwhile) vendors.sandbox.edit('sinch', 'webhook', id, meanwhile);
    const desired: Desired = { body: { ...base, ...wanted }, mode: 'own', previous: { ...base, ...previous } };
    await update(webhook, id, desired);
    expect(stored(vendors.sandbox, 'sinch', 'webhook', id)).toEqual({ ...before, ...stands });
    expect(lastPatch()?.query).toEqual({ update_mask: mask });
  });

  it('that was taken over without credentials gets ours and loses them again', async () => {
    const { id } = await webhook.create(vendors.sinch, base);
    const former = webhook.former(await seenOf(webhook, vendors.sinch, id));
    const first = { ...base, client_credentials: CREDENTIALS };
    await update(webhook, id, { body: first, mode: 'adopted', former });
    expect(stored(vendors.sandbox, 'sinch', 'webhook', id)['client_credentials']).toMatchObject(CREDENTIALS);
    await update(webhook, id, { body: base, mode: 'adopted', previous: first, former });
    expect(stored(vendors.sandbox, 'sinch', 'webhook', id)['client_credentials']).toBeNull();
  });

  it('that was taken over with credentials keeps them: they cannot be written without their secret', async () => {
    const { id } = await webhook.create(vendors.sinch, { ...base, client_credentials: CREDENTIALS });
    const seen = await seenOf(webhook, vendors.sinch, id);
    const body = { ...base, client_credentials: { ...CREDENTIALS, client_id: 'ours' } };
    const desired: Desired = { body, mode: 'adopted', former: webhook.former(seen) };
    expect(await faultOf(webhook.update(vendors.sinch, seen, desired))).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('paths', () => {
  it.each<[string, Resource<SinchClient>, ReturnType<typeof app.pathKind>]>([
    ['display_name', app, 'field'],
    ['retention_policy', app, 'field'],
    ['retention_policy.ttl_days', app, 'field'],
    ['channel_credentials', app, 'field'],
    ['channel_credentials[0].channel', app, 'field'],
    ['channel_credentials[].static_bearer.claimed_identity', app, 'field'],
    ['channel_credentials[].static_bearer.token', app, 'secret'],
    ['channel_credentials[2].callback_secret', app, 'secret'],
    ['callback_settings.secret_for_overridden_callback_urls', app, 'secret'],
    ['rate_limits.inbound', app, 'none'],
    ['retention_policy.ttl', app, 'none'],
    ['triggers', webhook, 'field'],
    ['client_credentials.scope', webhook, 'field'],
    ['client_credentials.client_secret', webhook, 'secret'],
    ['secret', webhook, 'secret'],
    ['app_id', webhook, 'none'],
  ])('%s', (path, resource, kind) => {
    expect(resource.pathKind(path)).toBe(kind);
  });
});
