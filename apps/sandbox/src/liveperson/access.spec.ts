import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { type Answer, useSandbox } from '../testing/client.js';
import { ACCOUNT, HANDOFF_ACCOUNT, livepersonClient, textIn } from '../testing/liveperson.js';
import type { LivePersonKnobs } from './knobs.js';

const bench = useSandbox();
const client = livepersonClient(bench);
const knobs = (changes: Partial<LivePersonKnobs>): unknown => bench.sandbox.setKnobs({ liveperson: changes });
const domain = (path: string, account = ACCOUNT): Promise<Answer> =>
  bench.raw('GET', `/api/account/${account}/service${path}`);
const login = (body: JsonObject, account = ACCOUNT): Promise<Answer> =>
  bench.raw('POST', `/api/account/${account}/login?v=1.3`, body);
const admin = { username: 'admin', password: 'sandbox-lp-password' };

describe('the Domain API', () => {
  it('tells one service by its exact name, at the address of the call', async () => {
    const { status, body } = await domain('/sentinel/baseURI.json?version=1.0');
    expect({ status, body }).toEqual({
      status: 200,
      body: { service: 'sentinel', account: ACCOUNT, baseURI: 'localhost' },
    });
    const elsewhere = await bench.raw(
      'GET',
      `/liveperson/api/account/${ACCOUNT}/service/idp/baseURI.json?version=1.0`,
      undefined,
      {
        host: '127.0.0.1:7070',
      },
    );
    expect(elsewhere.body.baseURI, 'also under the prefix, with the port').toBe('127.0.0.1:7070');
    expect((await domain('/Sentinel/baseURI.json?version=1.0')).status).toBe(404);
  });

  it('tells all services', async () => {
    const { baseURIs } = (await domain('/baseURI.json?version=1.0')).body;
    expect((baseURIs as JsonObject[]).map(({ service }) => service)).toEqual([
      'accountConfigReadWrite',
      'accountConfigReadOnly',
      'sentinel',
      'agentVep',
      'idp',
      'asyncMessagingEnt',
    ]);
  });

  it('leaves out a service', async () => {
    knobs({ missingServices: ['accountConfigReadWrite'] });
    expect((await domain('/accountConfigReadWrite/baseURI.json?version=1.0')).status).toBe(404);
    expect((await domain('/baseURI.json?version=1.0')).text).not.toContain('accountConfigReadWrite');
  });

  it('refuses an account that is not there, and a call without its version', async () => {
    expect((await domain('/sentinel/baseURI.json?version=1.0', '999')).status).toBe(404);
    for (const unknownAccount of [400, 401, 500] as const) {
      knobs({ unknownAccount });
      expect((await domain('/baseURI.json?version=1.0', '999')).status).toBe(unknownAccount);
    }
    expect((await domain('/baseURI.json')).status).toBe(400);
  });

  it('knows the accounts that it is told', async () => {
    knobs({ accounts: ['55'] });
    expect((await domain('/baseURI.json?version=1.0', '55')).status).toBe(200);
    expect((await domain('/baseURI.json?version=1.0')).status).toBe(404);
  });
});

describe('a login', () => {
  it('gives a bearer that installs, and where everything is', async () => {
    const answer = await login(admin);
    expect(answer).toMatchObject({
      status: 200,
      body: { config: { loginName: 'admin', isAdmin: true, isLPA: false } },
    });
    expect((answer.body.csdsCollectionResponse as JsonObject).baseURIs).toHaveLength(6);
    expect((await client.create({}, { bearer: textIn(answer, 'bearer') })).status).toBe(201);
  });

  it('opens its own account alone, for its time alone, until it is revoked', async () => {
    const bearer = textIn(await login(admin, HANDOFF_ACCOUNT), 'bearer');
    expect((await client.apps('GET', '', undefined, { bearer })).status).toBe(401);
    const own = textIn(await login(admin), 'bearer');
    bench.sandbox.clock.advance(3_599_000);
    expect((await client.apps('GET', '', undefined, { bearer: own })).status).toBe(200);
    bench.sandbox.clock.advance(2000);
    expect((await client.apps('GET', '', undefined, { bearer: own })).status).toBe(401);
    const next = textIn(await login(admin), 'bearer');
    expect(bench.sandbox.revokeTokens('liveperson')).toBeGreaterThan(0);
    expect((await client.apps('GET', '', undefined, { bearer: next })).status).toBe(401);
  });

  it.each([
    { reason: 'a wrong password', body: { ...admin, password: 'x' }, status: 401 },
    { reason: 'an unknown user', body: { ...admin, username: 'nobody' }, status: 401 },
    { reason: 'a field is missing', body: { username: 'admin' }, status: 400 },
    { reason: 'a blocked user', body: { ...admin, username: 'blocked' }, status: 451 },
  ])('is refused: $reason', async ({ body, status }) => {
    expect((await login(body)).status).toBe(status);
  });

  it('is refused in an account that is not there', async () => {
    expect((await login(admin, '999')).status).toBe(401);
  });

  it('may come only so often', async () => {
    knobs({ loginIntervalMs: 5000 });
    expect((await login(admin)).status).toBe(200);
    expect((await login(admin)).status).toBe(429);
    bench.sandbox.clock.advance(5000);
    expect((await login(admin)).status).toBe(200);
  });
});

