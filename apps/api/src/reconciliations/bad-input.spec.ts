import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCOPES } from '#libs/config/api-keys.js';
import type { Finding } from '#libs/fields/findings.js';
import { apiKey, startApp, type TestedApp } from '../testing/app.fixture.js';

const ALL = 'gwk_covers-all-tenants';
const ACME = 'gwk_covers-acme-and-globex';
const NOBODY = 'gwk_covers-no-tenant';
const READER = 'gwk_reads-only';
const scopes = [...SCOPES];

let app: TestedApp;
beforeAll(async () => {
  app = await startApp({
    apiKeys: [
      apiKey(ALL, { id: 'all', scopes }),
      apiKey(ACME, { id: 'acme', tenants: ['acme', 'globex'], scopes }),
      apiKey(NOBODY, { id: 'nobody', tenants: [], scopes }),
      apiKey(READER, { id: 'reader', scopes: ['reconciliations:read'] }),
    ],
  });
});
afterAll(() => app.close());

interface Answer {
  status: number;
  slug: string;
  errors: Finding[];
}

async function send(method: string, path: string, body?: unknown, key = ALL): Promise<Answer> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await app.send({ method, path, key, ...text });
  const problem = JSON.parse(answer.text) as { type: string; errors?: Finding[] };
  return { status: answer.status, slug: problem.type.split('/').at(-1) ?? '', errors: problem.errors ?? [] };
}

describe('a run that cannot be started', () => {
  it('is told everything that is wrong, with its place and the cure', async () => {
    const body = { mode: 'mend', tenant: 'A', chain: 'x', maxRepairs: -1, stopShare: 2, removeOrphan: true };
    const { status, slug, errors } = await send('POST', '/v1/reconciliations', body);
    expect([status, slug]).toEqual([400, 'invalid-request']);
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(
      ['/chain', '/maxRepairs', '/mode', '/removeOrphan', '/stopShare', '/tenant'].sort(),
    );
    expect(errors).toContainEqual({
      pointer: '/removeOrphan',
      message: 'is not a known field; did you mean removeOrphans?',
    });
  });

  it('is told of a missing tenant beside all else, where the key covers some', async () => {
    const { errors } = await send('POST', '/v1/reconciliations', { mode: 'mend' }, ACME);
    expect(errors).toEqual([
      { pointer: '/mode', message: 'must be observe or repair' },
      { pointer: '/tenant', message: 'is missing: your key covers some tenants, so name one of acme, globex' },
    ]);
  });

  it('is refused for a key of no tenant at all, whatever it names', async () => {
    expect((await send('POST', '/v1/reconciliations', { mode: 'observe' }, NOBODY)).errors).toEqual([
      { pointer: '/tenant', message: expect.stringContaining('this key has none') as string },
    ]);
    const named = await send('POST', '/v1/reconciliations', { mode: 'observe', tenant: 'acme' }, NOBODY);
    expect([named.status, named.slug]).toEqual([403, 'tenant-not-allowed']);
  });

  it('is refused for a tenant that the key does not cover, once nothing else is wrong', async () => {
    const { status, slug } = await send('POST', '/v1/reconciliations', { mode: 'observe', tenant: 'umbrella' }, ACME);
    expect([status, slug]).toEqual([403, 'tenant-not-allowed']);
  });

  it.each([
    { method: 'POST', path: '/v1/reconciliations', reason: 'starting' },
    { method: 'POST', path: '/v1/reconciliations/adhoc.1/cancel', reason: 'stopping' },
    { method: 'PUT', path: '/v1/reconciliation-schedules/nightly', reason: 'setting a schedule' },
    { method: 'DELETE', path: '/v1/reconciliation-schedules/nightly', reason: 'taking one away' },
    { method: 'GET', path: '/v1/reconciliation-schedules', reason: 'reading schedules' },
  ])('takes another scope than reading runs does: $reason', async ({ method, path }) => {
    const body = method === 'POST' || method === 'PUT' ? {} : undefined;
    const { status, slug } = await send(method, path, body, READER);
    expect([status, slug]).toEqual([403, 'missing-scope']);
  });
});

describe('a list that cannot be read', () => {
  it.each([
    { query: 'status=done', pointer: '/status' },
    { query: 'schedule=Nightly', pointer: '/schedule' },
    { query: 'tenant=A', pointer: '/tenant' },
    { query: 'limit=0', pointer: '/limit' },
    { query: 'limit=201', pointer: '/limit' },
    { query: 'cursor=abc', pointer: '/cursor' },
    { query: 'mode=observe', pointer: '/mode' },
  ])('says why: ?$query', async ({ query, pointer }) => {
    const { status, errors } = await send('GET', `/v1/reconciliations?${query}`);
    expect([status, errors.map((error) => error.pointer)]).toEqual([400, [pointer]]);
  });

  it('is refused for a tenant that the key does not cover', async () => {
    const { slug } = await send('GET', '/v1/reconciliations?tenant=umbrella', undefined, ACME);
    expect(slug).toBe('tenant-not-allowed');
  });
});

describe('a schedule that cannot be set', () => {
  it('is told everything that is wrong, its name too', async () => {
    const body = { cron: '0 30 3 * * *', timezone: 'Mars/Olympus', jitter: '0s', stopShare: 0.5, mode: 'observe' };
    const { status, errors } = await send('PUT', '/v1/reconciliation-schedules/Nightly.', body, ACME);
    expect(status).toBe(400);
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(
      ['/cron', '/jitter', '/name', '/stopShare', '/tenant', '/timezone'].sort(),
    );
    expect(errors).toContainEqual({
      pointer: '/stopShare',
      message: 'belongs to one run, after a stop that somebody has judged: give it to POST /v1/reconciliations',
    });
  });

  it.each(['a'.repeat(65), 'a b', 'adhoc.nightly', '-nightly', 'nightly-'])(
    'has a name that is none: %s',
    async (name) => {
      const body = { every: '6h', mode: 'observe' };
      const { errors } = await send('PUT', `/v1/reconciliation-schedules/${encodeURIComponent(name)}`, body);
      expect(errors).toEqual([
        { pointer: '/name', message: 'must be 1 to 64 lower-case letters, digits and inner hyphens' },
      ]);
    },
  );

  it('asks Temporal only for what fits: else it is away here', async () => {
    const { slug } = await send('PUT', '/v1/reconciliation-schedules/nightly', { every: '6h', mode: 'observe' });
    expect(slug).toBe('engine-unavailable');
  });
});
