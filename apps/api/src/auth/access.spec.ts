import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '#libs/config/api-keys.js';
import { createLogger } from '#libs/logging/index.js';
import { Metrics } from '../health/metrics.js';
import { createHttpServer } from '../server/http-server.js';
import { apiKey, startApp, type RawAnswer, type TestedApp, type TestedRoute } from '../testing/app.fixture.js';
import { accessOf } from './access.js';
import { SPELLINGS } from './spellings.fixture.js';

const WHOLE = 'gwk_may-do-everything-for-every-tenant';
const SCOPELESS = 'gwk_is-known-and-may-do-nothing';
const FOREIGN = 'gwk_may-do-everything-for-another-tenant';
const ORIGIN = 'http://127.0.0.1:8233';

const apiKeys = [
  apiKey(WHOLE, { id: 'whole', scopes: [...SCOPES] }),
  apiKey(SCOPELESS, { id: 'scopeless' }),
  apiKey(FOREIGN, { id: 'foreign', tenants: ['other'], scopes: [...SCOPES] }),
];

/** Asked for by its plain spelling; an id names an account of the tenant acme. */
function plainPath({ url }: TestedRoute): string {
  const id = url.startsWith('/v1/plans/') ? 'b0f4d1c2-6d3b-4c1e-9a57-2f8e0c7d9b14' : 'acme.support';
  return url.replace(':id', id).replace(':name', 'nightly').replace(':file', 'swagger-ui.css');
}

function ask(app: TestedApp, { method }: TestedRoute, path: string, key: string | null): Promise<RawAnswer> {
  const takesBody = method === 'POST' || method === 'PUT';
  return app.send({ method, path, key, ...(takesBody ? { body: '{"tenant":"acme","payloads":[]}' } : {}) });
}

/** Refused, or not there: never anything that the plain spelling does not give. */
function isWorse(status: number): boolean {
  return status >= 400 && status < 500;
}

async function betterThanPlain(app: TestedApp, key: string | null): Promise<string[]> {
  const found: string[] = [];
  // One route after the other: all at once are more connections than the system lets wait.
  for (const route of app.routes) {
    const path = plainPath(route);
    const plain = await ask(app, route, path, key);
    const answers = await Promise.all(
      SPELLINGS.map(async ({ name, of }) => ({ name, answer: await ask(app, route, of(path), key) })),
    );
    const better = answers.filter(({ answer }) => answer.status !== plain.status && !isWorse(answer.status));
    found.push(
      ...better.map(({ name, answer }) => `${route.method} ${path}, ${name}: ${answer.status} not ${plain.status}`),
    );
  }
  return found;
}

describe.each([
  { where: 'on loopback, where the Temporal UI needs no key', loopback: true, codecOpen: true },
  { where: 'on any other address', loopback: false, codecOpen: false },
])('the API $where', ({ loopback, codecOpen }) => {
  let app: TestedApp;
  beforeAll(async () => {
    app = await startApp({ apiKeys, loopback, codecOpen, codecOrigins: [ORIGIN] });
  });
  afterAll(() => app.close());

  it('has routes of each kind: else the cases below prove nothing', () => {
    const urls = app.routes.map(({ method, url }) => `${method} ${url}`);
    expect(urls).toEqual(
      expect.arrayContaining([
        'GET /healthz',
        'GET /metrics',
        'GET /docs/:file',
        'GET /v1/onboardings/:id',
        'HEAD /v1/accounts/:id/credentials',
        'POST /v1/codec/decode',
        'OPTIONS /v1/codec/decode',
      ]),
    );
  });

  it('refuses everything of /v1 without a key, and without a scope', async () => {
    const closed = app.routes.filter(({ method, url }) => url.startsWith('/v1/') && method !== 'OPTIONS');
    const statuses = async (key: string | null): Promise<number[]> =>
      Promise.all(closed.map(async (route) => (await ask(app, route, plainPath(route), key)).status));
    expect(new Set(await statuses(null))).toEqual(new Set([401]));
    expect(new Set(await statuses(SCOPELESS))).toEqual(new Set([403]));
  });

  it('lets in who has the scope', async () => {
    for (const route of app.routes) {
      const { status } = await ask(app, route, plainPath(route), WHOLE);
      expect([401, 404, 405], `${route.method} ${route.url}`).not.toContain(status);
    }
  });

  it.each([
    { who: 'nobody', key: null },
    { who: 'a wrong key', key: 'gwk_wrong' },
    { who: 'a key without a scope', key: SCOPELESS },
    { who: 'a key of another tenant', key: FOREIGN },
  ])('gives $who nothing more for another spelling', async ({ key }) => {
    expect(await betterThanPlain(app, key)).toEqual([]);
  });

  it.each([
    { reason: 'a page of another site', headers: { origin: 'http://evil.example' } },
    { reason: 'a name that resolves to this machine', headers: { origin: ORIGIN, host: 'evil.example' } },
  ])('keeps the codec from $reason in each spelling', async ({ headers }) => {
    for (const { name, of } of [{ name: 'plain', of: (path: string) => path }, ...SPELLINGS]) {
      const path = of('/v1/codec/decode');
      const { status } = await app.send({ method: 'POST', path, headers, body: '{"payloads":[]}' });
      expect(isWorse(status), `${name}: ${status}`).toBe(true);
    }
  });
});

it('counts a request in each spelling', async () => {
  const rateLimit = { requests: 1, windowMs: 3_600_000 };
  const app = await startApp({ apiKeys, loopback: false, rateLimit });
  const counted = app.routes.filter(({ url }) => url !== '/healthz' && url !== '/readyz' && !url.includes('codec'));
  await app.send({ path: '/docs', key: WHOLE });
  for (const route of counted) {
    expect((await ask(app, route, plainPath(route), WHOLE)).status, route.url).toBe(429);
    for (const { name, of } of SPELLINGS) {
      const { status } = await ask(app, route, of(plainPath(route)), WHOLE);
      expect([429, 404, 400], `${route.method} ${route.url}, ${name}`).toContain(status);
    }
  }
  await app.close();
});

describe('a handler that does not say who may call it', () => {
  @Controller()
  class Forgetful {
    @Get('v1/forgotten')
    read(): string {
      return 'secret';
    }
  }
  @Module({ controllers: [Forgetful] })
  class ForgetfulModule {}

  it('keeps the API from starting', async () => {
    const logger = createLogger({ level: 'silent', service: 'api', pretty: false });
    const metrics = new Metrics(
      () => 0,
      () => Promise.resolve(new Map()),
      () => Promise.resolve(0),
    );
    const server = createHttpServer({ logger, metrics, onRequest: () => Promise.resolve() });
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- as in api.ts
    const app = await NestFactory.create(ForgetfulModule, server, {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    });
    await expect(app.init()).rejects.toThrow('GET /v1/forgotten does not say who may call it');
  });

  it('is open to nobody, should it be there all the same', () => {
    const request = { is404: false, routeOptions: { config: {} } } as Parameters<typeof accessOf>[0];
    expect(accessOf(request)).toBeUndefined();
  });
});
