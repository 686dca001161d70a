import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document, KEY, openTo, startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let api: ApiUnderTest;
let narrow: ApiUnderTest;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  api = await startApi(engine, { codecOpen: true, codecOrigins: ['http://127.0.0.1:8233'] });
  narrow = await startApi(engine, {
    ...openTo(KEY, 'narrow', { tenants: ['callers-acme'], scopes: ['onboardings:read', 'onboardings:write'] }),
    rateLimit: { requests: 8, windowMs: 3_600_000 },
    loopback: false,
  });
});
afterAll(async () => {
  await api.close();
  await narrow.close();
  await engine.stop();
});

describe('who may ask', () => {
  it.each([
    ['nobody', null],
    ['a wrong key', 'gwk_wrong'],
  ])('%s is refused, before the body is read', async (_, key) => {
    const { status, headers, body } = await api.call('POST', '/v1/onboardings', { key, body: '{' });
    expect([status, body['type']]).toEqual([401, 'https://gangway.dev/problems/unauthorized']);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it('a key without the scope is refused, and another tenant looks absent', async () => {
    const scope = await narrow.call('POST', '/v1/onboardings/callers-acme.a/cancel', { body: { reason: 'x' } });
    expect([scope.status, scope.body['type']]).toEqual([403, 'https://gangway.dev/problems/missing-scope']);
    const foreign = minimalEgainSpec({ tenant: 'callers-other', account: 'a' });
    await api.start(document(engine, foreign));
    const seen = await narrow.call('GET', '/v1/onboardings/callers-other.a');
    const absent = await narrow.call('GET', '/v1/onboardings/callers-other.b');
    expect([seen.status, absent.status]).toEqual([404, 404]);
    expect(seen.body['type']).toBe(absent.body['type']);
    const start = await narrow.start(document(engine, foreign));
    expect([start.status, start.body['type']]).toEqual([403, 'https://gangway.dev/problems/tenant-not-allowed']);
    expect((await narrow.call('GET', '/v1/onboardings')).body['items']).toEqual([]);
    await api.call('POST', '/v1/onboardings/callers-other.a/cancel', { body: { reason: 'the test is over' } });
  });

  it('descriptions are open on loopback, else for any valid key; probes for all', async () => {
    for (const path of ['/openapi.json', '/docs', '/docs/swagger-ui.css', '/metrics', '/healthz', '/readyz']) {
      expect([path, (await api.call('GET', path, { key: null })).status]).toEqual([path, 200]);
    }
    expect((await narrow.call('GET', '/metrics', { key: null })).status).toBe(401);
    expect((await narrow.call('GET', '/healthz', { key: null })).status).toBe(200);
  });

  it('asking too often is refused with the time to wait; probes are not counted', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 10; i += 1) statuses.push((await narrow.call('GET', '/v1/onboardings/x.y')).status);
    expect(statuses.at(-1)).toBe(429);
    const { headers, body } = await narrow.call('GET', '/v1/onboardings/x.y');
    expect(body['type']).toBe('https://gangway.dev/problems/rate-limited');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await narrow.call('GET', '/healthz')).status).toBe(200);
  });
});

