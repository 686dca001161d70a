import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.js';
import { type Answer, PROJECT, SINCH_EU, useSandbox } from '../testing/client.js';

const bench = useSandbox({ knobs: { sinch: { channels: { activationMs: { min: 2000, max: 5000 } } } } });

const APPS = `${SINCH_EU}/apps`;
const sms = (identity = 'plan-1', token = 't-1'): JsonObject => ({
  channel: 'SMS',
  static_bearer: { claimed_identity: identity, token },
});
const telegram = (token = 'bot'): JsonObject => ({ channel: 'TELEGRAM', telegram_credentials: { token } });
const create = (extra: JsonObject = {}): Promise<Answer> =>
  bench.sinch('POST', APPS, { display_name: 'Acme EU', channel_credentials: [], ...extra });
const idOf = ({ body, text }: Answer): string => {
  if (typeof body.id !== 'string') throw new Error(text);
  return body.id;
};
const read = async (id: string): Promise<JsonObject> => (await bench.sinch('GET', `${APPS}/${id}`)).body;
const patch = (id: string, body: JsonObject, query = ''): Promise<Answer> =>
  bench.sinch('PATCH', `${APPS}/${id}${query}`, body);
const channelsOf = ({ channel_credentials: channels }: JsonObject): JsonObject[] => (channels ?? []) as JsonObject[];
const statesOf = (app: JsonObject): Json[] =>
  channelsOf(app).map(({ channel, state }) => `${channel as string} ${(state as JsonObject).status as string}`);

