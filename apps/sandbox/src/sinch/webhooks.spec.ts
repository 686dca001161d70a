import { beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../json.js';
import {
  type Answer,
  FORM,
  PROJECT,
  SINCH_EU,
  SINCH_TOKEN,
  sinchBasic,
  sinchToken,
  useSandbox,
} from '../testing/client.js';

const bench = useSandbox();
const HOOKS = `${SINCH_EU}/webhooks`;
const TARGET = 'https://acme.example/hook';
let app = '';
beforeEach(async () => {
  const made = await bench.sinch('POST', `${SINCH_EU}/apps`, { display_name: 'Acme', channel_credentials: [] });
  app = made.body.id as string;
});
const create = (extra: JsonObject = {}): Promise<Answer> =>
  bench.sinch('POST', HOOKS, { app_id: app, target: TARGET, ...extra });
const list = async (): Promise<JsonObject[]> =>
  (await bench.sinch('GET', `${SINCH_EU}/apps/${app}/webhooks`)).body.webhooks as JsonObject[];
const credentials = { client_id: 'c', client_secret: 's3cret', endpoint: 'https://acme.example/token' };

describe('a webhook', () => {
  it('is created with defaults, read, listed under its app and deleted once', async () => {
    const made = await create({ triggers: ['MESSAGE_INBOUND'], secret: 'hmac' });
    expect(made).toMatchObject({
      status: 200,
      body: {
        app_id: app,
        target: TARGET,
        target_type: 'HTTP',
        triggers: ['MESSAGE_INBOUND'],
        secret: 'hmac',
        client_credentials: null,
      },
    });
    const path = `${HOOKS}/${made.body.id as string}`;
    expect((await bench.sinch('GET', path)).body).toEqual(made.body);
    expect(await list()).toEqual([made.body]);
    expect(await bench.sinch('DELETE', path)).toMatchObject({ status: 200, text: '{}' });
    expect((await bench.sinch('DELETE', path)).status).toBe(404);
    expect(await list()).toEqual([]);
  });

  const wrong: [field: string, value: Json][] = [
    ['app_id', null],
    ['target', null],
    ['target', 'nonsense'],
    ['target', `https://acme.example/${'x'.repeat(722)}`],
    ['target', 'https://conversation-api.eu.sinch.com/hook'],
    ['target_type', 'GRPC'],
    ['triggers', ['UNSPECIFIED_TRIGGER']],
    ['triggers', ['SMART_CONVERSATION']],
    ['triggers', 'MESSAGE_INBOUND'],
    ['secret', 7],
    ['client_credentials', {}],
    ['client_credentials', { ...credentials, endpoint: 'x' }],
    ['client_credentials', { ...credentials, scope: 'x'.repeat(1025) }],
    ['client_credentials', { ...credentials, response_type: 'x'.repeat(65) }],
    ['client_credentials', { ...credentials, token_request_type: 'JSON' }],
  ];
  it.each(wrong)('with %s = %j is refused', async (field, value) => {
    expect(await create({ [field]: value })).toMatchObject({
      status: 400,
      body: { error: { status: 'INVALID_ARGUMENT' } },
    });
    expect(await list()).toEqual([]);
  });

  it('takes a target of 742 characters, and needs an app that exists in the region', async () => {
    const target = `https://acme.example/${'x'.repeat(721)}`;
    expect(target).toHaveLength(742);
    expect((await create({ target })).status).toBe(200);
    expect((await create({ app_id: '01JCZK8Q6YV1N3W5R7T9ABCDEF' })).status).toBe(404);
    const elsewhere = await bench.sinch('POST', `/sinch/us/v1/projects/${PROJECT}/webhooks`, {
      app_id: app,
      target: TARGET,
    });
    expect(elsewhere.status).toBe(404);
  });

  it('has a target of its own within its app', async () => {
    const first = await create();
    expect((await create()).status).toBe(400);
    const second = await create({ target: `${TARGET}/2` });
    const path = `${HOOKS}/${second.body.id as string}`;
    expect((await bench.sinch('PATCH', path, { target: TARGET })).status).toBe(400);
    expect((await bench.sinch('PATCH', `${path}?update_mask=triggers`, { target: TARGET, triggers: [] })).status).toBe(
      200,
    );
    await bench.sinch('DELETE', `${HOOKS}/${first.body.id as string}`);
    expect((await bench.sinch('PATCH', path, { target: TARGET })).body.target).toBe(TARGET);
  });

  it('is one of at most five, by knob', async () => {
    for (let n = 1; n <= 5; n += 1) expect((await create({ target: `${TARGET}/${n}` })).status).toBe(200);
    expect((await create()).status).toBe(400);
    bench.sandbox.setKnobs({ sinch: { webhookCap: 6 } });
    expect((await create()).status).toBe(200);
  });

  it('is updated by mask; its target must be in the body all the same', async () => {
    const made = await create({ secret: 'hmac', client_credentials: credentials, triggers: ['OPT_IN'] });
    expect(made.body.client_credentials).toMatchObject({ token_request_type: 'BASIC' });
    const path = `${HOOKS}/${made.body.id as string}`;
    expect((await bench.sinch('PATCH', `${path}?update_mask=secret`, { secret: 'x' })).status).toBe(400);
    const cleared = await bench.sinch('PATCH', `${path}?update_mask=secret,client_credentials`, {
      target: TARGET,
      secret: '',
      client_credentials: null,
    });
    expect(cleared.body).toMatchObject({ secret: '', client_credentials: null, triggers: ['OPT_IN'] });
    expect((await bench.sinch('PATCH', `${path}?update_mask=app_id`, { target: TARGET })).status).toBe(400);
  });

  it('has a target of its own within its app, unless a knob says otherwise', async () => {
    expect((await create()).status).toBe(200);
    expect((await create()).status).toBe(400);
    bench.sandbox.setKnobs({ sinch: { webhookTargets: 'free' } });
    expect((await create()).status).toBe(200);
    expect((await list()).map(({ target }) => target)).toEqual([TARGET, TARGET]);
  });

  it('takes another target, unless a knob says otherwise, and its own in any case', async () => {
    const { id } = (await create()).body;
    const patch = (target: string): Promise<Answer> =>
      bench.sinch('PATCH', `${HOOKS}/${id as string}?update_mask=target,secret`, { target, secret: 'new' });
    expect((await patch(`${TARGET}/moved`)).status).toBe(200);
    bench.sandbox.setKnobs({ sinch: { webhookTargetChange: 'refused' } });
    expect((await patch(TARGET)).status).toBe(400);
    expect((await patch(`${TARGET}/moved`)).status).toBe(200);
    expect((await list()).map(({ target }) => target)).toEqual([`${TARGET}/moved`]);
  });

  it('hides its secrets and lags in the list by knob', async () => {
    bench.sandbox.setKnobs({ sinch: { listLagMs: 1000, secrets: 'masked' } });
    const made = await create({ secret: 'hmac', client_credentials: credentials });
    expect(made.body).toMatchObject({ secret: '****', client_credentials: { client_id: 'c', client_secret: '****' } });
    expect(await list()).toEqual([]);
    bench.sandbox.clock.advance(1000);
    expect(await list()).toHaveLength(1);
    bench.sandbox.setKnobs({ sinch: { secrets: 'absent' } });
    expect((await list())[0]).not.toHaveProperty('secret');
  });

  it('is not listed without its app', async () => {
    expect((await bench.sinch('GET', HOOKS)).status).toBe(404);
    expect((await bench.sinch('GET', `${SINCH_EU}/apps/01JCZK8Q6YV1N3W5R7T9ABCDEF/webhooks`)).status).toBe(404);
  });
});

describe('access', () => {
  const APPS = `${SINCH_EU}/apps`;
  const ask = (authorization: string, body = 'grant_type=client_credentials'): Promise<Answer> =>
    bench.raw('POST', SINCH_TOKEN, body, { ...FORM, authorization });
  const get = (authorization: string, path = APPS): Promise<Answer> =>
    bench.raw('GET', path, undefined, { authorization });

  it('is by a token of about an hour', async () => {
    expect((await ask(sinchBasic())).body).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
    expect((await ask(sinchBasic('sandbox-key', 'wrong'))).body.error).toBe('invalid_client');
    expect((await ask(sinchBasic(), 'grant_type=password')).status).toBe(400);
    bench.sandbox.setKnobs({ sinch: { token: { lifetimeSeconds: 10 } } });
    expect((await ask(sinchBasic())).body.expires_in).toBe(10);
  });

  it('ends with 401, and says expired only where that is so', async () => {
    const authorization = `Bearer ${await sinchToken(bench.sandbox)}`;
    expect((await get(authorization)).status).toBe(200);
    bench.sandbox.clock.advance(3_600_000);
    const expired = await get(authorization);
    expect(expired).toMatchObject({ status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } });
    expect(expired.headers['www-authenticate']).toContain('expired');
    for (const wrong of ['Bearer nonsense', 'nonsense']) {
      const refused = await get(wrong);
      expect(refused.status).toBe(401);
      expect(refused.headers['www-authenticate']).not.toContain('expired');
    }
    const fresh = `Bearer ${await sinchToken(bench.sandbox)}`;
    bench.sandbox.revokeTokens();
    expect((await get(fresh)).status).toBe(401);
  });

  it('is also by Basic authentication, with a limit by knob', async () => {
    expect((await get(sinchBasic())).status).toBe(200);
    expect((await get(sinchBasic('sandbox-key', 'wrong'))).status).toBe(401);
    bench.sandbox.setKnobs({ sinch: { basicRequestsPerSecond: 1 } });
    expect([(await get(sinchBasic())).status, (await get(sinchBasic())).status]).toEqual([200, 429]);
  });

  it('is to the projects of the key', async () => {
    const authorization = `Bearer ${await sinchToken(bench.sandbox)}`;
    const other = APPS.replace(PROJECT, '11111111-1111-4111-8111-111111111111');
    expect((await get(authorization, other)).body).toMatchObject({ error: { code: 403, status: 'UNAUTHORIZED' } });
    bench.sandbox.setKnobs({ sinch: { projects: ['11111111-1111-4111-8111-111111111111'] } });
    expect((await get(authorization, other)).status).toBe(200);
  });

  it('is limited per second, with Retry-After by knob', async () => {
    bench.sandbox.setKnobs({ sinch: { requestsPerSecond: 2 } });
    bench.sandbox.clock.advance(1000);
    const authorization = `Bearer ${await sinchToken(bench.sandbox)}`;
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await get(authorization)).status);
    expect(statuses).toContain(429);
    bench.sandbox.setKnobs({ sinch: { retryAfter: 'present', requestsPerSecond: 0.001 } });
    await get(authorization);
    const refused = await get(authorization);
    expect(refused).toMatchObject({ status: 429, body: { error: { status: 'RESOURCE_EXHAUSTED' } } });
    expect(refused.headers['retry-after']).toBe('1');
  });

  it('has a bucket of 30 tokens that refills by 10 a second', async () => {
    bench.sandbox.setKnobs({ sinch: { token: { bucket: { refillPerSecond: 0 } } } });
    bench.sandbox.reset({ keepKnobs: true });
    const statuses = [];
    for (let n = 0; n < 31; n += 1) statuses.push((await ask(sinchBasic())).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(30);
    const refused = await ask(sinchBasic());
    expect(refused.status).toBe(429);
    expect(refused.headers).not.toHaveProperty('retry-after');
    bench.sandbox.setKnobs({ sinch: { token: { bucket: { refillPerSecond: 10 } } } });
    bench.sandbox.clock.advance(100);
    expect((await ask(sinchBasic())).status).toBe(200);
    bench.sandbox.setKnobs({ sinch: { token: { bucket: { enabled: false, refillPerSecond: 0 } } } });
    for (let n = 0; n < 3; n += 1) expect((await ask(sinchBasic())).status).toBe(200);
  });
});
