import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import {
  accountWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type AccountState,
  type OperationRequest,
  type OwnedResource,
} from '#libs/contracts/index.js';
import { createDecoder } from '#libs/temporal/decode.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

const OWNED: OwnedResource = {
  key: 'egain.authentication',
  vendor: 'egain',
  resource: 'authentication',
  connection: 'egain-main',
  externalId: 'a-1',
  ownership: 'created',
};

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'));
});
afterAll(() => engine.stop());

/** An account with an operation in its queue that only a newer version knows. */
async function startAccount(account: string, change: Partial<AccountState>): Promise<string> {
  const ref = { tenant: 'unknown-operation', account };
  const at = new Date().toISOString();
  const queued = { kind: 'transfer', runId: randomUUID(), by: 'test', at } as unknown as OperationRequest;
  const state: AccountState = {
    version: 1,
    ...ref,
    chain: 'egain',
    state: 'live',
    plan: engine.plan(minimalEgainSpec(ref)),
    resources: [OWNED],
    queue: [queued],
    lastOperation: null,
    commands: [],
    ...change,
  };
  const workflowId = accountWorkflowId(ref);
  await engine.client.workflow.start('account', { workflowId, taskQueue: WORKFLOW_TASK_QUEUE, args: [state] });
  return workflowId;
}

/** The state with which the account's latest run began, once it has nothing left to do. */
async function idle(workflowId: string): Promise<AccountState> {
  const decoder = createDecoder(engine.client.options.loadedDataConverter, engine.client.options.namespace);
  return until(async () => {
    const { events } = await engine.client.workflow.getHandle(workflowId).fetchHistory();
    const { input } = events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
    const state = (await decoder.value(input, workflowId)) as AccountState;
    return state.queue.length === 0 ? state : undefined;
  }, `${workflowId} to be idle`);
}

const refused = {
  kind: 'transfer',
  status: 'failed',
  reason: expect.stringMatching(/cannot perform .* transfer/) as string,
};

it('outlives an operation that its worker does not know: it fails with a reason and nothing else changes', async () => {
  const workflowId = await startAccount('live', {});
  const state = await idle(workflowId);
  expect(state).toMatchObject({ state: 'live', resources: [OWNED], lastOperation: refused });
  expect(state.plan).not.toBeNull();
  await engine.client.workflow.getHandle(workflowId).terminate('the test is over');
});

it('keeps the lock of an interrupted account that has no plan yet', async () => {
  const workflowId = await startAccount('interrupted', { state: 'interrupted', plan: null, resources: [] });
  expect(await idle(workflowId)).toMatchObject({ state: 'interrupted', plan: null, lastOperation: refused });
  await engine.client.workflow.getHandle(workflowId).terminate('the test is over');
});

it('ends when nothing of it can stand', async () => {
  const workflowId = await startAccount('new', { state: 'onboarding', plan: null, resources: [] });
  await expect(engine.client.workflow.getHandle(workflowId).result()).rejects.toMatchObject({
    cause: { type: 'UNSUPPORTED', message: expect.stringMatching(/transfer/) as string },
  });
});
