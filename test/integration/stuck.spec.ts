import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';
import { startWorkerProcess, type ProcessUnderTest } from '#test/support/processes.js';
import { newKeyRingFile } from '#test/support/temporal-under-test.js';

const LONG_MS = 120_000;
const REASON = { body: { reason: 'the test wants it' } };
const TENANT = 'stuck';
const HELD = `${TENANT}.held`;
const FRESH = `${TENANT}.fresh`;

let engine: Engine;
let api: ApiUnderTest;
let folder: string;
let ring: string;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 500, worker: false });
  api = await startApi(engine);
  folder = mkdtempSync(path.join(tmpdir(), 'gangway-other-ring-'));
  ring = newKeyRingFile(folder);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function stuckCount(): Promise<number> {
  const { body } = await api.call('GET', '/metrics');
  const text = typeof body['text'] === 'string' ? body['text'] : '';
  return Number(/^gangway_workflows_stuck (\d+)$/m.exec(text)?.[1]);
}

async function listed(waitingFor: string): Promise<string[]> {
  const { body } = await api.call('GET', `/v1/onboardings?tenant=${TENANT}&waitingFor=${waitingFor}`);
  const items = body['items'] as { id: string; waitingFor: { kind: string } | null }[];
  for (const item of items) expect(item.waitingFor?.kind).toBe(waitingFor);
  return items.map(({ id }) => id).sort();
}

/** Asks seldom: of lists Temporal takes only some a second. */
function soon<T>(ask: () => Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(ask, { interval: 500, timeout: LONG_MS });
}

/** Lines of a worker's log that tell at `error` of a run whose tasks fail. */
function told(worker: ProcessUnderTest): { workflowId: string; runId: string }[] {
  return worker
    .log()
    .split('\n')
    .filter((line) => line.includes('"level":"error"') && line.includes('workflow task'))
    .map((line) => JSON.parse(line) as { workflowId: string; runId: string });
}

it(
  'a job whose workflow no worker can carry on says so, keeps its commands, and goes on once it can: nothing is undone',
  { timeout: 4 * LONG_MS },
  async () => {
    const fault = { code: '400-152', developerMessage: 'refused by the test', details: [] };
    engine.sandbox.setFaults([
      {
        match: { vendor: 'egain', resource: 'orchestration', operation: 'create' },
        effect: { kind: 'status', status: 403, body: fault },
      },
    ]);
    const good = await engine.startWorker();
    const spec = (account: string): ReturnType<typeof document> =>
      document(engine, minimalEgainSpec({ tenant: TENANT, account, onFailure: 'hold' }));
    expect((await api.start(spec('held'))).status).toBe(202);
    await api.reached(HELD, 'held');
    const standing = ownedAtVendors(engine.sandbox, HELD);
    expect(standing).not.toEqual([]);
    expect(await listed('operator')).toEqual([HELD]);
    await good.stop();

    const other = await startWorkerProcess(engine, { GANGWAY_ENCRYPTION_KEYS: ring, GANGWAY_LOG_LEVEL: 'info' });
    try {
      expect((await api.call('POST', `/v1/onboardings/${HELD}/retry`, REASON)).status).toBe(202);
      expect((await api.start(spec('fresh'))).status).toBe(202);
      for (const id of [HELD, FRESH]) {
        await soon(async () => (await api.progress(id)).waitingFor?.kind).toBe('engine');
        const progress = await api.progress(id);
        expect(progress.reason).toMatch(/^Temporal cannot carry the job on: .* has failed \d+ times/);
        expect(Date.parse(progress.waitingFor?.since ?? '')).toBeLessThan(Date.now());
        expect(progress.waitingFor?.instruction).toContain('key ring');
      }
      const cancel = await api.call('POST', `/v1/onboardings/${FRESH}/cancel`, REASON);
      expect(cancel.status).toBe(202);
      expect(cancel.body['waitingFor']).toMatchObject({ kind: 'engine' });
      await soon(() => listed('engine')).toEqual([FRESH, HELD]);
      expect(await listed('operator'), 'it waits for nobody else any more').toEqual([]);
      await soon(stuckCount).toBeGreaterThanOrEqual(2);
      const runs = told(other).map(({ runId }) => runId);
      expect(runs.length).toBeGreaterThanOrEqual(2);
      expect(new Set(runs).size, 'once a run').toBe(runs.length);
      expect(ownedAtVendors(engine.sandbox, HELD)).toEqual(standing);
    } finally {
      await other.kill();
    }

    engine.sandbox.setFaults([]);
    await engine.startWorker();
    await api.reached(HELD, 'succeeded');
    await api.reached(FRESH, 'cancelled');
    await soon(() => listed('engine')).toEqual([]);
  },
);
