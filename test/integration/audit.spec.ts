import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { readAuditLine, verifyAuditFile, type AuditLine } from '#libs/audit/index.js';
import { accountId, type JsonObject } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { startApiProcess, type ApiProcess } from '#test/support/processes.js';

let engine: Engine;
let file: string;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  file = path.join(engine.settings.dataDir, 'audit.jsonl');
});
afterAll(() => engine.stop());

function lines(): AuditLine[] {
  const texts = readFileSync(file, 'utf8').trimEnd().split('\n');
  return texts.map(readAuditLine).filter((line) => line !== undefined);
}

it('goes on behind a kill and a line that was cut off, and tells who did what', { timeout: 120_000 }, async () => {
  const spec = minimalEgainSpec({ tenant: 'audited', account: 'support' });
  const id = accountId(spec);
  const settings = { GANGWAY_AUDIT_FILE: file, GANGWAY_LOG_LEVEL: 'warn' };
  const first: ApiProcess = await startApiProcess(engine, settings);
  const started = await first.start(document(engine, spec));
  expect(started.status).toBe(202);
  const command = (api: ApiProcess, reason: string): Promise<{ status: number; body: JsonObject }> =>
    api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason } });
  await first.call('GET', `/v1/onboardings/${id}`, { key: 'gwk_wrong' });
  await first.kill();
  appendFileSync(file, '{"at":"2026-01-01T12:00:00.000Z","cal');

  const second = await startApiProcess(engine, settings, first.port);
  const { status, body } = await command(second, 'the customer left');
  expect(status).toBe(202);
  await second.stop();

  expect(await verifyAuditFile(file)).toMatchObject({ torn: 1, faultCount: 0 });
  const told = lines().filter(({ address }) => address !== null);
  const { runId } = started.body;
  expect(body['runId']).toBe(runId);
  expect(told.map(({ at: _at, prev: _prev, ...line }) => line)).toEqual([
    {
      ...{
        caller: 'tester',
        address: '127.0.0.1',
        route: 'POST /v1/onboardings',
        id,
        runId,
        result: 'ok',
        reason: null,
      },
    },
    {
      ...{ caller: null, address: '127.0.0.1', route: 'GET /v1/onboardings/:id', id, runId: null },
      ...{ result: 'unauthorized', reason: 'unknown-key' },
    },
    {
      ...{ caller: 'tester', address: '127.0.0.1', route: 'POST /v1/onboardings/:id/cancel', id, runId },
      ...{ result: 'ok', reason: 'the customer left' },
    },
  ]);
  const starts = lines().filter(({ route }) => route === 'key');
  expect(starts.map(({ id: key, result }) => [key, result])).toEqual([
    ['tester', 'in-force'],
    ['tester', 'in-force'],
  ]);
  expect(first.log(), 'at the level "warn" too').toContain('"route":"POST /v1/onboardings"');
});
