import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import {
  accountOf,
  at,
  refuse,
  startAccounts,
  type AccountsUnderTest,
  type AccountUnderTest,
  type Edit,
} from '#test/support/accounts.js';
import { ownedAtVendors } from '#test/support/engine.js';

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

function all(kind: string): JsonObject[] {
  return accounts.engine.sandbox.state({ ledger: false }).objects['egain']?.[kind] ?? [];
}

async function offboard(each: AccountUnderTest): Promise<void> {
  const answer = await each.remove();
  await each.ended(answer, 'succeeded');
  await each.gone();
}

/** A customer's own client application, which no engine has made; as text without what a vendor sets with each write. */
async function personsApplication(): Promise<() => string> {
  const other = accountOf(accounts.engine, accounts.api, `${account.tenant}o`, minimalEgainSpec);
  await other.onboard();
  const [made] = other.objects('egain', 'clientApplication');
  await offboard(other);
  const { id: _id, tenant: _tenant, ...body } = made ?? {};
  const roles = (body['roles'] as JsonObject[]).map((role) => ({ ...role, callback: 'https://acme.example/own' }));
  const [id] = accounts.engine.sandbox.insert('egain', 'clientApplication', [
    { ...body, name: PERSONS, description: 'made by a person', roles },
  ]);
  return () => {
    const { modified: _when, ...rest } = all('clientApplication').find((each) => each['id'] === id) ?? {};
    return JSON.stringify(rest, (_key, value: unknown) => value);
  };
}

const adopting: Edit = (doc) => {
  doc['adopt'] = ['egain.clientApplication'];
  at(doc, 'egain', 'clientApplication')['name'] = PERSONS;
};
const called =
  (callback: string): Edit =>
  (doc) => {
    adopting(doc);
    at(doc, 'egain', 'clientApplication', 'roles', 0)['callback'] = callback;
  };

describe('an object that the account has taken over', () => {
  it('goes through amendments and gets its first former body back when the account is taken off', async () => {
    const stands = await personsApplication();
    const before = stands();
    await account.onboard(account.spec(adopting));
    expect(stands()).not.toBe(before);
    for (const callback of ['https://acme.example/second', 'https://acme.example/third']) {
      const put = await account.put(account.spec(called(callback)));
      expect(put.status, JSON.stringify(put.body)).toBe(202);
      await account.ended(put, 'succeeded');
      expect(stands()).toContain(callback);
      expect((await account.settled())['resources']).toMatchObject(
        expect.arrayContaining([
          expect.objectContaining({ key: 'egain.clientApplication', origin: 'adopted' }),
        ]) as object,
      );
    }
    await offboard(account);
    expect(stands()).toBe(before);
    expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
  });

  it('stands as the account recorded it after an amendment that was taken back', async () => {
    const stands = await personsApplication();
    await account.onboard(account.spec(adopting));
    const recorded = stands();
    refuse(accounts.engine, 'create', 'account');
    const put = await account.put(
      account.spec((doc) => {
        called('https://acme.example/second')(doc);
        const channels = at(doc, 'egain')['channels'] as JsonObject[];
        channels.push({ ...structuredClone(channels[0] ?? {}), type: 'custom.acme-desk' });
        at(doc, 'egain', 'channels', 1, 'account')['address'] = '+15550177';
      }),
    );
    await account.ended(put, 'rolled-back');
    accounts.engine.sandbox.setFaults([]);
    expect(stands()).toBe(recorded);
  });
});

describe('a channel that three accounts share', () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;

  it.each(orders)('stays until the last of them is taken off: %i, %i, %i', async (...order) => {
    const before = JSON.stringify(all('channel'));
    const three = ['a', 'b', 'c'].map((name) =>
      accountOf(accounts.engine, accounts.api, `${account.tenant}${name}`, minimalEgainSpec),
    );
    for (const [i, each] of three.entries()) {
      await each.onboard(
        each.spec((doc) => (at(doc, 'egain', 'channels', 0, 'account')['address'] = `+1555020${String(i)}`)),
      );
    }
    const [shared] = all('channel').filter((each) => each['type'] === 'custom.acme');
    expect(all('channel').filter((each) => each['type'] === 'custom.acme')).toHaveLength(1);
    const [first, second, last] = order.map((i) => three[i]) as [AccountUnderTest, AccountUnderTest, AccountUnderTest];
    for (const [gone, left] of [
      [first, [second, last]],
      [second, [last]],
    ] as const) {
      await offboard(gone);
      expect(all('channel').map((each) => each['id'])).toContain(shared?.['id']);
      for (const each of left) {
        const answer = await each.reconcile({ mode: 'observe' });
        await each.ended(answer, 'succeeded');
        expect(await each.settled()).toMatchObject({ drift: [] });
      }
    }
    await offboard(last);
    const made = three[0]?.id === last.id;
    // The one that made it takes it off when nobody refers to it any more; what others only used is not theirs to delete.
    if (made) expect(JSON.stringify(all('channel'))).toBe(before);
    for (const each of three) {
      expect(ownedAtVendors(accounts.engine.sandbox, each.id)).toEqual(
        made || each !== three[0] ? [] : ['egain.channel'],
      );
    }
  });
});
