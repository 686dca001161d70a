import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditFile, AuditLine } from '#libs/audit/index.js';
import { SCOPES } from '#libs/config/api-keys.js';
import { apiKey, startApp, type RawRequest, type TestedApp } from '../testing/app.fixture.js';
import { AuditLog } from './audit-log.js';

const KEY = 'gwk_may-do-everything';
const READER = 'gwk_reads';
const settings = {
  apiKeys: [
    apiKey(KEY, { id: 'tester', tenants: ['acme'], scopes: [...SCOPES] }),
    apiKey(READER, { id: 'reader', scopes: ['onboardings:read'] }),
  ],
  codecOpen: true,
  codecOrigins: ['http://127.0.0.1:8233'],
};
const UI = { origin: 'http://127.0.0.1:8233' };
const REASON = '{"reason":"the customer left"}';

let app: TestedApp;
let lines: AuditLine[];
beforeEach(async () => {
  lines = [];
  app = await startApp(settings, { audit: new AuditLog({ log: (line) => lines.push(line), file: undefined }) });
});
afterEach(() => app.close());

describe('what is put on record', () => {
  it.each<{ what: string; request: RawRequest; line: Partial<AuditLine> }>([
    {
      what: 'a command, with its reason',
      request: { method: 'POST', path: '/v1/onboardings/acme.a/cancel?runId=r-1', key: KEY, body: REASON },
      line: {
        caller: 'tester',
        address: '127.0.0.1',
        route: 'POST /v1/onboardings/:id/cancel',
        id: 'acme.a',
        runId: 'r-1',
        result: 'engine-unavailable',
        reason: 'the customer left',
      },
    },
    {
      what: 'a start that is refused, by the account that its spec names',
      request: { method: 'POST', path: '/v1/onboardings', key: KEY, body: '{"tenant":"acme","account":"a"}' },
      line: { caller: 'tester', route: 'POST /v1/onboardings', id: 'acme.a', result: 'invalid-spec', reason: null },
    },
    {
      what: 'a schedule that is taken away',
      request: { method: 'DELETE', path: '/v1/reconciliation-schedules/nightly', key: KEY },
      line: { caller: 'tester', route: 'DELETE /v1/reconciliation-schedules/:name', id: 'nightly' },
    },
    {
      what: 'a run over many accounts that is stopped',
      request: {
        method: 'POST',
        path: '/v1/reconciliations/nightly-2026-11-21T03:30:00Z/cancel',
        key: KEY,
        body: REASON,
      },
      line: {
        caller: 'tester',
        route: 'POST /v1/reconciliations/:id/cancel',
        id: 'nightly-2026-11-21T03:30:00Z',
        reason: 'the customer left',
      },
    },
    {
      what: 'a look at what vendors issued',
      request: { path: '/v1/accounts/acme.a/credentials', key: KEY },
      line: { caller: 'tester', route: 'GET /v1/accounts/:id/credentials', id: 'acme.a', result: 'engine-unavailable' },
    },
    {
      what: 'a hand-off that is given out',
      request: { path: '/v1/onboardings/acme.a/handoff', key: KEY },
      line: { caller: 'tester', route: 'GET /v1/onboardings/:id/handoff', id: 'acme.a', result: 'engine-unavailable' },
    },
    {
      what: 'a call of the codec, also by a page without a key',
      request: { method: 'POST', path: '/v1/codec/decode', headers: UI, body: '{"payloads":[{},{}]}' },
      line: { caller: '*', route: 'POST /v1/codec/decode', result: 'ok', reason: '2 payloads, 0 of other tenants' },
    },
    {
      what: 'a call without a key, by its route and not by its spelling',
      request: { path: '/v1/%6fnboardings/acme.a?key=gwk_secret' },
      line: {
        caller: null,
        route: 'GET /v1/onboardings/:id',
        id: 'acme.a',
        result: 'unauthorized',
        reason: 'no-credentials',
      },
    },
    {
      what: 'a wrong key',
      request: { path: '/v1/accounts', key: 'gwk_wrong' },
      line: { caller: null, route: 'GET /v1/accounts', result: 'unauthorized', reason: 'unknown-key' },
    },
    {
      what: 'a missing scope',
      request: { method: 'POST', path: '/v1/onboardings/acme.a/cancel', key: READER, body: REASON },
      line: { caller: 'reader', id: 'acme.a', result: 'missing-scope', reason: 'missing-scope' },
    },
    {
      what: 'a tenant that is not covered',
      request: { method: 'POST', path: '/v1/plans', key: KEY, body: '{"tenant":"globex","account":"a"}' },
      line: { caller: 'tester', id: 'globex.a', result: 'tenant-not-allowed', reason: 'tenant-not-allowed' },
    },
    {
      what: 'an object of another tenant, which the caller is told is not there',
      request: { path: '/v1/onboardings/globex.a', key: KEY },
      line: { caller: 'tester', id: 'globex.a', result: 'not-found', reason: 'other-tenant' },
    },
  ])('$what', async ({ request, line }) => {
    await app.send(request);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject(line);
    expect(JSON.stringify(lines)).not.toMatch(/gwk_/);
  });

  it('is no reading, no plan, no probe and no unknown address', async () => {
    const requests: RawRequest[] = [
      { path: '/v1/onboardings', key: KEY },
      { path: '/v1/onboardings/acme.a', key: KEY },
      { path: '/v1/onboardings/acme..', key: KEY },
      { path: '/v1/nowhere', key: KEY },
      { path: '/readyz' },
      { path: '/docs' },
      { method: 'POST', path: '/v1/plans?offline=true', key: KEY, body: '{"tenant":"acme"}' },
      { method: 'OPTIONS', path: '/v1/codec/decode', headers: UI },
    ];
    for (const request of requests) await app.send(request);
    expect(lines).toEqual([]);
  });

  it('is every route that changes something, unless it says otherwise', async () => {
    const changing = app.routes.filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method));
    const silent: string[] = [];
    for (const { method, url } of changing) {
      lines = [];
      await app.send({ method, path: url.replace(':id', 'acme.a'), key: KEY, body: '{"payloads":[]}' });
      if (lines.length === 0) silent.push(url);
    }
    expect(silent).toEqual(['/v1/plans']);
  });

  it('is no secret of a body, and no endless reason', async () => {
    const secret = JSON.stringify({ clientId: 'id-canary', clientSecret: 'secret-canary' });
    await app.send({ method: 'POST', path: '/v1/onboardings/acme.a/handoff', key: KEY, body: secret });
    const long = JSON.stringify({ rejected: 'r'.repeat(100_000) });
    await app.send({ method: 'POST', path: '/v1/onboardings/acme.a/handoff', key: KEY, body: long });
    expect(JSON.stringify(lines)).not.toContain('canary');
    expect(lines.map(({ reason }) => reason?.length ?? 0)).toEqual([0, 500]);
  });

  it('is not a call beyond the limit: it may be repeated at any rate', async () => {
    const limited = await startApp(
      { ...settings, rateLimit: { requests: 1, windowMs: 3_600_000 } },
      { audit: new AuditLog({ log: (line) => lines.push(line), file: undefined }) },
    );
    for (let i = 0; i < 3; i += 1) {
      await limited.send({ method: 'POST', path: '/v1/onboardings', key: KEY, body: '{"tenant":"acme"}' });
    }
    expect(lines.map(({ result }) => result)).toEqual(['invalid-spec']);
    await limited.close();
  });
});