describe('an app', () => {
  it('is answered with 200, a ULID and every default', async () => {
    const made = await create({ channel_credentials: [sms()], processing_mode: 'CONVERSATION' });
    expect(made.status).toBe(200);
    expect(made.body).toEqual({
      id: expect.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/) as string,
      display_name: 'Acme EU',
      processing_mode: 'CONVERSATION',
      channel_credentials: [
        {
          ...sms(),
          callback_secret: '',
          state: { status: 'PENDING', description: '' },
          channel_known_id: '',
          credential_ordinal_number: 0,
        },
      ],
      conversation_metadata_report_view: 'NONE',
      rate_limits: { outbound: 25, inbound: 25, webhooks: 25 },
      retention_policy: { retention_type: 'MESSAGE_EXPIRE_POLICY', ttl_days: 180 },
      dispatch_retention_policy: { retention_type: 'MESSAGE_EXPIRE_POLICY', ttl_days: 0 },
      smart_conversation: { enabled: false },
      queue_stats: { outbound_size: 0, outbound_limit: 500_000 },
      persist_message_status: { enabled: false },
      message_search: { enabled: false },
      callback_settings: { secret_for_overridden_callback_urls: '' },
      delivery_report_based_fallback: { enabled: false, delivery_report_waiting_time: 0 },
      message_retry_settings: { retry_duration: 3600 },
    });
    expect(await read(idOf(made))).toEqual(made.body);
  });

  it('is processed as DISPATCH unless said otherwise, and its name may repeat', async () => {
    const ids = [idOf(await create()), idOf(await create())];
    expect((await read(ids[0] ?? '')).processing_mode).toBe('DISPATCH');
    expect([...ids].sort(), 'ids sort by creation').toEqual(ids);
    const { body } = await bench.sinch('GET', APPS);
    expect((body.apps as JsonObject[]).map(({ id }) => id)).toEqual(ids);
  });

  it('is deleted once, with its webhooks', async () => {
    const id = idOf(await create());
    await bench.sinch('POST', `${SINCH_EU}/webhooks`, { app_id: id, target: 'https://acme.example/hook' });
    expect(await bench.sinch('DELETE', `${APPS}/${id}`)).toMatchObject({ status: 200, text: '{}' });
    expect(await bench.sinch('DELETE', `${APPS}/${id}`)).toMatchObject({
      status: 404,
      body: { error: { code: 404, status: 'NOT_FOUND', details: [] } },
    });
    expect(bench.sandbox.state().objects.sinch).toEqual({ app: [], webhook: [] });
    bench.sandbox.setKnobs({ sinch: { deleteBody: 'empty' } });
    expect(await bench.sinch('DELETE', `${APPS}/${idOf(await create())}`)).toMatchObject({ status: 200, text: '' });
  });

  it('lives in its region alone', async () => {
    const id = idOf(await create());
    const us = `/sinch/us/v1/projects/${PROJECT}/apps`;
    expect((await bench.sinch('GET', `${us}/${id}`)).status).toBe(404);
    expect((await bench.sinch('GET', us)).body).toEqual({ apps: [] });
    expect((await bench.sinch('GET', `/sinch/mars/v1/projects/${PROJECT}/apps`)).body).toMatchObject({
      error: { status: 'NOT_FOUND' },
    });
  });

  const wrong: [path: string, value: Json][] = [
    ['display_name', ''],
    ['display_name', 7],
    ['conversation_metadata_report_view', 'SOME'],
    ['retention_policy', { retention_type: 'NEVER' }],
    ['retention_policy', { ttl_days: 0 }],
    ['retention_policy', { ttl_days: 3651 }],
    ['retention_policy', { ttl_days: 1.5 }],
    ['dispatch_retention_policy', { retention_type: 'PERSIST_RETENTION_POLICY' }],
    ['dispatch_retention_policy', { ttl_days: -1 }],
    ['dispatch_retention_policy', { ttl_days: 8 }],
    ['processing_mode', 'BOTH'],
    ['smart_conversation', { enabled: 'x' }],
    ['callback_settings', { secret_for_overridden_callback_urls: 1 }],
    ['message_retry_settings', { retry_duration: 29 }],
    ['message_retry_settings', { retry_duration: 3601 }],
    ['delivery_report_based_fallback', { delivery_report_waiting_time: 59 }],
    ['delivery_report_based_fallback', { delivery_report_waiting_time: 0 }],
    ['delivery_report_based_fallback', { delivery_report_waiting_time: 259_201 }],
    ['channel_credentials', 'x'],
  ];
  it.each(wrong)('with %s = %j is refused, on create and update', async (path, value) => {
    const refusal = { status: 400, body: { error: { code: 400, status: 'INVALID_ARGUMENT' } } };
    expect(await create({ [path]: value })).toMatchObject(refusal);
    const id = idOf(await create());
    expect(await patch(id, { [path]: value }, `?update_mask=${path}`)).toMatchObject(refusal);
    expect(await patch(id, { [path]: value })).toMatchObject(refusal);
  });

  it('takes the limits themselves, and needs its two required fields', async () => {
    const edge = {
      retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 3650 },
      dispatch_retention_policy: { ttl_days: 7 },
      message_retry_settings: { retry_duration: 30 },
      delivery_report_based_fallback: { enabled: true, delivery_report_waiting_time: 60 },
    };
    expect((await create(edge)).body).toMatchObject(edge);
    expect((await bench.sinch('POST', APPS, { display_name: 'x' })).status).toBe(400);
    expect((await bench.sinch('POST', APPS, { channel_credentials: [] })).status).toBe(400);
    expect((await bench.sinch('POST', APPS, 'nonsense')).status).toBe(400);
  });
});

