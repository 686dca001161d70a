import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { accountWorkflowId, type JsonObject } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import {
  accountOf,
  at,
  callsSoFar,
  startAccounts,
  writesSince,
  type AccountsUnderTest,
  type AccountUnderTest,
  type Edit,
} from '#test/support/accounts.js';
import { actionsTold, told, writesTold } from '#test/support/foreseen.js';

/** Several accounts, one after the other, on a machine that others use too. */
vi.setConfig({ testTimeout: 240_000 });

let accounts: AccountsUnderTest;
let account: AccountUnderTest;

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'), {}, minimalEgainSpec);
});
afterAll(() => accounts.close());
beforeEach(() => {
  account = accounts.fresh();
});

const PERSONS = 'acme-own-hub';

const adopting: Edit = (doc) => {
  doc['adopt'] = ['egain.clientApplication'];
  at(doc, 'egain', 'clientApplication')['name'] = PERSONS;
};

/** A customer's own client application, which no engine has made. */
async function personsApplication(): Promise<void> {
  const other = accountOf(accounts.engine, accounts.api, `${account.tenant}o`, minimalEgainSpec);
  await other.onboard();
  const [made] = other.objects('egain', 'clientApplication');
  await other.ended(await other.remove(), 'succeeded');
  await other.gone();
  const { id: _id, tenant: _tenant, ...body } = made ?? {};
  const roles = (body['roles'] as JsonObject[]).map((role) => ({ ...role, callback: 'https://acme.example/own' }));
  accounts.engine.sandbox.insert('egain', 'clientApplication', [
    { ...body, name: PERSONS, description: 'made by a person', roles },
  ]);
}

async function steps(of: AccountUnderTest): Promise<ReturnType<typeof told>> {
  const { status, body } = await accounts.api.call('GET', `/v1/accounts/${of.id}/plan?operation=offboard`);
  expect(status, JSON.stringify(body)).toBe(200);
  return told(body, 'steps');
}

describe('what was taken over', () => {
  it('is told field by field as it is taken, and as it goes back', async () => {
    await personsApplication();
    const { body } = await accounts.api.call('POST', '/v1/plans', { body: account.spec(adopting) });
    const adopted = told(body, 'nodes').find(({ key }) => key === 'egain.clientApplication');
    expect(adopted).toMatchObject({ action: 'adopt' });
    expect(adopted?.changes).toContainEqual(
      expect.objectContaining({ path: 'roles[0].callback', seen: 'https://acme.example/own' }),
    );
    await account.onboard(account.spec(adopting));
    const leaving = await steps(account);
    const restored = leaving.find(({ key }) => key === 'egain.clientApplication');
    expect(restored).toMatchObject({ action: 'restore' });
    expect(restored?.changes).toContainEqual(
      expect.objectContaining({ path: 'roles[0].callback', expected: 'https://acme.example/own' }),
    );
    const before = callsSoFar(accounts.engine);
    await account.ended(await account.remove(), 'succeeded');
    expect([...writesTold(leaving)].sort()).toEqual([...writesSince(accounts.engine, before)].sort());
  });
});

describe('a shared channel', () => {
  it('stays while another account refers to it, and goes with the last one', async () => {
    await account.onboard();
    const second = accountOf(accounts.engine, accounts.api, `${account.tenant}b`, minimalEgainSpec);
    await second.onboard(second.spec((doc) => (at(doc, 'egain', 'channels', 0, 'account')['address'] = '+15550299')));
    const first = actionsTold(await steps(account));
    const channel = Object.keys(first).find((key) => key.startsWith('egain.channel.')) ?? '';
    expect(first[channel]).toBe('keep');
    await account.ended(await account.remove(), 'succeeded');
    await account.gone();
    const before = callsSoFar(accounts.engine);
    const last = await steps(second);
    await second.ended(await second.remove(), 'succeeded');
    expect([...writesTold(last)].sort()).toEqual([...writesSince(accounts.engine, before)].sort());
  });
});

describe('an account that was terminated in Temporal', () => {
  it('is told what an offboarding would find, and that an undo of a change leads to before the interruption', async () => {
    await account.onboard();
    await accounts.engine.client.workflow
      .getHandle(accountWorkflowId({ tenant: account.tenant, account: 'support' }))
      .terminate('by the test');
    await account.settled('interrupted');
    const { body } = await accounts.api.call('POST', '/v1/plans', { body: account.spec() });
    expect(body).toMatchObject({ kind: 'amend', conflicts: [] });
    expect(writesTold(told(body, 'nodes'))).toEqual([]);
    const repair = await accounts.api.call('GET', `/v1/accounts/${account.id}/plan?operation=repair`);
    expect(repair.body['type']).toBe('https://gangway.dev/problems/interrupted');
    expect((await steps(account)).every(({ action }) => action === 'remove')).toBe(true);
    await account.ended(await account.remove(), 'succeeded');
  });
});