describe('what a key reaches', () => {
  const CONTROL = 'gwk_may-command-and-not-start';
  const READER = 'gwk_reads-of-one-tenant';
  let limited: ApiUnderTest;
  beforeAll(async () => {
    const keys = [
      ...openTo(CONTROL, 'control', { scopes: ['onboardings:control'] }).apiKeys,
      ...openTo(READER, 'reader', { tenants: ['callers-acme'], scopes: ['onboardings:read', 'accounts:read', 'codec'] })
        .apiKeys,
      ...openTo(KEY, 'tester').apiKeys,
    ];
    limited = await startApi(engine, { apiKeys: keys });
  });
  afterAll(() => limited.close());

  it('a corrected spec takes the right to start besides that to command', async () => {
    const retry = (body: object): ReturnType<ApiUnderTest['call']> =>
      limited.call('POST', '/v1/onboardings/callers-acme.none/retry', { key: CONTROL, body });
    expect((await retry({ reason: 'r' })).status).toBe(404);
    const { status, body } = await retry({ reason: 'r', spec: {} });
    expect([status, body['scope']]).toEqual([403, 'onboardings:write']);
  });

  it.each(['/v1/onboardings', '/v1/accounts'])(
    'a list of a tenant that is not its own is refused: %s',
    async (path) => {
      const foreign = await limited.call('GET', `${path}?tenant=callers-other`, { key: READER });
      expect([foreign.status, foreign.body['type']]).toEqual([403, 'https://gangway.dev/problems/tenant-not-allowed']);
      expect((await limited.call('GET', `${path}?tenant=callers-acme`, { key: READER })).status).toBe(200);
    },
  );

  it.each(['/v1/onboardings', '/v1/accounts'])('a cursor leads nowhere but on in its own list: %s', async (path) => {
    const accounts = ['one', 'two', 'three'];
    for (const account of accounts) {
      await limited.start(document(engine, minimalEgainSpec({ tenant: 'callers-paged', account })));
    }
    const page = async (query: string, key = KEY): Promise<{ status: number; cursor: string; items: unknown }> => {
      const { status, body } = await limited.call('GET', `${path}?${query}`, { key });
      return { status, cursor: body['nextCursor'] as string, items: body['items'] };
    };
    const { cursor } = await until(async () => {
      const first = await page('tenant=callers-paged&limit=2');
      return typeof first.cursor === 'string' ? first : undefined;
    }, 'a second page');
    expect((await page(`tenant=callers-paged&limit=2&cursor=${cursor}`)).items).toHaveLength(1);
    const forged = Buffer.from('{"a":1}').toString('base64url');
    for (const wrong of [
      `limit=2&cursor=${cursor}`,
      `tenant=callers-acme&cursor=${cursor}`,
      `tenant=callers-paged&chain=egain&cursor=${cursor}`,
      `tenant=callers-paged&cursor=${cursor.slice(0, -2)}`,
      `tenant=callers-paged&cursor=${forged}`,
      `tenant=callers-paged&cursor=${forged}.${cursor.split('.')[1] ?? ''}`,
      `cursor=`,
    ]) {
      expect([wrong, (await page(wrong)).status]).toEqual([wrong, 400]);
    }
    expect((await page(`cursor=${cursor}`, READER)).status).toBe(400);
    for (const account of accounts) {
      const path = `/v1/onboardings/callers-paged.${account}/cancel`;
      await limited.call('POST', path, { body: { reason: 'the test is over' } });
    }
  });

  it('the codec decodes what is of its tenants, and leaves the rest of the list as it is', async () => {
    const payloadsOf = async (tenant: string): Promise<object> => {
      await limited.start(document(engine, minimalEgainSpec({ tenant, account: 'kept' })));
      const { events } = await engine.client.workflow.getHandle(`account/${tenant}.kept`).fetchHistory();
      const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      const metadata = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value).toString('base64'),
      ]);
      return {
        metadata: Object.fromEntries(metadata) as object,
        data: Buffer.from(payload?.data ?? []).toString('base64'),
      };
    };
    const payloads = [await payloadsOf('callers-acme'), await payloadsOf('callers-globex')];
    const decode = async (key: string): Promise<{ data: string }[]> => {
      const { status, body } = await limited.call('POST', '/v1/codec/decode', { key, body: { payloads } });
      expect(status).toBe(200);
      return body['payloads'] as { data: string }[];
    };
    const clear = (payload: { data: string } | undefined): string =>
      Buffer.from(payload?.data ?? '', 'base64').toString('utf8');
    const [own, foreign] = await decode(READER);
    expect(clear(own)).toContain('"tenant":"callers-acme"');
    expect(foreign).toEqual(payloads[1]);
    const all = await decode(KEY).then((answers) => answers.map(clear));
    expect(all).toEqual([expect.stringContaining('callers-acme'), expect.stringContaining('callers-globex')]);
    for (const tenant of ['callers-acme', 'callers-globex']) {
      await limited.call('POST', `/v1/onboardings/${tenant}.kept/cancel`, { body: { reason: 'the test is over' } });
    }
  });
});

