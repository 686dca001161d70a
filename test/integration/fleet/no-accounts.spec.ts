import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import { startEngine, type Engine } from '#test/support/engine.js';
import { onboardFleet } from '#test/support/fleet.js';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 2_000, reconciliation: { orphanAge: '0s' } });
});
afterAll(() => engine.stop());

it('the rule no-accounts stops a run over a connection whose objects have lost all accounts: one object is enough', async () => {
  const none = await onboardFleet(engine, 0);
  none.abandon('clientApplication', 'egain.clientApplication', 1);
  const seq = none.seq();
  const report = await none.run({ mode: 'repair', removeOrphans: true });
  expect(report).toMatchObject({ status: 'stopped', stopped: { rule: 'no-accounts' }, counts: { accounts: 0 } });
  expect(report.stopped?.connection).toMatch(/^egain\//);
  expect(report.stopped?.detail).toContain('Nothing was removed');
  expect([...new Set(none.calls(seq).map(({ operation }) => operation))].sort(), 'reads alone').toEqual([
    'get',
    'list',
  ]);
  const lock = engine.client.workflow.getHandle(`account/${none.tenant}.gone`);
  await expect(lock.describe()).rejects.toThrow(WorkflowNotFoundError);
});
