import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readKeyRingFile } from '#libs/config/key-ring-file.js';
import type { JsonObject } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { newKeyRingFile } from '#test/support/temporal-under-test.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { tempFolder } from '#test/support/sandbox.js';
import { until } from '#test/support/until.js';

// No worker is up: everything here must work without one.
let engine: Engine;
let api: ApiUnderTest;
let count = 0;
let id = '';

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
beforeEach(() => {
  count += 1;
  id = `queued${count}.support`;
});

function spec(change: JsonObject = {}): JsonObject {
  return { ...document(engine, minimalEgainSpec({ tenant: `queued${count}`, account: 'support' })), ...change };
}

/** Leaves no job behind that a worker of a later test file would pick up. */
async function cancel(): Promise<void> {
  await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test is over' } });
}

describe('a start', () => {
  it('is accepted, and the job is queued with all its steps', async () => {
    const { status, headers, body } = await api.start(spec());
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/v1/onboardings/${id}`);
    expect(headers.has('idempotent-replayed')).toBe(false);
    expect(body).toMatchObject({ id, status: 'queued', warnings: [], links: { events: expect.any(String) as string } });
    const progress = await api.progress(id);
    expect(progress).toMatchObject({ id, runId: body['runId'], status: 'queued', kind: 'onboard', percent: 0 });
    expect(progress.steps.length).toBeGreaterThan(3);
    expect(progress.steps.every((step) => step.status === 'pending')).toBe(true);
    await cancel();
  });

  it('says after five seconds that it waits for a worker', async () => {
    await api.start(spec());
    const { reason, waitingFor } = await until(async () => {
      const progress = await api.progress(id);
      return progress.waitingFor ? progress : undefined;
    }, 'the job to wait for a worker');
    expect(waitingFor?.kind).toBe('worker');
    expect(reason).toMatch(/no worker/i);
    await cancel();
  });

  it('of the same spec is answered again with the same run', async () => {
    const first = await api.start(spec());
    const again = await api.start({ ...spec(), onFailure: 'rollback' });
    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body['runId']).toBe(first.body['runId']);
    await cancel();
  });

  it('of another spec is refused while one is in progress', async () => {
    await api.start(spec());
    const { status, body } = await api.start(spec({ labels: { region: 'emea' } }));
    expect(status).toBe(409);
    expect(body['type']).toBe('https://gangway.dev/problems/onboarding-in-progress');
    await cancel();
  });

  it('wins once, however many come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.start(spec())));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 202));
    expect(new Set(answers.map(({ body }) => body['runId'])).size).toBe(1);
    expect(answers.filter(({ headers }) => !headers.has('idempotent-replayed'))).toHaveLength(1);
    await cancel();
  });

  it('with a used idempotency key replays for the same body, and is refused for another', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await api.start(spec(), { headers });
    const same = await api.start(spec(), { headers });
    const other = await api.start(spec({ labels: { a: 'b' } }), { headers });
    expect(same.body['runId']).toBe(first.body['runId']);
    expect([other.status, other.body['type']]).toEqual([422, 'https://gangway.dev/problems/idempotency-key-reused']);
    expect((await api.start(spec(), { headers: { 'idempotency-key': 'x'.repeat(65) } })).status).toBe(400);
    await cancel();
  });

  it('with the hash of another plan is refused; with its own it starts', async () => {
    const plan = await api.call('POST', '/v1/plans?offline=true', { body: spec() });
    const wrong = await api.start(spec({ planHash: 'f'.repeat(64) }));
    expect([wrong.status, wrong.body['type']]).toEqual([409, 'https://gangway.dev/problems/plan-changed']);
    expect((await api.start(spec({ planHash: plan.body['planHash'] ?? '' }))).status).toBe(202);
    await cancel();
  });

  it('of an invalid spec names all findings at once', async () => {
    const body: JsonObject = { ...spec({ onFailure: 'panic', color: 'red' }), connections: { egain: 'nobodys' } };
    const { status, headers, body: problem } = await api.start(body);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(problem).toMatchObject({
      type: 'https://gangway.dev/problems/invalid-spec',
      status: 400,
      instance: '/v1/onboardings',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    const pointers = (problem['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/onFailure', '/color', '/connections/egain']));
  });

  it('too large for a job is refused, naming the largest fields', async () => {
    const body = spec();
    const channels = Array.from({ length: 3 }, (_, i) => ({
      type: `custom.large${i}`,
      displayName: 'Large',
      icon: Buffer.alloc(260_000, i + 1).toString('base64'),
      account: {
        ...((body['egain'] as { channels: { account: JsonObject }[] }).channels[0]?.account ?? {}),
        address: `+1555010${i}`,
      },
    }));
    const { status, body: problem } = await api.start({
      ...body,
      egain: { ...(body['egain'] as JsonObject), channels },
    });
    expect([status, problem['type']]).toEqual([413, 'https://gangway.dev/problems/spec-too-large']);
    expect((problem['errors'] as { pointer: string }[])[0]?.pointer).toMatch(/^\/egain\/channels\/\d\/icon$/);
  });
});

describe('a queued job', () => {
  it('is in the list, once, and can be filtered', async () => {
    const { body } = await api.start(spec());
    const path = `/v1/onboardings?tenant=queued${count}&status=queued&chain=egain`;
    const items = await until(async () => {
      const page = await api.call('GET', path);
      const found = page.body['items'] as JsonObject[];
      return found.length > 0 ? found : undefined;
    }, 'the job to be listed');
    expect(items).toEqual([expect.objectContaining({ id, runId: body['runId'], status: 'queued' })]);
    expect((await api.call('GET', `/v1/onboardings?tenant=queued${count}&status=held`)).body['items']).toEqual([]);
    await cancel();
  });

  it('takes a cancel, and no command that does not fit', async () => {
    const { body } = await api.start(spec());
    const retry = await api.call('POST', `/v1/onboardings/${id}/retry`, { body: { reason: 'why not' } });
    expect([retry.status, retry.body['type']]).toEqual([409, 'https://gangway.dev/problems/wrong-status']);
    const cancelled = await api.call('POST', `/v1/onboardings/${id}/cancel?runId=${body['runId'] as string}`, {
      body: { reason: 'changed our mind' },
    });
    expect(cancelled.status).toBe(202);
    expect(cancelled.body['commandId']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is shown as an account in the making', async () => {
    await api.start(spec());
    const { status, body } = await api.call('GET', `/v1/accounts/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, chain: 'egain', state: 'onboarding', resources: [], drift: [] });
    expect(body['lastOperation']).toMatchObject({ kind: 'onboard', status: 'running' });
    await cancel();
  });

  it('streams events without ids', async () => {
    const { body } = await api.start(spec());
    const events = await api.stream(`/v1/onboardings/${id}/events`, { enough: (all) => all.length > 0 });
    expect(events[0]).toMatchObject({ id: undefined, event: 'status', data: { status: 'queued' } });
    expect(body['status']).toBe('queued');
    await cancel();
  });
});