describe('what is refused before a handler', () => {
  it.each([
    ['GET', '/v1/nowhere', undefined, {}, 404, 'not-found'],
    ['PATCH', '/v1/onboardings', undefined, {}, 405, 'method-not-allowed'],
    ['POST', '/v1/onboardings', '{"a":', {}, 400, 'malformed-json'],
    ['POST', '/v1/onboardings', 'a: 1', { 'content-type': 'application/yaml' }, 415, 'unsupported-media-type'],
    ['POST', '/v1/onboardings', `{"a":"${'x'.repeat(2_100_000)}"}`, {}, 413, 'body-too-large'],
    ['POST', '/v1/onboardings', '[]', {}, 400, 'invalid-spec'],
    ['POST', '/v1/onboardings/a.b/cancel', '{}', {}, 400, 'invalid-request'],
    ['POST', '/v1/onboardings/a.b/cancel', '{"reason":"r","more":1}', {}, 400, 'invalid-request'],
    ['POST', '/v1/onboardings/a.b/cancel', `{"reason":"${'r'.repeat(501)}"}`, {}, 400, 'invalid-request'],
    ['GET', '/v1/onboardings?limit=0&status=odd', undefined, {}, 400, 'invalid-request'],
    ['GET', '/v1/onboardings?cursor=!', undefined, {}, 400, 'invalid-request'],
    ['GET', '/v1/onboardings/A.B', undefined, {}, 404, 'not-found'],
    ['POST', '/v1/onboardings', '', {}, 400, 'malformed-json'],
    ['POST', '/v1/onboardings', '{"tenant":"a","tenant":"b"}', {}, 400, 'invalid-request'],
    ['GET', '/v1/onboardings//', undefined, {}, 404, 'not-found'],
  ])('%s %s', async (method, path, body, headers, status, slug) => {
    const answer = await api.call(method, path, { ...(body === undefined ? {} : { body }), headers });
    expect([answer.status, answer.body['type']]).toEqual([status, `https://gangway.dev/problems/${slug}`]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body['traceId']).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    ['/v1/onboardings/Callers-Acme.A', 'There is no account Callers-Acme.A; ids are lower-case: callers-acme.a.'],
    ['/v1/onboardings/callers-acme.none', 'There is no onboarding of callers-acme.none.'],
    ['/v1/accounts/callers-acme.none', 'There is no account callers-acme.none.'],
    ['/v1/accounts/none', 'There is no account none.'],
    ['/v1/nowhere', 'There is nothing at this address.'],
  ])('what is not there is named so: %s', async (path, detail) => {
    const { status, body } = await api.call('GET', path);
    expect([status, body['title'], body['detail']]).toEqual([404, 'Not found', detail]);
  });

  it('a wrong method names the right ones', async () => {
    const { headers } = await api.call('PATCH', '/v1/onboardings');
    expect(headers.get('allow')).toMatch(/GET.*POST/);
  });
});

describe('the codec', () => {
  const origin = 'http://127.0.0.1:8233';
  const payloads = [{ metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data: 'InRleHQi' }];

  it("decodes for the UI's pages without a key, with CORS", async () => {
    const { status, headers, body } = await api.call('POST', '/v1/codec/decode?preserveStorageRefs=true', {
      key: null,
      body: { payloads },
      headers: { origin, 'x-namespace': inject('temporal').namespace },
    });
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(body['payloads']).toEqual(payloads);
  });

  it('answers the preflight', async () => {
    const { status, headers } = await api.call('OPTIONS', '/v1/codec/decode', { key: null, headers: { origin } });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-headers')).toContain('x-namespace');
    expect(headers.get('access-control-allow-methods')).toContain('POST');
  });

  it.each([
    ['another page', { origin: 'http://evil.example' }, null, 403],
    ['nobody', {}, null, 401],
    ['a key with the scope', {}, KEY, 200],
    ['another namespace', { origin, 'x-namespace': 'other' }, null, 400],
  ])('%s: %o', async (_, headers, key, status) => {
    const answer = await api.call('POST', '/v1/codec/decode', { key, body: { payloads }, headers });
    expect(answer.status).toBe(status);
  });

  it('does not encode', async () => {
    expect((await api.call('POST', '/v1/codec/encode', { body: { payloads } })).status).toBe(403);
  });

  it('takes up to 4 MiB', async () => {
    const data = Buffer.alloc(2_400_000).toString('base64');
    const large = [{ metadata: { encoding: Buffer.from('binary/plain').toString('base64') }, data }];
    const answer = await api.call('POST', '/v1/codec/decode', {
      key: null,
      body: { payloads: large },
      headers: { origin },
    });
    expect(answer.status).toBe(200);
  });
});

describe('without Temporal', () => {
  it('calls that need it are answered 503 with Retry-After', async () => {
    const away = await startApi(engine, {
      temporal: { address: '127.0.0.1:1', namespace: 'default', embedded: false, loopback: true },
      installation: 'away',
    });
    const spec = document(engine, minimalEgainSpec({ tenant: 'callers-away', account: 'a' }));
    for (const [method, path, body] of [
      ['POST', '/v1/onboardings', spec],
      ['GET', '/v1/onboardings/callers-away.a', undefined],
      ['GET', '/v1/onboardings', undefined],
      ['GET', '/readyz', undefined],
    ] as const) {
      const answer = await away.call(method, path, body === undefined ? {} : { body });
      expect([path, answer.status, answer.body['type']]).toEqual([
        path,
        503,
        'https://gangway.dev/problems/engine-unavailable',
      ]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await away.call('GET', '/healthz')).status).toBe(200);
    await away.close();
  });
});
