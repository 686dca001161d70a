import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import { formatMarker, type JsonObject } from '#libs/contracts/index.js';
import { sinchModule } from '#libs/vendors/sinch/index.js';
import { app } from '#libs/vendors/sinch/resources/app.js';
import { channels } from '#libs/vendors/sinch/resources/channels.js';
import { webhook } from '#libs/vendors/sinch/resources/webhook.js';
import { differs, faultOf, openVendors, seenOf, stored, type Vendors } from './vendors.js';

const MARKER = { installation: '1a2b3c4d', account: { tenant: 'acme', account: 'support' }, node: 'sinch.app' };
const SMS: JsonObject = { channel: 'SMS', static_bearer: { claimed_identity: 'plan-1', token: 'sms-secret' } };
const WHATSAPP: JsonObject = {
  channel: 'WHATSAPP',
  static_bearer: { claimed_identity: 'sender-1', token: 'whatsapp-secret' },
  callback_secret: 'callback-secret',
};
const TELEGRAM: JsonObject = { channel: 'TELEGRAM', telegram_credentials: { token: 'telegram-secret' } };
const APP: JsonObject = {
  display_name: `Acme EU [${formatMarker(MARKER)}]`,
  processing_mode: 'CONVERSATION',
  channel_credentials: [SMS, WHATSAPP],
  retention_policy: { ttl_days: 30 },
};

let vendors: Vendors;
beforeAll(async () => {
  vendors = await openVendors();
});
beforeEach(() => vendors.sandbox.reset());
afterAll(() => vendors.close());

async function madeApp(body: JsonObject = APP): Promise<string> {
  return (await app.create(vendors.sinch, body)).id;
}

function hookOf(appId: string, changes: JsonObject = {}): JsonObject {
  const target = 'https://acme.example/sinch';
  return { app_id: appId, target, triggers: ['MESSAGE_INBOUND', 'OPT_IN'], secret: 'hook-secret', ...changes };
}

/** The last PATCH as the sandbox saw it. */
function lastPatch(): { query: Record<string, string>; body: unknown } | undefined {
  return vendors.sandbox.state().ledger.findLast((entry) => entry.method === 'PATCH');
}

