import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { accountWorkflowId, operationWorkflowId, type JsonObject } from '#libs/contracts/index.js';
import {
  address,
  at,
  startAccounts,
  type AccountsUnderTest,
  type AccountUnderTest,
  type Edit,
} from '#test/support/accounts.js';
import { othersAtVendors, ownedAtVendors } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let accounts: AccountsUnderTest;
let account: AccountUnderTest;
let others = '';

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'), { timeoutMs: 700 });
});
afterAll(() => accounts.close());
beforeEach(() => {
  account = accounts.fresh();
  others = othersAtVendors(accounts.engine.sandbox, account.id);
});

/** Two operations and the wait between them, on a machine that others use too. */
vi.setConfig({ testTimeout: 180_000 });

type Write = ['create' | 'update' | 'delete', string];

/** Of the amendment: a change, an addition and a removal, so that each kind of write is among its steps. */
const AMENDING: Write[] = [
  ['update', 'account'],
  ['create', 'channel'],
  ['create', 'account'],
  ['delete', 'account'],
  ['delete', 'channel'],
];
const LEAVING: Write[] = [
  ['delete', 'webhook'],
  ['delete', 'account'],
  ['delete', 'orchestration'],
  ['delete', 'clientApplication'],
];

const amended: Edit = (doc) => {
  address('+15550188')(doc);
  const [first, second] = at(doc, 'egain')['channels'] as [JsonObject, JsonObject];
  at(doc, 'egain')['channels'] = [first, { ...second, type: 'custom.acme-desk' }];
};

/** Terminates a workflow while one write is on its way: it takes effect only afterwards. */
async function cutOff(
  [operation, resource]: Write,
  what: 'operation' | 'account',
  begin: () => Promise<unknown>,
): Promise<void> {
  const { sandbox, client } = accounts.engine;
  sandbox.setFaults([{ id: 'cut', match: { operation, resource }, times: 1, effect: { kind: 'delay', ms: 600 } }]);
  const { seq } = sandbox.state({ ledger: false, objects: false });
  await begin();
  await until(
    () => sandbox.state({ objects: false, since: seq }).ledger.find(({ fault }) => fault === 'cut'),
    `${operation} ${resource} to be under way`,
  );
  const ref = { tenant: account.tenant, account: 'support' };
  const workflowId = what === 'account' ? accountWorkflowId(ref) : operationWorkflowId(ref);
  await client.workflow.getHandle(workflowId).terminate('by a person');
  sandbox.setFaults([]);
  await until(async () => {
    const { memo, status } = await client.workflow.getHandle(accountWorkflowId(ref)).describe();
    return memo?.['state'] === 'interrupted' || status.name === 'TERMINATED' ? true : undefined;
  }, 'the account to be interrupted');
  expect(await account.read()).toMatchObject({ state: 'interrupted' });
}

/** Nothing of the account stands, nor comes to stand later, and others' things are as they were. */
async function leavesNothing(): Promise<void> {
  const removed = await account.remove();
  expect(removed.status, JSON.stringify(removed.body)).toBe(202);
  await account.ended(removed, 'succeeded');
  await account.gone();
  await accounts.engine.sandbox.settled();
  expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
  expect(othersAtVendors(accounts.engine.sandbox, account.id)).toBe(others);
}

/** The account stands by a spec, each object once, and the vendors hold what it says. */
async function comesToStand(spec: JsonObject): Promise<void> {
  const put = await account.put(spec);
  expect(put.status, JSON.stringify(put.body)).toBe(202);
  await account.ended(put, 'succeeded');
  await accounts.engine.sandbox.settled();
  const stands = await account.settled();
  expect((stands['resources'] as unknown[]).length).toBe(ownedAtVendors(accounts.engine.sandbox, account.id).length);
  const observed = await account.reconcile({ mode: 'observe' });
  await account.ended(observed, 'succeeded');
  expect(await account.settled()).toMatchObject({ drift: [], lastReconciliation: { status: 'in-sync' } });
  const again = await account.put(spec);
  expect(again.body).toMatchObject({ operationId: null });
}

describe.each(AMENDING)('an amendment that is cut off at its %s of %s', (...write) => {
  const begin = (): Promise<unknown> => account.put(account.spec(amended));

  it('is cleared up by DELETE', async () => {
    await account.onboard();
    await cutOff(write, 'operation', begin);
    expect((await accounts.api.start(account.spec())).body).toMatchObject({
      type: expect.stringMatching('interrupted') as string,
    });
    expect((await account.reconcile({ mode: 'observe' })).body).toMatchObject({
      type: expect.stringMatching('interrupted') as string,
    });
    await leavesNothing();
  });

  it('leads to the former spec by PUT', async () => {
    await account.onboard();
    await cutOff(write, 'operation', begin);
    await comesToStand(account.spec());
  });

  it('is cleared up by DELETE when the account itself was terminated', async () => {
    await account.onboard();
    await cutOff(write, 'account', begin);
    await leavesNothing();
  });
});

describe.each(LEAVING)('an offboarding that is cut off at its %s of %s', (...write) => {
  it('is ended by DELETE', async () => {
    await account.onboard();
    await cutOff(write, 'operation', () => account.remove());
    await leavesNothing();
  });

  it('leads back to the spec by PUT', async () => {
    await account.onboard();
    await cutOff(write, 'operation', () => account.remove());
    await comesToStand(account.spec());
  });

  it('is made whole by PUT when the account itself was terminated', async () => {
    await account.onboard();
    await cutOff(write, 'account', () => account.remove());
    await comesToStand(account.spec(amended));
  });
});

it('two operations that are cut off one after the other leave nothing behind either', async () => {
  await account.onboard();
  await cutOff(['create', 'account'], 'operation', () => account.put(account.spec(amended)));
  const other: Edit = (doc) => {
    const channels = at(doc, 'egain')['channels'] as JsonObject[];
    channels.push({ ...structuredClone(channels[0] ?? {}), type: 'custom.acme-hall' });
    address('+15550166', 2)(doc);
  };
  await cutOff(['create', 'channel'], 'operation', () => account.put(account.spec(other)));
  await leavesNothing();
});
