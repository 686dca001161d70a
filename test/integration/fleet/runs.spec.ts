import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { FLEET_CANCEL_SIGNAL, reconciliationWorkflowId, type JsonObject } from '#libs/contracts/index.js';
import { openTo, startApi, type Answer, type ApiUnderTest } from '../../support/api.js';
import { startEngine, type Engine } from '../../support/engine.js';
import { until } from '../../support/until.js';

const ACME = 'gwk_runs-of-acme';
const scopes = ['reconciliations:run', 'reconciliations:read'] as const;
/** Tenants of their own: other files' runs share the server. */
const tenant = `t${randomUUID().slice(0, 8)}`;
const other = `o${randomUUID().slice(0, 8)}`;

// No worker: a run stays under way until a test ends it. What is asked of it is durable all the same.
let engine: Engine;
let api: ApiUnderTest;
beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  const all = openTo('gwk_test-key-of-the-contract-tests', 'operator').apiKeys;
  const acme = openTo(ACME, 'ci', { tenants: [tenant], scopes: [...scopes] }).apiKeys;
  api = await startApi(engine, { apiKeys: [...all, ...acme] });
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});

function start(body: JsonObject, key?: string): Promise<Answer> {
  return api.call('POST', '/v1/reconciliations', { body, ...(key === undefined ? {} : { key }) });
}

async function end(id: unknown): Promise<void> {
  await engine.client.workflow.getHandle(reconciliationWorkflowId(id as string)).terminate('the test is over');
}

function listed(id: unknown, query: string, key?: string): Promise<JsonObject> {
  return until(async () => {
    const { body } = await api.call('GET', `/v1/reconciliations?${query}`, key === undefined ? {} : { key });
    return (body['items'] as JsonObject[]).find((item) => item['id'] === id);
  }, `the run in the list ${query}`);
}

describe('a run', () => {
  it('is accepted without a worker, and of several that ask for the same at a time one is started', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => start({ mode: 'observe', tenant })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    const ids = new Set(answers.map(({ body }) => body['id']));
    expect(ids.size).toBe(1);
    const replayed = answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true');
    expect(replayed).toHaveLength(7);
    const [id] = ids;
    expect(answers[0]?.headers.get('location')).toBe(`/v1/reconciliations/${id as string}`);
    const repair = await start({ mode: 'repair', tenant });
    expect(repair.body['id'], 'another mode is another run').not.toBe(id);
    await end(repair.body['id']);
    await end(id);
    const again = await start({ mode: 'observe', tenant });
    expect(again.headers.get('idempotent-replayed'), 'the one before is over').toBeNull();
    expect(ids.has(again.body['id'])).toBe(false);
    await end(again.body['id']);
  });

  it('is told while it is under way, and after it was ended from outside', async () => {
    const { body } = await start({ mode: 'observe', tenant, chain: 'egain' });
    const address = `/v1/reconciliations/${body['id'] as string}`;
    const running = (await api.call('GET', address)).body;
    expect(running).toMatchObject({ mode: 'observe', tenant, chain: 'egain', by: 'operator', status: 'running' });
    expect(running).toMatchObject({ schedule: null, from: null, removeOrphans: false, closedAt: null });
    expect(await listed(body['id'], `tenant=${tenant}&status=running`)).toMatchObject({ by: 'operator', counts: null });
    await end(body['id']);
    const ended = (await api.call('GET', address)).body;
    expect(ended).toMatchObject({ status: 'failed', reason: 'it was terminated in Temporal itself' });
    expect(await listed(body['id'], `tenant=${tenant}&status=failed`)).toMatchObject({ status: 'failed' });
  });

  it('is asked to end once: the one that is over is a conflict', async () => {
    const { body } = await start({ mode: 'observe', tenant });
    const address = `/v1/reconciliations/${body['id'] as string}/cancel`;
    const { status, body: answer } = await api.call('POST', address, { body: { reason: 'a freeze' } });
    expect(status).toBe(202);
    const { events } = await engine.client.workflow
      .getHandle(reconciliationWorkflowId(body['id'] as string))
      .fetchHistory();
    const signals = (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
    expect([signals, typeof answer['commandId']]).toEqual([[FLEET_CANCEL_SIGNAL], 'string']);
    await end(body['id']);
    const late = await api.call('POST', address, { body: { reason: 'again' } });
    expect([late.status, late.body['type']]).toEqual([409, 'https://gangway.dev/problems/wrong-status']);
  });

  it('of approved accounts names a finished observe run that the caller may see', async () => {
    const observe = await start({ mode: 'observe', tenant });
    const repair = await start({ mode: 'repair', tenant });
    const foreign = await start({ mode: 'observe', tenant: other });
    const messages = async (from: unknown, key?: string): Promise<unknown> =>
      (await start({ mode: 'repair', from: from as string }, key)).body['errors'];
    const finding = (says: string): unknown => [{ pointer: '/from', message: expect.stringContaining(says) as string }];
    expect(await messages(observe.body['id'])).toEqual(finding('not over'));
    expect(await messages(repair.body['id'])).toEqual(finding('must be the id of an observe run'));
    expect(await messages('adhoc.00000000-0000-4000-8000-000000000000')).toEqual(finding('names no run'));
    expect(await messages(foreign.body['id'], ACME), 'as one that is not there').toEqual(finding('names no run'));
    for (const { body } of [observe, repair, foreign]) await end(body['id']);
    const approved = await start({ mode: 'repair', from: observe.body['id'] as string }, ACME);
    expect(approved.status).toBe(202);
    const { body } = await api.call('GET', `/v1/reconciliations/${approved.body['id'] as string}`);
    expect(body).toMatchObject({ from: observe.body['id'], tenant, by: 'ci', mode: 'repair' });
    await end(approved.body['id']);
  });

  it('of another tenant, or of all, is not there for a caller of some', async () => {
    const own = await start({ mode: 'observe', tenant }, ACME);
    const foreign = await start({ mode: 'observe', tenant: other });
    await listed(foreign.body['id'], `tenant=${other}`);
    await listed(own.body['id'], 'limit=200', ACME);
    const { body } = await api.call('GET', '/v1/reconciliations?limit=200', { key: ACME });
    expect(new Set((body['items'] as JsonObject[]).map((item) => item['tenant']))).toEqual(new Set([tenant]));
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/cancel'],
    ] as const) {
      const address = `/v1/reconciliations/${foreign.body['id'] as string}${path}`;
      const options = { key: ACME, ...(method === 'POST' ? { body: { reason: 'x' } } : {}) };
      expect((await api.call(method, address, options)).status).toBe(404);
    }
    await end(own.body['id']);
    await end(foreign.body['id']);
  });
});