describe('an update', () => {
  it('without a mask changes what it holds', async () => {
    const id = idOf(await create({ channel_credentials: [sms()], retention_policy: { ttl_days: 10 } }));
    const { body } = await patch(id, { display_name: 'Renamed' });
    expect(body).toMatchObject({ display_name: 'Renamed', retention_policy: { ttl_days: 10 } });
    expect(channelsOf(body)).toHaveLength(1);
  });

  it('with a mask changes what that names, and resets what the body lacks', async () => {
    const id = idOf(
      await create({ retention_policy: { ttl_days: 10 }, message_retry_settings: { retry_duration: 60 } }),
    );
    const { body } = await patch(
      id,
      { display_name: 'Renamed', processing_mode: 'CONVERSATION' },
      '?update_mask=display_name,retention_policy',
    );
    expect(body).toMatchObject({
      display_name: 'Renamed',
      processing_mode: 'DISPATCH',
      retention_policy: { ttl_days: 180 },
      message_retry_settings: { retry_duration: 60 },
    });
  });

  it('takes paths into objects, and the older form of the mask', async () => {
    const id = idOf(await create({ retention_policy: { retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 10 } }));
    const first = await patch(id, { retention_policy: { ttl_days: 20 } }, '?update_mask=retention_policy.ttl_days');
    expect(first.body.retention_policy).toEqual({ retention_type: 'PERSIST_RETENTION_POLICY', ttl_days: 20 });
    const second = await patch(
      id,
      { display_name: 'B', processing_mode: 'CONVERSATION' },
      '?update_mask.paths=display_name&update_mask.paths=processing_mode',
    );
    expect(second.body).toMatchObject({ display_name: 'B', processing_mode: 'CONVERSATION' });
  });

  it('ignores a wrong value outside of the mask, and refuses unknown paths and a cleared name', async () => {
    const id = idOf(await create());
    expect((await patch(id, { display_name: 'B', processing_mode: 'BOTH' }, '?update_mask=display_name')).status).toBe(
      200,
    );
    for (const path of ['nonsense', 'id', 'retention_policy.nonsense', 'display_name.x', 'constructor']) {
      expect((await patch(id, {}, `?update_mask=${path}`)).status, path).toBe(400);
    }
    expect((await patch(id, {}, '?update_mask=display_name')).status).toBe(400);
    expect((await patch('01JCZK8Q6YV1N3W5R7T9ABCDEF', { display_name: 'B' })).status).toBe(404);
  });

  it('replaces the whole array of channels; an unchanged entry keeps its state', async () => {
    const id = idOf(await create({ channel_credentials: [sms(), telegram()] }));
    bench.sandbox.clock.advance(5000);
    expect(statesOf(await read(id))).toEqual(['SMS ACTIVE', 'TELEGRAM ACTIVE']);
    const swapped = await patch(
      id,
      { channel_credentials: [telegram('other'), sms()] },
      '?update_mask=channel_credentials',
    );
    expect(statesOf(swapped.body), 'the order is the priority').toEqual(['TELEGRAM PENDING', 'SMS ACTIVE']);
    const fewer = await patch(id, { channel_credentials: [sms()] });
    expect(statesOf(fewer.body)).toEqual(['SMS ACTIVE']);
    expect(channelsOf((await patch(id, {}, '?update_mask=channel_credentials')).body)).toEqual([]);
  });
});

