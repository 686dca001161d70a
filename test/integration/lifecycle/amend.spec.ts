import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import {
  at,
  callsSoFar,
  refuse,
  startAccounts,
  writesSince,
  type AccountsUnderTest,
  type AccountUnderTest,
} from '#test/support/accounts.js';
import { othersAtVendors, ownedAtVendors } from '#test/support/engine.js';

let accounts: AccountsUnderTest;
let account: AccountUnderTest;

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'));
});
afterAll(() => accounts.close());
beforeEach(() => {
  account = accounts.fresh();
});

describe('an amendment', () => {
  it('writes one field with one call, keeps every id, and stands afterwards', async () => {
    await account.onboard();
    const before = await account.read();
    const seq = callsSoFar(accounts.engine);
    const answer = await account.put(
      account.spec((doc) => (at(doc, 'egain', 'channels', 0, 'account')['address'] = '+15550199')),
    );
    expect(answer.status).toBe(202);
    const progress = await account.ended(answer, 'succeeded', 'rolled-back');
    expect(progress).toMatchObject({ status: 'succeeded', kind: 'amend', percent: 100 });
    expect(writesSince(accounts.engine, seq)).toEqual(['update account']);
    const after = await account.settled();
    expect(after['resources']).toEqual(before['resources']);
    expect(after['specHash']).not.toBe(before['specHash']);
    expect(account.objects('egain', 'account').map(({ address }) => address)).toContain('+15550199');
  });

  it('asks no vendor and needs no operation when nothing changes, also for what GET shows', async () => {
    await account.onboard();
    const { seq } = accounts.engine.sandbox.state({ objects: false, ledger: false });
    for (const body of [account.spec(), (await account.read())['spec']]) {
      const answer = await account.put(body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expect(answer.body).toMatchObject({ operationId: null });
    }
    expect(accounts.engine.sandbox.state({ objects: false, since: seq }).ledger).toEqual([]);
  });

  it('asks no vendor for labels alone', async () => {
    await account.onboard();
    const { seq } = accounts.engine.sandbox.state({ objects: false, ledger: false });
    const answer = await account.put(account.spec((doc) => (doc['labels'] = { region: 'emea' })));
    expect(await account.ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    expect(accounts.engine.sandbox.state({ objects: false, since: seq }).ledger).toEqual([]);
    expect(await account.settled()).toMatchObject({ spec: { labels: { region: 'emea' } } });
  });

  it('writes a secret alone, though nothing that can be read differs', async () => {
    await account.onboard();
    const seq = callsSoFar(accounts.engine);
    const answer = await account.put(
      account.spec((doc) => (at(doc, 'egain', 'authentication', 'basicAuth')['password'] = 'another-password')),
    );
    expect(await account.ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    expect(writesSince(accounts.engine, seq)).toEqual(['update authentication']);
  });

  it('makes what is new first and removes what is gone last', async () => {
    await account.onboard();
    const seq = callsSoFar(accounts.engine);
    const answer = await account.put(
      account.spec((doc) => {
        const [first, second] = at(doc, 'egain')['channels'] as JsonObject[];
        at(doc, 'egain')['channels'] = [first ?? {}, { ...second, type: 'custom.acme-desk' }];
      }),
    );
    expect(await account.ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    const writes = writesSince(accounts.engine, seq);
    expect(writes.filter((each) => each.startsWith('create'))).toEqual(['create channel', 'create account']);
    expect(writes.slice(-2)).toEqual(['delete account', 'delete channel']);
    expect((await account.settled())['resources']).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ key: 'egain.channel.custom.acme-desk' })]) as object,
    );
  });

  it('that fails leads back to what was recorded, with its secrets, and leaves the account live', async () => {
    await account.onboard();
    const before = await account.read();
    const stood = JSON.stringify(ownedAtVendors(accounts.engine.sandbox, account.id).sort());
    const others = othersAtVendors(accounts.engine.sandbox, account.id);
    refuse(accounts.engine, 'create', 'account');
    const answer = await account.put(
      account.spec((doc) => {
        at(doc, 'egain', 'authentication', 'basicAuth')['password'] = 'another-password';
        const channels = at(doc, 'egain')['channels'] as JsonObject[];
        channels.push({ ...structuredClone(channels[0] ?? {}), type: 'custom.acme-desk' });
        at(doc, 'egain', 'channels', 2, 'account')['address'] = '+15550177';
      }),
    );
    const progress = await account.ended(answer, 'rolled-back', 'rollback-incomplete', 'succeeded');
    accounts.engine.sandbox.setFaults([]);
    expect(progress).toMatchObject({ status: 'rolled-back', leftovers: [] });
    expect(JSON.stringify(ownedAtVendors(accounts.engine.sandbox, account.id).sort())).toBe(stood);
    expect(othersAtVendors(accounts.engine.sandbox, account.id)).toBe(others);
    const after = await account.settled();
    expect(after).toMatchObject({ specHash: before['specHash'], drift: [], resources: before['resources'] });
    expect(account.objects('egain', 'authentication').map((each) => at(each, 'basicAuth')['password'])).toContain(
      'callback-password',
    );
  });

  it('is refused for another spec than the one that was read, another chain, tenant or connection', async () => {
    await account.onboard();
    expect((await account.put(account.spec(), { 'if-match': '"0"' })).body).toMatchObject({
      type: expect.stringMatching('spec-changed') as string,
    });
    for (const [field, value] of [
      ['account', 'other'],
      ['tenant', 'other'],
    ] as const) {
      const answer = await account.put(account.spec((doc) => (doc[field] = value)));
      expect(answer.status).toBe(400);
      expect(answer.body['errors']).toMatchObject([{ pointer: `/${field}` }]);
    }
    const placeholder = await account.put(
      account.spec((doc) => {
        at(doc, 'egain', 'clientApplication', 'roles', 0)['headers'] = [{ name: 'X-New', value: '[secret]' }];
      }),
    );
    expect(placeholder.body['errors']).toMatchObject([{ pointer: '/egain/clientApplication/roles/0/headers/0/value' }]);
    expect((await account.read())['queue']).toEqual([]);
  });
});