describe('the quota of a tenant', () => {
  it('refuses a start beyond it, and answers an earlier one again', async () => {
    const bounded = await startApi(engine, { quotas: { 'queued-full': { openJobs: 2 }, '*': { openJobs: 100 } } });
    const spec = (tenant: string, account: string): JsonObject =>
      document(engine, minimalEgainSpec({ tenant, account }));
    expect((await bounded.start(spec('queued-full', 'one'))).status).toBe(202);
    expect((await bounded.start(spec('queued-full', 'two'))).status).toBe(202);
    const refused = await bounded.start(spec('queued-full', 'three'));
    expect([refused.status, refused.body['type']]).toEqual([429, 'https://gangway.dev/problems/quota-exceeded']);
    expect(refused.body).toMatchObject({ quota: 'openJobs', limit: 2 });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await bounded.call('GET', '/v1/onboardings/queued-full.three')).status).toBe(404);
    expect((await bounded.start(spec('queued-full', 'one'))).headers.get('idempotent-replayed')).toBe('true');
    expect((await bounded.start(spec('queued-other', 'one'))).status).toBe(202);
    await until(async () => {
      const { body } = await bounded.call('GET', '/v1/onboardings?tenant=queued-full');
      return (body['items'] as unknown[]).length === 2 ? true : undefined;
    }, 'both jobs to be listed');
    const late = await startApi(engine, { quotas: { 'queued-full': { openJobs: 2 } } });
    expect((await late.start(spec('queued-full', 'three'))).status, 'another process counts them').toBe(429);
    await late.close();
    for (const id of ['queued-full.one', 'queued-full.two', 'queued-other.one']) {
      await bounded.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test is over' } });
    }
    await bounded.close();
  });
});

describe('a plan', () => {
  it('without looking at the vendors needs no worker and hides secrets', async () => {
    const withSecret = document(engine, minimalEgainSpec({ tenant: `queued${count}`, account: 'support' }));
    const egain = {
      ...(withSecret['egain'] as JsonObject),
      authentication: { type: 'basic', basicAuth: { username: 'hub', password: 'canary-secret' } },
    };
    const { status, body } = await api.call('POST', '/v1/plans?offline=true', { body: { ...withSecret, egain } });
    expect(status).toBe(200);
    const keys = (body['nodes'] as { key: string }[]).map(({ key }) => key);
    expect(keys).toContain('egain.authentication');
    expect(body['undo']).toEqual([...keys].reverse());
    expect(JSON.stringify(body)).not.toContain('canary-secret');
    expect(JSON.stringify(body)).not.toContain('sealed:');
  });

  it('that must look is refused after 15 s without a worker', async () => {
    const { status, headers, body } = await api.call('POST', '/v1/plans', { body: spec() });
    expect([status, body['type']]).toEqual([503, 'https://gangway.dev/problems/no-worker']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('an API with another key ring', () => {
  it('says so, with the setting that cures it, and starts nothing in place of what it cannot read', async () => {
    const { folder, remove } = tempFolder();
    const stranger = await startApi(engine, {
      keyRing: readKeyRingFile(newKeyRingFile(folder), { allowReadable: false }),
    });
    try {
      await api.start(spec());
      for (const answer of [await stranger.call('GET', `/v1/onboardings/${id}`), await stranger.start(spec())]) {
        expect([answer.status, answer.body['type']]).toEqual([500, 'https://gangway.dev/problems/other-key-ring']);
        expect(answer.body['detail']).toContain('GANGWAY_ENCRYPTION_KEYS');
      }
      expect((await api.progress(id)).status).toBe('queued');
    } finally {
      await stranger.close();
      await cancel();
      remove();
    }
  });
});