describe('an app', () => {
  it.each(['clear', 'masked', 'absent'] as const)(
    'reads back as it was created, without a secret, where Sinch shows secrets %s',
    async (secrets) => {
      vendors.sandbox.setKnobs({ sinch: { secrets } });
      const id = await madeApp();
      const seen = await seenOf(app, vendors.sinch, id);
      expect(seen).toMatchObject({ id, key: 'Acme EU', marker: MARKER, age: id });
      expect(app.key(APP)).toBe('Acme EU');
      expect(differs(app, APP, seen)).toEqual([]);
      expect(JSON.stringify([seen, app.former(seen)])).not.toMatch(/-secret|\*\*\*/);
      expect(await app.list(vendors.sinch, undefined, {})).toContainEqual(seen);
    },
  );

  it('sends the processing mode and the channels even where the specification leaves them out', async () => {
    const id = await madeApp({ display_name: 'Plain' });
    expect(stored(vendors.sandbox, 'sinch', 'app', id)).toMatchObject({
      processing_mode: 'DISPATCH',
      channel_credentials: [],
    });
  });

  it('sends the fields that change and no other', async () => {
    const seen = await seenOf(app, vendors.sinch, await madeApp());
    const body = { ...APP, processing_mode: 'DISPATCH', smart_conversation: { enabled: true } };
    expect(differs(app, body, seen)).toEqual(['processing_mode', 'smart_conversation.enabled']);
    await app.update(vendors.sinch, seen, { body, mode: 'own' });
    expect(lastPatch()).toMatchObject({
      query: { update_mask: 'processing_mode,smart_conversation' },
      body: { processing_mode: 'DISPATCH', smart_conversation: { enabled: true } },
    });
    expect(differs(app, body, await seenOf(app, vendors.sinch, seen.id))).toEqual([]);
  });

  it('writes the fields that hold secrets when nothing else differs', async () => {
    const id = await madeApp();
    const renewed = { channel: 'SMS', static_bearer: { claimed_identity: 'plan-1', token: 'new-secret' } };
    const body = { ...APP, channel_credentials: [renewed, WHATSAPP] };
    const seen = await seenOf(app, vendors.sinch, id);
    expect(differs(app, body, seen)).toEqual([]);
    await app.update(vendors.sinch, seen, { body, mode: 'own' });
    expect(lastPatch()?.query).toEqual({ update_mask: 'channel_credentials' });
    expect(stored(vendors.sandbox, 'sinch', 'app', id)['channel_credentials']).toMatchObject([renewed, WHATSAPP]);
  });

  it('takes the order of its channels as a difference: it is their priority', async () => {
    const seen = await seenOf(app, vendors.sinch, await madeApp());
    const body = { ...APP, channel_credentials: [WHATSAPP, SMS] };
    expect(differs(app, body, seen)).not.toEqual([]);
    await app.update(vendors.sinch, seen, { body, mode: 'own' });
    expect(differs(app, body, await seenOf(app, vendors.sinch, seen.id))).toEqual([]);
  });

  it('brings its marker back with the next change after somebody renamed it', async () => {
    const id = await madeApp();
    vendors.sandbox.edit('sinch', 'app', id, { display_name: 'Renamed' });
    const seen = await seenOf(app, vendors.sinch, id);
    expect(seen.marker).toBeUndefined();
    expect(differs(app, APP, seen)).toEqual(['display_name']);
    await app.update(vendors.sinch, seen, { body: APP, mode: 'own' });
    expect((await seenOf(app, vendors.sinch, id)).marker).toEqual(MARKER);
  });

  it('does not drop a channel that somebody else added: its secret would be lost', async () => {
    const id = await madeApp({ ...APP, channel_credentials: [SMS, TELEGRAM] });
    const seen = await seenOf(app, vendors.sinch, id);
    const fault = await faultOf(app.update(vendors.sinch, seen, { body: APP, mode: 'own' }));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fault.message).toContain('TELEGRAM');
    expect(stored(vendors.sandbox, 'sinch', 'app', id)['channel_credentials']).toMatchObject([SMS, TELEGRAM]);
  });

  it('takes null for an object that was never set', async () => {
    vendors.sandbox.setKnobs({ sinch: { unsetSettings: 'null' } });
    const body = { ...APP, message_retry_settings: { retry_duration: 3600 } };
    const seen = await seenOf(app, vendors.sinch, await madeApp());
    expect(differs(app, body, seen)).toEqual([]);
  });

  it('goes with its webhooks, and a second remove is quiet', async () => {
    const id = await madeApp();
    const { id: hookId } = await webhook.create(vendors.sinch, hookOf(id));
    await app.remove(vendors.sinch, id);
    expect(await app.get(vendors.sinch, id, {})).toBeNull();
    expect(await webhook.get(vendors.sinch, hookId, {})).toBeNull();
    await expect(app.remove(vendors.sinch, id)).resolves.toBeUndefined();
  });

  it('of another region is not there', async () => {
    const id = await madeApp();
    const us = vendors.connectSinch({ apiBase: vendors.settings.sinch.apiBase.replace(/eu$/, 'us') });
    expect(await app.get(us, id, {})).toBeNull();
  });
});

describe('an adopted app', () => {
  const OTHERS: JsonObject = { display_name: 'Acme EU', processing_mode: 'DISPATCH', channel_credentials: [SMS] };

  it('keeps name and channels, and undo brings its former fields back', async () => {
    const id = await madeApp(OTHERS);
    const before = stored(vendors.sandbox, 'sinch', 'app', id);
    const desired = { ...APP, channel_credentials: [SMS], delivery_report_based_fallback: { enabled: true } };
    const seen = await seenOf(app, vendors.sinch, id);
    const former = app.former(seen);
    await app.update(vendors.sinch, seen, { body: desired, mode: 'adopted' });
    const changed = await seenOf(app, vendors.sinch, id);
    expect(changed.marker).toBeUndefined();
    expect(differs(app, desired, changed, 'adopted')).toEqual([]);
    await app.update(vendors.sinch, changed, { body: former, mode: 'restore' });
    expect(stored(vendors.sandbox, 'sinch', 'app', id)).toEqual(before);
  });

  it('with other channels is a conflict: their secrets could not be put back', async () => {
    const seen = await seenOf(app, vendors.sinch, await madeApp(OTHERS));
    const fault = await faultOf(app.update(vendors.sinch, seen, { body: APP, mode: 'adopted' }));
    expect(fault).toMatchObject({ code: 'CONFLICT', retryable: false });
    expect(fault.message).toContain('SMS');
  });

  it('without channels gets ours, and loses them again', async () => {
    const id = await madeApp({ ...OTHERS, channel_credentials: [] });
    const seen = await seenOf(app, vendors.sinch, id);
    await app.update(vendors.sinch, seen, { body: APP, mode: 'adopted' });
    const changed = await seenOf(app, vendors.sinch, id);
    expect(differs(app, APP, changed, 'adopted')).toEqual([]);
    await app.update(vendors.sinch, changed, { body: app.former(seen), mode: 'restore' });
    expect(stored(vendors.sandbox, 'sinch', 'app', id)['channel_credentials']).toEqual([]);
  });
});

