import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { refuse, startAccounts, type AccountsUnderTest, type AccountUnderTest } from '#test/support/accounts.js';
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

describe('an offboarding', () => {
  it('leaves nothing, frees the name, and the account may come again', async () => {
    const others = othersAtVendors(accounts.engine.sandbox, account.id);
    await account.onboard();
    const answer = await accounts.api.call('DELETE', `/v1/accounts/${account.id}?reason=over`);
    expect(answer.status).toBe(202);
    expect(await account.ended(answer, 'succeeded', 'rollback-incomplete')).toMatchObject({
      status: 'succeeded',
      kind: 'offboard',
      percent: 100,
    });
    expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
    expect(othersAtVendors(accounts.engine.sandbox, account.id)).toBe(others);
    await account.gone();
    await account.onboard();
    expect(await account.settled()).toMatchObject({ state: 'live' });
  });

  it('that is refused parks with what is left, and goes on', async () => {
    await account.onboard();
    refuse(accounts.engine, 'delete', 'clientApplication');
    const answer = await account.remove();
    const parked = await account.ended(answer, 'rollback-incomplete', 'succeeded');
    expect(parked.leftovers.map(({ key }) => key)).toContain('egain.clientApplication');
    expect((await account.remove()).body).toMatchObject({
      operationId: answer.body['operationId'],
    });
    expect((await account.put(account.spec((doc) => (doc['labels'] = { a: 'b' })))).body).toMatchObject({
      type: expect.stringMatching('offboarding-in-progress') as string,
    });
    accounts.engine.sandbox.setFaults([]);
    expect((await account.command('retry', { reason: 'again' })).status).toBe(202);
    expect(await account.ended(answer, 'succeeded')).toMatchObject({ status: 'succeeded' });
    expect(ownedAtVendors(accounts.engine.sandbox, account.id)).toEqual([]);
  });

  it('that is stopped leaves a live account whose missing parts are drift', async () => {
    await account.onboard();
    refuse(accounts.engine, 'delete', 'clientApplication');
    const answer = await account.remove();
    await account.ended(answer, 'rollback-incomplete');
    accounts.engine.sandbox.setFaults([]);
    expect((await account.command('cancel', { reason: 'keep it' })).status).toBe(202);
    expect(await account.ended(answer, 'cancelled')).toMatchObject({ status: 'cancelled' });
    const stopped = await account.settled();
    expect((stopped['drift'] as JsonObject[]).map(({ kind }) => kind)).toContain('missing');
    const repaired = await account.reconcile({ mode: 'repair' });
    expect(await account.ended(repaired, 'succeeded', 'failed')).toMatchObject({
      status: 'succeeded',
      kind: 'reconcile',
    });
    const whole = await account.settled();
    expect(whole['drift']).toEqual([]);
    expect((whole['resources'] as unknown[]).length).toBe(ownedAtVendors(accounts.engine.sandbox, account.id).length);
  });

  it('is refused while the account is protected', async () => {
    await account.onboard(account.spec((doc) => (doc['protect'] = true)));
    expect((await account.remove()).body).toMatchObject({
      type: expect.stringMatching('protected') as string,
      keys: expect.arrayContaining(['egain.clientApplication']) as string[],
    });
  });
});
