import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SCOPES } from '#libs/config/api-keys.js';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { loadConnections } from '#libs/config/connections.js';
import { rightsIn } from '#libs/config/rights.js';
import { SEARCH_ATTRIBUTES } from '#libs/contracts/index.js';
import { apiKey, startApp, temporalAt, type TestedApp } from '../testing/app.fixture.js';
import { NEVER, Refusal, startFakeFrontend, type Answer, type FakeFrontend } from '../testing/fake-frontend.fixture.js';

const KEY = 'gwk_may-do-everything';
const SPEC = JSON.stringify(parse(readFileSync('examples/minimal.yaml', 'utf8')));
const REASON = '{"reason":"tried"}';
const ALL_ATTRIBUTES = { customAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 2])) };
const NOT_FOUND = new Refusal('NOT_FOUND', 'workflow not found');
const TOO_MANY = new Refusal('RESOURCE_EXHAUSTED', 'namespace rate limit exceeded');

/** And what a loaded machine adds. */
const TWO_SECONDS = 2_000 + 1_000;

let frontend: FakeFrontend;
let app: TestedApp;
beforeEach(async () => {
  frontend = await startFakeFrontend();
  frontend.answer('ListSearchAttributes', ALL_ATTRIBUTES);
  frontend.answer('CountWorkflowExecutions', { count: 0 });
  frontend.answer('DescribeNamespace', { namespaceInfo: { id: '01939d4e-7a7b-7000-8000-abcd185d1d72' } });
  frontend.answer('DescribeWorkflowExecution', NOT_FOUND);
  app = await startApp(callersAndConnections(), { temporal: temporalAt(frontend.address) });
});
afterEach(async () => {
  await app.close();
  frontend.close();
});

function callersAndConnections(): Partial<ApiSettings> {
  const { connections, secrets } = loadConnections('config/connections.sandbox.yaml', {
    env: {},
    allowPrivateUrls: true,
  });
  return {
    apiKeys: [apiKey(KEY, { id: 'tester', scopes: [...SCOPES] })],
    connections,
    rights: rightsIn(() => ({ connections, secrets })),
  };
}

/** Asks, and tells how long the answer took. */
async function ask(path: string, body?: string): Promise<{ status: number; slug: string; after: string; ms: number }> {
  const began = performance.now();
  const { status, headers, text } = await app.send({ path, key: KEY, ...(body ? { method: 'POST', body } : {}) });
  const { type = '' } = JSON.parse(text) as { type?: string };
  return {
    status,
    slug: type.split('/').at(-1) ?? '',
    after: headers['retry-after'] ?? '',
    ms: performance.now() - began,
  };
}

/** Everything that needs Temporal. */
const ASKING: readonly [path: string, body?: string][] = [
  ['/v1/onboardings', SPEC],
  ['/v1/onboardings'],
  ['/v1/onboardings/acme.small'],
  ['/v1/onboardings/acme.small?runId=0d0e4736-0000-4000-8000-000000000001'],
  ['/v1/onboardings/acme.small/cancel', REASON],
  ['/v1/onboardings/acme.small/retry', REASON],
  ['/v1/onboardings/acme.small/handoff'],
  ['/v1/onboardings/acme.small/events'],
  ['/v1/plans', SPEC],
  ['/v1/accounts'],
  ['/v1/accounts/acme.small'],
  ['/v1/accounts/acme.small/reconcile', '{"mode":"observe"}'],
  ['/readyz'],
];

describe('a Temporal that takes calls and does not answer', () => {
  it.each(ASKING)('is told to who asks %s within two seconds', async (path, body) => {
    frontend.answer('*', NEVER);
    for (const method of ['DescribeWorkflowExecution', 'CountWorkflowExecutions', 'DescribeNamespace'])
      frontend.answer(method, NEVER);
    const { status, slug, after, ms } = await ask(path, body);
    expect([status, slug, after]).toEqual([503, 'engine-unavailable', '5']);
    expect(ms).toBeLessThan(TWO_SECONDS);
  });
});