describe('a webhook', () => {
  it('has no place while its app is not known', () => {
    expect(webhook.scope(hookOf('01JCZK8Q6YV1N3W5R7T9ABCDEF'))).toBe('01JCZK8Q6YV1N3W5R7T9ABCDEF');
    expect(webhook.scope({ target: 'https://x.example', app_id: { $ref: 'sinch.app.id' } })).toBeNull();
  });

  it('reads back as it was created, its triggers in any order, without its secret', async () => {
    const appId = await madeApp();
    const { id } = await webhook.create(vendors.sinch, hookOf(appId));
    const seen = await seenOf(webhook, vendors.sinch, id);
    expect(seen).toMatchObject({ id, key: webhook.key(hookOf(appId)), marker: undefined });
    expect(differs(webhook, hookOf(appId, { triggers: ['OPT_IN', 'MESSAGE_INBOUND'] }), seen)).toEqual([]);
    expect(JSON.stringify(seen)).not.toContain('hook-secret');
    expect(await webhook.list(vendors.sinch, appId, {})).toEqual([seen]);
    expect(stored(vendors.sandbox, 'sinch', 'webhook', id)['target_type']).toBe('HTTP');
  });

  it('is changed by its changed fields, beside the target that the mask does not name', async () => {
    const appId = await madeApp();
    const { id } = await webhook.create(vendors.sinch, hookOf(appId));
    const body = hookOf(appId, { triggers: ['CAPABILITY'] });
    await webhook.update(vendors.sinch, await seenOf(webhook, vendors.sinch, id), { body, mode: 'own' });
    expect(lastPatch()).toMatchObject({
      query: { update_mask: 'triggers' },
      body: { target: 'https://acme.example/sinch', triggers: ['CAPABILITY'] },
    });
    expect(differs(webhook, body, await seenOf(webhook, vendors.sinch, id))).toEqual([]);
  });

  it('gets its secrets anew when nothing else differs', async () => {
    const appId = await madeApp();
    const { id } = await webhook.create(vendors.sinch, hookOf(appId));
    const seen = await seenOf(webhook, vendors.sinch, id);
    await webhook.update(vendors.sinch, seen, { body: hookOf(appId, { secret: 'rotated' }), mode: 'own' });
    expect(stored(vendors.sandbox, 'sinch', 'webhook', id)['secret']).toBe('rotated');
  });

  it('is removed, and a second remove is quiet', async () => {
    const { id } = await webhook.create(vendors.sinch, hookOf(await madeApp()));
    await webhook.remove(vendors.sinch, id);
    expect(await webhook.get(vendors.sinch, id, {})).toBeNull();
    await expect(webhook.remove(vendors.sinch, id)).resolves.toBeUndefined();
  });

  it('with a target that stands already may be a duplicate', async () => {
    const appId = await madeApp();
    await webhook.create(vendors.sinch, hookOf(appId));
    const fault = await faultOf(webhook.create(vendors.sinch, hookOf(appId)));
    expect(fault).toMatchObject({ code: 'INVALID_REQUEST', maybeDuplicate: true, vendorCode: 'INVALID_ARGUMENT' });
  });

  it('is refused when the app has five', async () => {
    const appId = await madeApp();
    for (let n = 1; n <= 5; n++) {
      await webhook.create(vendors.sinch, hookOf(appId, { target: `https://acme.example/${String(n)}` }));
    }
    expect(await faultOf(webhook.create(vendors.sinch, hookOf(appId)))).toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('of an app that is gone is gone, but a wrong project is an error', async () => {
    expect(await webhook.list(vendors.sinch, '01JCZK8Q6YV1N3W5R7T9ABCDEF', {})).toEqual([]);
    const other = vendors.connectSinch({ projectId: '11111111-6d3b-4c1e-9a57-2f8e0c7d9b14' });
    const fault = await faultOf(webhook.list(other, '01JCZK8Q6YV1N3W5R7T9ABCDEF', {}));
    expect(fault).toMatchObject({ code: 'PERMISSION_DENIED', httpStatus: 403 });
  });
});

describe('the readiness of channels', () => {
  const cases: { knobs: KnobChanges['sinch']; state: string; says: string; reason: string }[] = [
    {
      knobs: { channels: { activationMs: { min: 60_000, max: 60_000 } } },
      state: 'waiting',
      says: 'SMS, WHATSAPP',
      reason: 'PENDING is not ready yet',
    },
    {
      knobs: { channels: { outcomes: [{ channel: 'SMS', outcome: 'failing', description: 'unknown service plan' }] } },
      state: 'failed',
      says: 'SMS: unknown service plan',
      reason: 'FAILING is for good, with its description',
    },
    {
      knobs: { channels: { outcomes: [{ channel: 'WHATSAPP', outcome: 'vanishing' }] } },
      state: 'failed',
      says: 'WHATSAPP is no longer in the app',
      reason: 'a rejected channel may vanish',
    },
  ];
  const declared = [{ channel: 'SMS' }, { channel: 'WHATSAPP' }];

  it('holds when all are ACTIVE', async () => {
    const body = { app_id: await madeApp(), channels: declared, timeout_ms: 1_800_000 };
    expect(await channels.ready?.(vendors.sinch, body, {})).toEqual({ state: 'ready' });
    expect(channels.readyWithinMs?.(body)).toBe(1_800_000);
  });

  it.each(cases)('$state: $reason', async ({ knobs, state, says }) => {
    vendors.sandbox.setKnobs({ sinch: { ...knobs } });
    const body = { app_id: await madeApp(), channels: declared, timeout_ms: 1 };
    const readiness = await channels.ready?.(vendors.sinch, body, {});
    expect(readiness).toMatchObject({ state, message: expect.stringContaining(says) as string });
  });

  it('fails when the app is gone', async () => {
    const body = { app_id: '01JCZK8Q6YV1N3W5R7T9ABCDEF', channels: declared, timeout_ms: 1 };
    expect(await channels.ready?.(vendors.sinch, body, {})).toMatchObject({ state: 'failed' });
  });
});

describe('answers', () => {
  it.each([500, 501, 502, 503, 504])('%i after a create leaves the outcome unknown', async (status) => {
    const effect = { kind: 'status', status, body: '<html>', apply: true } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'sinch', operation: 'create' }, effect }]);
    expect(await faultOf(madeApp())).toMatchObject({
      code: 'VENDOR_UNAVAILABLE',
      httpStatus: status,
      outcomeUnknown: true,
      retryable: true,
    });
  });

  it('an empty success of a create leaves the outcome unknown', async () => {
    vendors.sandbox.setFaults([{ match: { vendor: 'sinch', operation: 'create' }, effect: { kind: 'body' } }]);
    expect(await faultOf(madeApp())).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true });
  });

  it('a list that lacks its array is not an empty list', async () => {
    const effect = { kind: 'body', body: {} } as const;
    vendors.sandbox.setFaults([{ match: { vendor: 'sinch', operation: 'list' }, effect }]);
    expect(await faultOf(app.list(vendors.sinch, undefined, {}))).toMatchObject({ retryable: true });
  });

  it('a blocked project says so, and a person must act', async () => {
    vendors.sandbox.setKnobs({ sinch: { credit: 'breached' } });
    const fault = await faultOf(madeApp());
    expect(fault).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false });
    expect(fault.message).toContain('credit');
  });

  it('Basic authentication is used where the connection has no token URL', async () => {
    const { tokenUrl: _none, ...settings } = vendors.settings.sinch;
    const connected = sinchModule.connect(settings);
    await app.list(connected.client, undefined, {});
    await connected.close();
    expect(vendors.sandbox.state().ledger.map((entry) => entry.operation)).toEqual(['list']);
  });

  it('a wrong key is CREDENTIALS_REJECTED', async () => {
    const sinch = vendors.connectSinch({ keyId: () => 'another-key', keySecret: () => 'another-secret' });
    const fault = await faultOf(app.list(sinch, undefined, {}));
    expect(fault).toMatchObject({ code: 'CREDENTIALS_REJECTED', resource: 'token', retryable: false });
  });
});