describe('channel credentials', () => {
  const bearer = { static_bearer: { claimed_identity: 'x', token: 't' } };
  const good: JsonObject[] = [
    { channel: 'SMS', ...bearer },
    { channel: 'WHATSAPP', ...bearer, callback_secret: 'c'.repeat(256) },
    { channel: 'RCS', ...bearer },
    { channel: 'VIBERBM', ...bearer },
    { channel: 'VIBERBM', static_bearer: { claimed_identity: 'x' } },
    { channel: 'MESSENGER', static_token: { token: 't' } },
    { channel: 'INSTAGRAM', instagram_credentials: { token: 't', business_account_id: 'b' } },
    { channel: 'TELEGRAM', telegram_credentials: { token: 't' } },
    {
      channel: 'MMS',
      mms_credentials: { account_id: 'a', api_key: 'k', basic_auth: { username: 'u', password: 'p' } },
    },
    { channel: 'KAKAOTALK', kakaotalk_credentials: { kakaotalk_plus_friend_id: 'f', kakaotalk_sender_key: 'k' } },
    { channel: 'KAKAOTALKCHAT', kakaotalkchat_credentials: { kakaotalk_plus_friend_id: 'f' } },
    { channel: 'LINE', line_credentials: { token: 't', secret: 's', is_default: true } },
    { channel: 'LINE', line_enterprise_credentials: { line_japan: { token: 't', secret: 's' } } },
    { channel: 'WECHAT', wechat_credentials: { app_id: 'a', app_secret: 's', token: 't', aes_key: 'k' } },
    { channel: 'APPLEBC', applebc_credentials: { business_chat_account_id: 'b' } },
  ];
  it.each(good)('are taken: %j', async (entry) => {
    const { body } = await create({ channel_credentials: [entry] });
    expect(channelsOf(body)[0]).toMatchObject(entry);
  });

  const bad: Json[] = [
    'x',
    {},
    { channel: 'VIBER', static_token: { token: 't' } },
    { channel: 'FAX', ...bearer },
    { channel: 'SMS' },
    { channel: 'SMS', static_token: { token: 't' } },
    { channel: 'SMS', ...bearer, static_token: { token: 't' } },
    { channel: 'SMS', static_bearer: { token: 't' } },
    { channel: 'SMS', static_bearer: { claimed_identity: 'x' } },
    { channel: 'SMS', static_bearer: 'x' },
    { channel: 'SMS', ...bearer, callback_secret: 'c'.repeat(257) },
    { channel: 'SMS', ...bearer, credential_ordinal_number: 256 },
    { channel: 'SMS', ...bearer, credential_ordinal_number: -1 },
    { channel: 'MMS', mms_credentials: { account_id: 'a' } },
    { channel: 'MMS', mms_credentials: { account_id: 'a', api_key: 'k', basic_auth: { username: 'u' } } },
    { channel: 'KAKAOTALK', kakaotalk_credentials: { kakaotalk_plus_friend_id: 'f' } },
    { channel: 'LINE', line_credentials: { token: 't' } },
    { channel: 'LINE', line_enterprise_credentials: {} },
    { channel: 'WECHAT', wechat_credentials: { app_id: 'a', app_secret: 's', token: 't' } },
    { channel: 'APPLEBC', applebc_credentials: {} },
  ];
  it.each(bad)('are refused: %j', async (entry) => {
    expect((await create({ channel_credentials: [entry] })).status).toBe(400);
  });

  it('hold one entry per channel, but several of LINE with ordinals of their own', async () => {
    const line = (ordinal: number): JsonObject => ({
      channel: 'LINE',
      line_credentials: { token: 't', secret: 's' },
      credential_ordinal_number: ordinal,
    });
    expect((await create({ channel_credentials: [sms('a'), sms('b')] })).status).toBe(400);
    expect((await create({ channel_credentials: [line(0), line(0)] })).status).toBe(400);
    expect((await create({ channel_credentials: [line(0), line(1)] })).status).toBe(200);
  });
});

describe('the clock of a channel', () => {
  it('turns PENDING into ACTIVE after 2 to 5 s', async () => {
    const id = idOf(await create({ channel_credentials: [sms()] }));
    bench.sandbox.clock.advance(1900);
    expect(statesOf(await read(id))).toEqual(['SMS PENDING']);
    bench.sandbox.clock.advance(3100);
    expect(channelsOf(await read(id))[0]).toMatchObject({ state: { status: 'ACTIVE' }, channel_known_id: 'plan-1' });
    const { body } = await bench.sinch('GET', APPS);
    expect(statesOf((body.apps as JsonObject[])[0] ?? {}), 'lists follow').toEqual(['SMS ACTIVE']);
  });

  it('follows scripts: failing, stuck, vanishing, by channel and by identity', async () => {
    bench.sandbox.setKnobs({
      sinch: {
        channels: {
          outcomes: [
            { claimedIdentity: 'bad', outcome: 'failing', description: 'unknown plan' },
            { channel: 'TELEGRAM', outcome: 'vanishing' },
            { channel: 'RCS', claimedIdentity: 'slow', outcome: 'stuck' },
          ],
        },
      },
    });
    const slow = { ...sms('slow'), channel: 'RCS' };
    const id = idOf(await create({ channel_credentials: [sms('bad'), telegram(), slow] }));
    expect(statesOf(await read(id))).toEqual(['SMS PENDING', 'TELEGRAM PENDING', 'RCS PENDING']);
    bench.sandbox.clock.advance(5000);
    expect(statesOf(await read(id))).toEqual(['SMS FAILING', 'RCS PENDING']);
    expect(channelsOf(await read(id))[0]?.state).toEqual({ status: 'FAILING', description: 'unknown plan' });

    const fixed = await patch(id, { channel_credentials: [sms('good'), telegram()] });
    expect(statesOf(fixed.body)).toEqual(['SMS PENDING', 'TELEGRAM PENDING']);
    bench.sandbox.clock.advance(5000);
    expect(statesOf(await read(id))).toEqual(['SMS ACTIVE']);
  });

  it('can be without delay', async () => {
    bench.sandbox.setKnobs({ sinch: { channels: { activationMs: { min: 0, max: 0 } } } });
    expect(statesOf((await create({ channel_credentials: [sms()] })).body)).toEqual(['SMS ACTIVE']);
  });

  it('minds an identity that is used twice, by knob', async () => {
    await create({ channel_credentials: [sms('shared')] });
    expect((await create({ channel_credentials: [sms('shared')] })).status).toBe(200);
    bench.sandbox.setKnobs({ sinch: { sharedIdentity: 'refused' } });
    expect((await create({ channel_credentials: [sms('shared')] })).status).toBe(400);
    bench.sandbox.setKnobs({ sinch: { sharedIdentity: 'failing' } });
    const id = idOf(await create({ channel_credentials: [sms('shared')] }));
    bench.sandbox.clock.advance(5000);
    expect(statesOf(await read(id))).toEqual(['SMS FAILING']);
  });
});