describe('a Temporal that has its namespaces in memory and has lost its database', () => {
  it.each([
    { how: NEVER, what: 'hangs' },
    { how: new Refusal('UNAVAILABLE', 'shard status unknown'), what: 'is refused' },
  ] satisfies { how: Answer; what: string }[])('is not ready when what it asks there $what', async ({ how }) => {
    expect(await ask('/readyz')).toMatchObject({ status: 200 });
    frontend.answer('DescribeWorkflowExecution', how);
    await expect
      .poll(() => ask('/readyz'), { timeout: 10_000 })
      .toMatchObject({
        status: 503,
        slug: 'engine-unavailable',
      });
    frontend.answer('DescribeWorkflowExecution', NOT_FOUND);
    await expect.poll(() => ask('/readyz'), { timeout: 10_000 }).toMatchObject({ status: 200 });
  });
});

describe('a Temporal that has just been given the search attributes', () => {
  it('has starts and lists wait, not fail, where it does not know them yet', async () => {
    const unmapped = new Refusal(
      'INVALID_ARGUMENT',
      'Namespace default has no mapping defined for search attribute Job',
    );
    frontend.answer('StartWorkflowExecution', unmapped);
    frontend.answer('ListWorkflowExecutions', new Refusal('INVALID_ARGUMENT', 'invalid search attribute: Job'));
    const later = { status: 503, slug: 'engine-unavailable', after: '5' };
    expect(await ask('/v1/onboardings', SPEC)).toMatchObject(later);
    expect(await ask('/v1/onboardings')).toMatchObject(later);
  });

  it('is ready once queries by them are answered several times in a row', async () => {
    const answers = ['no', 'yes', 'yes', 'no', 'yes', 'yes', 'yes'];
    const asked: string[] = [];
    frontend.answer('CountWorkflowExecutions', () => {
      const next = answers[asked.length] ?? 'more';
      asked.push(next);
      return next === 'no' ? new Refusal('INVALID_ARGUMENT', 'invalid search attribute: Job') : { count: 0 };
    });
    await expect.poll(() => ask('/readyz'), { timeout: 10_000 }).toMatchObject({ status: 200 });
    expect(asked).toEqual(answers);
  });

  it('answers a start that comes too soon with 503 within two seconds, and takes it afterwards', async () => {
    frontend.answer('CountWorkflowExecutions', new Refusal('INVALID_ARGUMENT', 'invalid search attribute: Job'));
    frontend.answer('StartWorkflowExecution', { runId: '0d0e4736-0000-4000-8000-000000000001' });
    const early = await ask('/v1/onboardings', SPEC);
    expect(early).toMatchObject({ status: 503, slug: 'engine-unavailable' });
    expect(early.ms).toBeLessThan(TWO_SECONDS);
    expect(frontend.calls).not.toContain('StartWorkflowExecution');
    frontend.answer('CountWorkflowExecutions', { count: 0 });
    await expect.poll(() => ask('/v1/onboardings', SPEC), { timeout: 10_000 }).toMatchObject({ status: 202 });
  });
});

describe('a Temporal that takes no more lists', () => {
  beforeEach(async () => {
    expect(await ask('/readyz')).toMatchObject({ status: 200 });
    frontend.answer('CountWorkflowExecutions', TOO_MANY);
    frontend.answer('ListWorkflowExecutions', TOO_MANY);
  });

  it.each(['/v1/onboardings', '/v1/accounts'])('is told to who asks for %s at once', async (path) => {
    const { status, slug, after, ms } = await ask(path);
    expect([status, slug, after]).toEqual([503, 'lists-busy', '1']);
    expect(ms).toBeLessThan(1_000);
    expect(frontend.calls.filter((method) => method === 'ListWorkflowExecutions')).toHaveLength(1);
  });

  it('takes starts all the same', async () => {
    frontend.answer('StartWorkflowExecution', { runId: '0d0e4736-0000-4000-8000-000000000001' });
    expect(await ask('/v1/onboardings', SPEC)).toMatchObject({ status: 202 });
  });

  it('is asked again where it merely has too much else to do', async () => {
    const answers = [TOO_MANY, TOO_MANY, NOT_FOUND];
    frontend.answer('DescribeWorkflowExecution', () => answers.shift() ?? NOT_FOUND);
    expect(await ask('/v1/accounts/acme.small')).toMatchObject({ status: 404, slug: 'not-found' });
    expect(answers).toEqual([]);
  });
});
