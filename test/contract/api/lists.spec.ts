import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accountWorkflowId, operationWorkflowId, type JsonObject } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let api: ApiUnderTest;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});

function spec(tenant: string, account: string, change: JsonObject = {}): JsonObject {
  return { ...document(engine, minimalEgainSpec({ tenant, account })), ...change };
}

interface Item {
  id: string;
  runId: string;
  status: string;
  startedAt: string;
}

async function list(query: string): Promise<{ items: Item[]; nextCursor: string | null }> {
  const { status, body } = await api.call('GET', `/v1/onboardings?${query}`);
  expect(status).toBe(200);
  return body as unknown as { items: Item[]; nextCursor: string | null };
}

async function cancel(id: string): Promise<void> {
  const { status } = await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test wants it' } });
  expect(status).toBe(202);
}

describe('a list of jobs in pages', () => {
  const tenant = 'pages';
  const accounts = Array.from({ length: 7 }, (_, i) => `account-${String(i)}`);
  const newestFirst = accounts.map((account) => `${tenant}.${account}`).reverse();

  it('gives every job once, newest first, whatever is started meanwhile', async () => {
    for (const account of accounts) expect((await api.start(spec(tenant, account))).status).toBe(202);
    await until(
      async () => ((await list(`tenant=${tenant}&limit=50`)).items.length === accounts.length ? true : undefined),
      'all jobs to be listed',
    );
    const first = await list(`tenant=${tenant}&limit=3`);
    expect(first.items).toHaveLength(3);
    expect((await api.start(spec(tenant, 'late'))).status).toBe(202);
    const all = [...first.items];
    let { nextCursor } = first;
    while (nextCursor !== null) {
      const page = await list(`tenant=${tenant}&limit=3&cursor=${encodeURIComponent(nextCursor)}`);
      expect(page.items.length).toBeGreaterThan(0);
      all.push(...page.items);
      ({ nextCursor } = page);
    }
    expect(all.map(({ id }) => id)).toEqual(newestFirst);
    expect(all.map(({ startedAt }) => startedAt)).toEqual(
      all
        .map(({ startedAt }) => startedAt)
        .sort()
        .reverse(),
    );
    for (const id of [...newestFirst, `${tenant}.late`]) await cancel(id);
  });

  it('keeps its order and its pages when the jobs have ended', async () => {
    const worker = await engine.startWorker();
    await until(
      async () => ((await list(`tenant=${tenant}&status=cancelled&limit=50`)).items.length === 8 ? true : undefined),
      'all jobs to be listed as cancelled',
    );
    await worker.stop();
    const pages: string[][] = [];
    let query = `tenant=${tenant}&limit=4`;
    for (;;) {
      const { items, nextCursor } = await list(query);
      pages.push(items.map(({ id }) => id));
      if (nextCursor === null) break;
      query = `tenant=${tenant}&limit=4&cursor=${encodeURIComponent(nextCursor)}`;
    }
    expect(pages.map((page) => page.length)).toEqual([4, 4]);
    expect(pages.flat()).toEqual([`${tenant}.late`, ...newestFirst]);
  });

  it('refuses a cursor that is none', async () => {
    const { status, body } = await api.call('GET', '/v1/onboardings?cursor=yesterday');
    expect([status, body['type']]).toEqual([400, 'https://gangway.dev/problems/invalid-request']);
  });
});

describe('a list of jobs by status', () => {
  const tenant = 'statuses';
  const id = (account: string): string => `${tenant}.${account}`;

  it('tells cancelled and interrupted jobs apart from others, also those that never began', async () => {
    const start = async (account: string, change: JsonObject = {}): Promise<void> => {
      expect((await api.start(spec(tenant, account, change))).status).toBe(202);
    };
    // Two end before a worker comes.
    await start('cancelled-in-the-queue');
    await start('terminated-in-the-queue');
    await cancel(id('cancelled-in-the-queue'));
    const account = accountWorkflowId({ tenant, account: 'terminated-in-the-queue' });
    await engine.client.workflow.getHandle(account).terminate('by the test');

    await engine.startWorker();
    const refused = { kind: 'status', status: 403, body: { code: '400-152' } } as const;
    engine.sandbox.setFaults([{ match: { resource: 'account', operation: 'create' }, effect: refused }]);
    const held = { onFailure: 'hold' };
    for (const name of ['cancelled', 'terminated', 'held']) await start(name, held);
    for (const name of ['cancelled', 'terminated', 'held']) await api.reached(id(name), 'held');
    await cancel(id('cancelled'));
    await engine.client.workflow
      .getHandle(operationWorkflowId({ tenant, account: 'terminated' }))
      .terminate('by the test');
    await api.reached(id('cancelled'), 'cancelled');
    engine.sandbox.setFaults([]);
    await start('succeeded');
    await api.reached(id('succeeded'), 'succeeded');

    const expected = {
      cancelled: ['cancelled', 'cancelled-in-the-queue'],
      interrupted: ['terminated', 'terminated-in-the-queue'],
      held: ['held'],
      succeeded: ['succeeded'],
      queued: [],
      'rolled-back': [],
    };
    for (const [status, names] of Object.entries(expected)) {
      await until(
        async () => {
          const { items } = await list(`tenant=${tenant}&status=${status}`);
          expect(items.every((item) => item.status === status)).toBe(true);
          const found = items.map((item) => item.id).sort();
          return JSON.stringify(found) === JSON.stringify(names.map(id)) ? true : undefined;
        },
        `${status} to list ${names.join(', ')}`,
      );
    }
    const { items } = await list(`tenant=${tenant}`);
    expect(new Set(items.map((item) => item.runId)).size).toBe(6);
    await cancel(id('held'));
    await api.reached(id('held'), 'cancelled');
  });
});
