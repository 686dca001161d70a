import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import {
  address,
  operationOf,
  callsSoFar,
  startAccounts,
  type AccountsUnderTest,
  type AccountUnderTest,
} from '#test/support/accounts.js';
import { ownedAtVendors } from '#test/support/engine.js';
import type { RunningWorker } from '#apps/worker/src/worker.js';

let accounts: AccountsUnderTest;
let account: AccountUnderTest;
let worker: RunningWorker;

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'), { worker: false });
  worker = await accounts.engine.startWorker();
  account = accounts.fresh();
  await account.onboard();
  await worker.stop();
});
afterAll(() => accounts.close());

it('without any worker an operation is accepted, read, listed and cancelled, and performed once one is there', async () => {
  const seq = callsSoFar(accounts.engine);
  const amend = await account.put(account.spec(address('+15550121')));
  const observe = await account.reconcile({ mode: 'observe' });
  const unwanted = await account.put(account.spec(address('+15550122')));
  const wanted = await account.put(account.spec(address('+15550123')));
  expect([amend, observe, unwanted, wanted].map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  const ids = [amend, observe, unwanted, wanted].map(operationOf);

  const again = await account.put(account.spec(address('+15550123')));
  expect(again.body['operationId']).toBe(ids[3]);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  const reading = await Promise.all(ids.map((runId) => accounts.api.progress(account.id, runId)));
  expect(reading.map(({ status, kind }) => [status, kind])).toEqual([
    ['queued', 'amend'],
    ['queued', 'reconcile'],
    ['queued', 'amend'],
    ['queued', 'amend'],
  ]);
  const shown = await account.read();
  expect([
    (shown['lastOperation'] as { id: string }).id,
    ...(shown['queue'] as { id: string }[]).map(({ id }) => id),
  ]).toEqual(ids);
  expect(shown).toMatchObject({ lastOperation: { status: 'running', kind: 'amend' } });
  const listed = await accounts.api.call('GET', `/v1/accounts?tenant=${account.tenant}`);
  expect(listed.body['items']).toMatchObject([{ id: account.id }]);

  const cancel = await accounts.api.call('POST', `/v1/onboardings/${account.id}/cancel?runId=${ids[2] ?? ''}`, {
    body: { reason: 'not wanted' },
  });
  expect(cancel.status).toBe(202);
  expect(callsSoFar(accounts.engine)).toBe(seq);

  await accounts.engine.startWorker();
  await account.ended(amend, 'succeeded');
  await account.ended(observe, 'succeeded');
  await account.ended(unwanted, 'cancelled');
  await account.ended(wanted, 'succeeded');
  await account.settled();
  expect(account.objects('egain', 'account').map((each) => each['address'])).toContain('+15550123');

  const removed = await account.remove();
  await account.ended(removed, 'succeeded');
  await account.gone();
  expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
});