describe('knobs of apps', () => {
  const secrets = {
    channel_credentials: [
      { ...sms('plan', 'T0KEN'), callback_secret: 'CALL' },
      { channel: 'INSTAGRAM', instagram_credentials: { token: 'SH0RT' } },
    ],
    callback_settings: { secret_for_overridden_callback_urls: 'URLS' },
  };

  it('show secrets in clear, masked or not at all', async () => {
    const id = idOf(await create(secrets));
    expect(JSON.stringify(await read(id))).toMatch(/T0KEN.*CALL.*SH0RT.*URLS|URLS.*T0KEN.*CALL.*SH0RT/);
    bench.sandbox.setKnobs({ sinch: { secrets: 'masked' } });
    expect(await read(id)).toMatchObject({
      channel_credentials: [
        { static_bearer: { claimed_identity: 'plan', token: '****' }, callback_secret: '****' },
        {},
      ],
      callback_settings: { secret_for_overridden_callback_urls: '****' },
    });
    bench.sandbox.setKnobs({ sinch: { secrets: 'absent' } });
    expect(channelsOf(await read(id))[0]?.static_bearer).toEqual({ claimed_identity: 'plan' });
  });

  it('swap the token of Instagram once it is ACTIVE', async () => {
    const id = idOf(await create(secrets));
    bench.sandbox.clock.advance(5000);
    const swapped = (await read(id)).channel_credentials;
    expect(JSON.stringify(swapped)).not.toContain('SH0RT');
    const { body } = await patch(id, { channel_credentials: secrets.channel_credentials });
    expect(statesOf(body), 'the same short token is no change').toEqual(['SMS ACTIVE', 'INSTAGRAM ACTIVE']);
    bench.sandbox.setKnobs({ sinch: { instagramTokenSwap: false } });
    expect(JSON.stringify(await read(id))).toContain('SH0RT');
  });

  it('cap the apps, delay the list, leave unset objects null, and make noise', async () => {
    bench.sandbox.setKnobs({ sinch: { appCap: 1, listLagMs: 3000, unsetSettings: 'null', queueNoise: true } });
    const id = idOf(await create({ message_retry_settings: { retry_duration: 60 } }));
    expect(await create()).toMatchObject({ status: 403, body: { error: { status: 'UNAUTHORIZED' } } });
    bench.sandbox.setKnobs({ sinch: { appCapStatus: 400 } });
    expect((await create()).status).toBe(400);
    expect((await bench.sinch('GET', APPS)).body).toEqual({ apps: [] });
    bench.sandbox.clock.advance(3000);
    expect(((await bench.sinch('GET', APPS)).body.apps as Json[]).length).toBe(1);
    const first = await read(id);
    expect(first).toMatchObject({
      delivery_report_based_fallback: null,
      message_retry_settings: { retry_duration: 60 },
    });
    expect((await read(id)).queue_stats).not.toEqual(first.queue_stats);
  });

  it('block writes for want of credit', async () => {
    bench.sandbox.setKnobs({ sinch: { credit: 'breached' } });
    expect((await create()).body).toMatchObject({ error: { code: 403, message: 'BILLING_CREDIT_LIMIT_BREACHED' } });
    expect((await bench.sinch('GET', APPS)).status).toBe(200);
  });
});