describe('the way to the installations', () => {
  it.each([
    { reason: 'no administrator', options: { bearer: 'sandbox-lp-agent-bearer' }, status: 403 },
    { reason: 'an unknown bearer', options: { bearer: 'x' }, status: 401 },
    { reason: 'a name that every object has', options: { bearer: 'constructor' }, status: 401 },
    { reason: 'no bearer', options: { headers: { authorization: '' } }, status: 401 },
    { reason: 'an unknown account', options: { account: '999' }, status: 401 },
    { reason: 'an account that has no install API', options: { account: HANDOFF_ACCOUNT }, status: 403 },
    { reason: 'a version that is not there', options: { v: '3.0' }, status: 400 },
  ])('is closed: $reason', async ({ options, status }) => {
    expect((await client.apps('GET', '', undefined, options)).status).toBe(status);
  });

  it('is closed when the fixed bearers have expired or the API is not there', async () => {
    knobs({ fixedBearers: 'expired' });
    expect((await client.apps('GET')).status).toBe(401);
    knobs({ fixedBearers: 'valid', installApi: 'missing' });
    expect((await client.apps('GET')).status).toBe(404);
  });

  it('takes only so many calls', async () => {
    knobs({ requestsPerSecond: 1 });
    expect((await client.apps('GET')).status).toBe(200);
    const refused = await client.apps('GET');
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, undefined]);
    knobs({ retryAfter: 'present' });
    expect((await client.apps('GET')).headers['retry-after']).toBe('1');
    bench.sandbox.clock.advance(2000);
    expect((await client.apps('GET')).status).toBe(200);
  });

  it('leads nowhere else', async () => {
    expect((await bench.raw('GET', '/api/account/1/nothing')).status).toBe(404);
    expect((await bench.raw('GET', '/api/account/1/service/a/b')).status).toBe(404);
    expect(
      (await bench.raw('GET', `/api/account/${ACCOUNT}/configuration/app-install/installations/a/b?v=1.0`)).status,
    ).toBe(404);
    expect((await bench.raw('POST', '/sentinel/api/v2/account/1/nothing')).status).toBe(404);
    expect((await client.apps('PATCH', '/x')).status).toBe(405);
    expect((await client.apps('DELETE')).status).toBe(405);
  });
});

describe('the ledger', () => {
  it('names each call and holds no secret', async () => {
    await domain('/baseURI.json?version=1.0');
    await domain('/sentinel/baseURI.json?version=1.0');
    await login(admin);
    const webhooks = {
      'cqm.ExConversationChangeNotification': {
        endpoint: 'https://hooks.acme.example',
        headers: [{ header_name: 'X-Key', header_value: 'canary-header' }],
      },
    };
    const made = await client.create({ capabilities: { webhooks } });
    const id = textIn(made, 'id');
    const secret = textIn(made, 'client_secret');
    await client.apps('GET');
    await client.write('PUT', id, made.body);
    await client.token({ client_id: id, client_secret: secret });
    const query = new URLSearchParams({ client_id: id, client_secret: secret, grant_type: 'client_credentials' });
    await bench.raw('POST', `/sentinel/api/account/${ACCOUNT}/app/token?${query.toString()}`, '');
    await bench.raw('GET', '/sentinel/well-known/jwks');
    await client.write('DELETE', id);
    const calls = bench.sandbox.state().ledger.filter(({ vendor }) => vendor === 'liveperson');
    expect(calls.map(({ resource, operation }) => `${resource} ${operation}`)).toEqual([
      ...['domain list', 'domain get', 'login token', 'app create', 'app list', 'app get', 'app update'],
      ...['token token', 'token token', 'jwks get', 'app get', 'app delete'],
    ]);
    expect(calls.filter(({ applied }) => applied).map(({ objectId, operation }) => [objectId, operation])).toEqual([
      [id, 'create'],
      [id, 'update'],
      [id, 'delete'],
    ]);
    const text = JSON.stringify(calls);
    for (const canary of [secret, 'canary-header', 'sandbox-lp-password', 'sandbox-lp-bearer']) {
      expect(text).not.toContain(canary);
    }
  });
});
