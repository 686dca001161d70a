import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { previewWorkflowId, UNREAD, WORKFLOW_TASK_QUEUE, type JsonObject } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { document, KEY, openTo, startApi, type Answer, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

const OTHER = 'gwk_key-of-another-tenant';

let engine: Engine;
let api: ApiUnderTest;
let replica: ApiUnderTest;
let spec: JsonObject;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 60_000 });
  const keys = [...openTo(KEY, 'tester').apiKeys, ...openTo(OTHER, 'other', { tenants: ['deferred-other'] }).apiKeys];
  [api, replica] = await Promise.all([startApi(engine, { apiKeys: keys }), startApi(engine, { apiKeys: keys })]);
  spec = document(engine, chain12Spec({ tenant: 'deferred', account: 'support' }));
});
afterAll(async () => {
  await Promise.all([api.close(), replica.close()]);
  await engine.stop();
});
beforeEach(() => engine.sandbox.reset());

/** Vendors that do not answer until the test lets them. */
function hang(): void {
  engine.sandbox.setFaults([{ match: { vendor: 'egain' }, effect: { kind: 'hang' } }]);
}

function ask(body: JsonObject = spec, prefer = 'wait=0'): Promise<Answer> {
  return api.call('POST', '/v1/plans', { body, headers: { prefer } });
}

function ready(id: string, from: ApiUnderTest = api): Promise<JsonObject> {
  return until(async () => {
    const { status, body } = await from.call('GET', `/v1/plans/${id}`);
    return status === 202 ? undefined : { status, ...body };
  }, 'the plan to be ready');
}

describe('a plan whose vendors take longer than its caller waits', () => {
  it('is answered by its id, read by pages, and is the plan in the end, from any replica', async () => {
    hang();
    const { status, headers, body } = await ask();
    const id = body['id'] as string;
    expect([status, headers.get('location')]).toEqual([202, `/v1/plans/${id}`]);
    expect(body).toEqual({ id, pages: 0, of: null, links: { self: `/v1/plans/${id}` } });
    expect((await replica.call('GET', `/v1/plans/${id}`)).status).toBe(202);
    engine.sandbox.setFaults([]);
    const later = await ready(id, replica);
    const { status: at, body: now } = await ask(spec, 'wait=60');
    expect(later).toEqual({ ...now, status: at, basedOn: later['basedOn'] });
    expect(now['nodes']).toHaveLength(12);
  });

  it('tells how many pages have been read, of about so many', async () => {
    const match = { vendor: 'egain', resource: 'orchestration', operation: 'list' } as const;
    engine.sandbox.setFaults([{ match, effect: { kind: 'hang' } }]);
    const id = (await ask()).body['id'] as string;
    const seen = await until(async () => {
      const { status, body } = await api.call('GET', `/v1/plans/${id}`);
      expect(status, 'it has told no page before it was ready').toBe(202);
      return (body['pages'] as number) > 0 ? body : undefined;
    }, 'a page to be told');
    expect(seen).toMatchObject({ id, pages: expect.any(Number) as number });
    engine.sandbox.setFaults([]);
    expect((await ready(id))['status']).toBe(200);
  });

  it('is not there for another tenant, and what was never asked for for nobody', async () => {
    hang();
    const id = (await ask()).body['id'] as string;
    const foreign = await api.call('GET', `/v1/plans/${id}`, { key: OTHER });
    const absent = await api.call('GET', `/v1/plans/${randomUUID()}`, { key: OTHER });
    expect([foreign.status, absent.status]).toEqual([404, 404]);
    expect(foreign.body['type']).toBe(absent.body['type']);
    for (const wrong of ['x', 'deferred.support', '..%2Faccount%2Fdeferred.support']) {
      expect((await api.call('GET', `/v1/plans/${wrong}`)).status, wrong).toBe(404);
    }
    engine.sandbox.setFaults([]);
    expect((await ready(id))['status']).toBe(200);
  });

  it('tells the fault that ended its look', async () => {
    hang();
    const id = (await ask()).body['id'] as string;
    engine.sandbox.setFaults([{ match: { vendor: 'egain' }, effect: { kind: 'status', status: 403, body: {} } }]);
    const failed = await ready(id);
    expect([failed['status'], failed['type']]).toEqual([502, 'https://gangway.dev/problems/vendor-fault']);
  });

  it('keeps its place until its look has ended: ten at once, however briefly each was waited for', async () => {
    hang();
    const asked = await Promise.all(Array.from({ length: 14 }, () => ask()));
    const refused = asked.filter(({ status }) => status === 429);
    expect(refused.map(({ body }) => body['type'])).toEqual(
      Array(4).fill('https://gangway.dev/problems/too-many-previews'),
    );
    engine.sandbox.setFaults([]);
    for (const { status, body } of asked)
      if (status === 202) expect((await ready(body['id'] as string))['status']).toBe(200);
    expect(await until(async () => ((await ask()).status === 429 ? undefined : true), 'a place')).toBe(true);
  });

  it('ends when nobody reads it', async () => {
    hang();
    const to = engine.plan(chain12Spec({ tenant: 'deferred', account: 'unread' }));
    const handle = await engine.client.workflow.start('previewPlan', {
      workflowId: previewWorkflowId(randomUUID()),
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [{ operation: 'onboard', from: null, to, unreadForMs: 1_000 }],
    });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: UNREAD } });
  });
});

describe('how a plan is asked for', () => {
  it.each(['fresh=maybe', 'fresh=1', 'offline=perhaps', 'stale=true'])('refuses ?%s', async (query) => {
    const { status, body } = await api.call('POST', `/v1/plans?${query}`, { body: spec });
    expect([status, body['type']]).toEqual([400, 'https://gangway.dev/problems/invalid-request']);
    const [finding] = body['errors'] as { pointer: string }[];
    expect(finding?.pointer).toBe(`/${query.split('=')[0] ?? ''}`);
  });

  it('says since when what it rests on is known, for each connection; an offline one rests on nothing', async () => {
    const before = new Date().toISOString();
    const { status, body } = await api.call('POST', '/v1/plans?fresh=true', { body: spec });
    const basedOn = body['basedOn'] as { connection: string; at: string }[];
    expect([status, basedOn.map(({ connection }) => connection).sort()]).toEqual([
      200,
      Object.values(spec['connections'] as Record<string, string>).sort(),
    ]);
    for (const { at } of basedOn) expect(at >= before, `${at} is not before ${before}`).toBe(true);
    const offline = await api.call('POST', '/v1/plans?offline=true', { body: spec });
    expect(offline.body['basedOn']).toEqual([]);
  });
});
