import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { RunningWorker } from '#apps/worker/src/worker.js';
import { operationWorkflowId } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import {
  address,
  refuse,
  startAccounts,
  type AccountsUnderTest,
  type AccountUnderTest,
} from '#test/support/accounts.js';

/** A worker starts and stops for each. */
vi.setConfig({ testTimeout: 180_000 });

let accounts: AccountsUnderTest;
let worker: RunningWorker;

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'), { worker: false }, (changes) =>
    minimalEgainSpec({ ...changes, onFailure: 'hold' }),
  );
});
afterAll(() => accounts.close());
afterEach(() => worker.stop());

/** Terminates what runs while no worker serves the account, so that it cannot note it. */
async function terminated(account: AccountUnderTest): Promise<void> {
  await worker.stop();
  const ref = { tenant: account.tenant, account: 'support' };
  await accounts.engine.client.workflow.getHandle(operationWorkflowId(ref)).terminate('by a person');
}

async function expectInterrupted(account: AccountUnderTest): Promise<void> {
  const specs = [account.spec(), account.spec(address('+15550177'))];
  for (const spec of specs) {
    for (const headers of [{}, { 'idempotency-key': 'the-first' }]) {
      const answer = await accounts.api.call('POST', '/v1/onboardings', { body: spec, headers });
      expect([answer.status, answer.body['type']], JSON.stringify(answer.body)).toEqual([
        409,
        'https://gangway.dev/problems/interrupted',
      ]);
    }
  }
  const reconcile = await account.reconcile({ mode: 'observe' });
  expect(reconcile).toMatchObject({ status: 409, body: { type: 'https://gangway.dev/problems/interrupted' } });
  expect(await account.read()).toMatchObject({ state: 'interrupted' });
}

async function begin(account: AccountUnderTest): Promise<void> {
  worker = await accounts.engine.startWorker();
  const headers = { 'idempotency-key': 'the-first' };
  const answer = await accounts.api.call('POST', '/v1/onboardings', { body: account.spec(), headers });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
}

describe('a start between the termination of an operation in Temporal and the account noting it', () => {
  it('is told that the account is interrupted, where its onboarding was terminated', async () => {
    const account = accounts.fresh();
    refuse(accounts.engine, 'create', 'orchestration');
    await begin(account);
    await accounts.api.reached(account.id, 'held');
    await terminated(account);
    await expectInterrupted(account);
  });

  it('is told so where a later operation was terminated, though the spec is the one that was onboarded', async () => {
    const account = accounts.fresh();
    await begin(account);
    await accounts.api.reached(account.id, 'succeeded');
    await account.settled();
    refuse(accounts.engine, 'update', 'account');
    const put = await account.put(account.spec(address('+15550199')));
    await account.ended(put, 'held');
    await terminated(account);
    await expectInterrupted(account);
  });
});
