import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freePorts } from '#apps/cli/src/parts/ports.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { startEngine, type Engine, type Job } from '#test/support/engine.js';
import { startWorkerProcess, type ProcessUnderTest } from '#test/support/processes.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let worker: ProcessUnderTest;
let metricsUrl: string;
let job: Job;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  const { api: port } = await freePorts();
  metricsUrl = `http://127.0.0.1:${String(port)}/metrics`;
  const environment = { GANGWAY_METRICS_PORT: String(port), GANGWAY_HOST: '127.0.0.1', GANGWAY_LOG_LEVEL: 'info' };
  worker = await startWorkerProcess(engine, environment);
  engine.sandbox.setFaults([
    {
      match: { vendor: 'egain', resource: 'channel', operation: 'create' },
      nth: 1,
      effect: { kind: 'status', status: 503, apply: true },
    },
    {
      match: { vendor: 'egain', resource: 'account', operation: 'create' },
      effect: { kind: 'status', status: 400, body: { code: '400-143', developerMessage: 'No such entry point' } },
    },
  ]);
  job = await engine.start(minimalEgainSpec({ tenant: 'watched', account: 'support' }));
  expect(await job.reached('rolled-back', 'succeeded')).toBe('rolled-back');
});
afterAll(async () => {
  await worker.stop();
  await engine.stop();
});

/** The lines of the worker about writes at vendors. */
function records(): Record<string, unknown>[] {
  const lines = worker
    .log()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter(({ operation, accountId }) => operation !== undefined && accountId === job.id);
}

it('every write at a vendor leaves one record, also one that failed or is unclear', async () => {
  const { ledger } = engine.sandbox.state({ objects: false });
  const writes = ledger.filter(({ operation }) => ['create', 'update', 'delete'].includes(operation));
  // The worker's log comes in batches.
  await until(() => (records().length >= writes.length ? true : undefined), 'the records of all writes');
  const seen = records().map(
    ({ operation, resource, outcome }) => `${String(operation)} ${String(resource)} ${String(outcome)}`,
  );
  expect(seen.sort()).toEqual([
    'create account refused',
    'create channel unclear',
    'create clientApplication created',
    'create orchestration created',
    'delete channel removed',
    'delete clientApplication removed',
    'delete orchestration removed',
  ]);
  expect(writes).toHaveLength(seen.length);
  const refused = records().find(({ outcome }) => outcome === 'refused');
  expect(refused).toMatchObject({ vendor: 'egain', code: 'INVALID_REQUEST', httpStatus: 400, vendorCode: '400-143' });
  for (const made of records().filter(({ outcome }) => outcome === 'created')) {
    expect(made['externalId'], 'the id of what was made').toMatch(/^[\da-f-]{36}$/);
  }
});

it('the worker counts its calls by connection, kind and outcome', async () => {
  const text = await (await fetch(metricsUrl)).text();
  const counted = (resource: string, operation: string, outcome: string): number => {
    const found = text
      .split('\n')
      .filter((line) => line.startsWith('gangway_vendor_calls_total{'))
      .find((line) =>
        [`resource="${resource}"`, `operation="${operation}"`, `outcome="${outcome}"`, 'vendor="egain"'].every(
          (label) => line.includes(label),
        ),
      );
    return Number(/ (\d+)$/.exec(found ?? '')?.[1] ?? 0);
  };
  expect(text).toMatch(/connection="[\da-f]{8}-egain-main"/);
  expect([counted('channel', 'create', '5xx'), counted('account', 'create', '4xx')]).toEqual([1, 1]);
  expect(counted('token', 'token', '2xx')).toBe(1);
  const { ledger } = engine.sandbox.state({ objects: false });
  const listed = ledger.filter(({ operation, resource }) => operation === 'list' && resource === 'channel').length;
  expect(counted('channel', 'list', '2xx')).toBe(listed);
});