it('counts who is kept out, by reason', async () => {
  await app.send({ path: '/v1/accounts' });
  await app.send({ path: '/v1/accounts', key: 'gwk_wrong' });
  await app.send({ path: '/v1/accounts', key: READER });
  await app.send({ path: '/v1/onboardings/globex.a', key: KEY });
  const { text } = await app.send({ path: '/metrics' });
  for (const labels of [
    'status="401",reason="no-credentials"',
    'status="401",reason="unknown-key"',
    'status="403",reason="missing-scope"',
    'status="404",reason="other-tenant"',
  ]) {
    expect(text).toContain(`gangway_http_refusals_total{${labels}} 1`);
  }
});

it('gives no answer that cannot be put on record', async () => {
  const full = {
    append: () => {
      throw new Error('ENOSPC');
    },
    close: () => undefined,
  } as unknown as AuditFile;
  const blind = await startApp(settings, { audit: new AuditLog({ log: (line) => lines.push(line), file: full }) });
  const asked = { method: 'POST', path: '/v1/codec/decode', key: KEY, body: '{"payloads":[{"data":"c2VjcmV0"}]}' };
  const { status, text } = await blind.send(asked);
  expect([status, text.includes('c2VjcmV0')]).toEqual([500, false]);
  expect((await blind.send({ path: '/healthz' })).status).toBe(200);
  expect((await blind.send({ path: '/v1/accounts' })).status, 'a refusal gives nothing out').toBe(401);
  expect((await blind.send({ path: '/metrics' })).text).toContain('gangway_audit_failures_total 2');
  await blind.close();
});

describe('the address of a caller', () => {
  const forwarded = { 'x-forwarded-for': '198.51.100.7, 203.0.113.9' };
  it.each([
    { reason: 'no proxy is believed', trustProxy: [], address: '127.0.0.1' },
    { reason: 'the proxy is, and its own is not', trustProxy: ['127.0.0.1'], address: '203.0.113.9' },
    { reason: 'another one is', trustProxy: ['192.0.2.0/24'], address: '127.0.0.1' },
  ])('is that of the connection, or what a proxy says: $reason', async ({ trustProxy, address }) => {
    const behind = await startApp(
      { ...settings, trustProxy },
      { audit: new AuditLog({ log: (line) => lines.push(line), file: undefined }) },
    );
    await behind.send({ path: '/v1/accounts', headers: forwarded });
    expect(lines).toMatchObject([{ address }]);
    await behind.close();
  });
});
