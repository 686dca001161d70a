import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import {
  address,
  at,
  callsSoFar,
  startAccounts,
  writesSince,
  type AccountsUnderTest,
  type AccountUnderTest,
  type Edit,
} from '#test/support/accounts.js';
import type { Answer } from '#test/support/api.js';
import { actionsTold, told, writesTold } from '#test/support/foreseen.js';

let accounts: AccountsUnderTest;
let account: AccountUnderTest;

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'));
});
afterAll(() => accounts.close());
beforeEach(() => {
  account = accounts.fresh();
});

const SECRETS = /callback-password|another-password|sender-token|webhook-secret|other-token|planted/;

async function plan(body: JsonObject, query = ''): Promise<Answer> {
  const answer = await accounts.api.call('POST', `/v1/plans${query}`, { body });
  expect(JSON.stringify(answer.body)).not.toMatch(SECRETS);
  return answer;
}

function planOf(operation: 'offboard' | 'repair'): Promise<Answer> {
  return accounts.api.call('GET', `/v1/accounts/${account.id}/plan?operation=${operation}`);
}

function channels(doc: JsonObject): JsonObject[] {
  return at(doc, 'egain')['channels'] as JsonObject[];
}

function webhooks(doc: JsonObject): JsonObject[] {
  return at(doc, 'sinch')['webhooks'] as JsonObject[];
}

const CHANGES: { reason: string; edit: Edit }[] = [
  { reason: 'labels are no vendor’s', edit: (doc) => (doc['labels'] = { region: 'emea' }) },
  { reason: 'one field is one call', edit: address('+15550199') },
  {
    reason: 'a secret alone is written',
    edit: (doc) => (at(doc, 'egain', 'authentication', 'basicAuth')['password'] = 'another-password'),
  },
  {
    reason: 'a secret of an app is written, and its channels are waited for again',
    edit: (doc) => (at(doc, 'sinch', 'app', 'channel_credentials', 0, 'static_bearer')['token'] = 'other-token'),
  },
  {
    reason: 'a field that is dropped goes back to its default',
    edit: (doc) => delete at(doc, 'egain', 'bot', 'participant')['intents'],
  },
  { reason: 'a rename is an update in place', edit: (doc) => (at(doc, 'egain', 'clientApplication')['name'] = 'hub') },
  {
    reason: 'another channel type is another object, and what was goes last',
    edit: (doc) => (at(doc, 'egain', 'channels', 1)['type'] = 'custom.acme-desk'),
  },
  { reason: 'a channel that is dropped goes with its account', edit: (doc) => channels(doc).pop() },
  {
    reason: 'a webhook of another target is made before the old one goes',
    edit: (doc) => (at(doc, 'sinch', 'webhooks', 0)['target'] = 'https://acme.example/other'),
  },
  { reason: 'a vendor’s whole section may go', edit: dropSinch },
  {
    reason: 'much may change at once',
    edit: (doc) => {
      address('+15550123', 1)(doc);
      at(doc, 'egain', 'channels', 0)['displayName'] = 'Acme two';
      webhooks(doc).push({ target: 'https://acme.example/more', triggers: ['MESSAGE_DELIVERY'] });
    },
  },
];

function dropSinch(doc: JsonObject): void {
  delete doc['sinch'];
  delete at(doc, 'connections')['sinch'];
}

describe('a plan of an account that is there', () => {
  it.each(CHANGES)('is what the change then does: $reason', async ({ edit }) => {
    await account.onboard();
    const wanted = account.spec(edit);
    const before = callsSoFar(accounts.engine);
    const { status, body } = await plan(wanted);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ kind: 'amend', conflicts: [] });
    expect(writesSince(accounts.engine, before)).toEqual([]);
    const headers = { 'if-match': `"${String(body['baseSpecHash'])}"` };
    const answer = await account.put({ ...wanted, planHash: body['planHash'] ?? null }, headers);
    expect(await account.ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    const writes = writesSince(accounts.engine, before);
    expect([...writesTold(told(body, 'nodes'), told(body, 'removals'))].sort()).toEqual([...writes].sort());
    expect(writes.filter((each) => each.startsWith('delete'))).toEqual(writesTold(told(body, 'removals')));
    const again = await plan(wanted);
    expect(writesTold(told(again.body, 'nodes'), told(again.body, 'removals'))).toEqual([]);
  });

  it('tells fields one by one, and a secret only as changed', async () => {
    await account.onboard();
    const { body } = await plan(
      account.spec((doc) => {
        address('+15550199')(doc);
        at(doc, 'egain', 'authentication', 'basicAuth')['password'] = 'another-password';
      }),
    );
    const changes = Object.fromEntries(told(body, 'nodes').map((node) => [node.key, node.changes]));
    expect(changes['egain.account.custom.acme']).toEqual([
      { path: 'address', expected: '+15550199', seen: '+15550100' },
    ]);
    expect(changes['egain.authentication']).toEqual([
      { path: 'basicAuth.password', expected: '[secret]', seen: '[secret]' },
    ]);
    expect(Object.values(changes).filter((each) => each.length > 0)).toHaveLength(2);
  });

  it('asks no vendor where the spec is the one that stands, also as GET shows it, and leaves conditions alone', async () => {
    await account.onboard();
    const before = callsSoFar(accounts.engine);
    for (const spec of [account.spec(), (await account.read())['spec'] as JsonObject]) {
      const { body } = await plan(spec);
      expect([...new Set(Object.values(actionsTold(told(body, 'nodes'))))]).toEqual(['unchanged']);
    }
    expect(callsSoFar(accounts.engine)).toBe(before);
  });

  it('finds somebody else’s object in the way before anything is written', async () => {
    await account.onboard();
    accounts.engine.sandbox.insert('egain', 'clientApplication', [
      { name: 'taken', active: true, roles: [{ name: 'customer', version: 'v3', callback: 'https://x.example' }] },
    ]);
    const { body } = await plan(
      account.spec((doc) => (channels(doc)[1] = { ...channels(doc)[0], type: 'custom.new' })),
    );
    expect(told(body, 'nodes').filter(({ action }) => action === 'create').length).toBeGreaterThan(0);
    expect(body['undo']).not.toEqual([]);
  });

  it('is compared with the last in line', async () => {
    await account.onboard();
    const first = account.spec(address('+15550188'));
    accounts.engine.sandbox.setFaults([
      { match: { resource: 'account', operation: 'update' }, effect: { kind: 'status', status: 503 } },
    ]);
    const answer = await account.put(first);
    const same = await plan(first);
    expect(actionsTold(told(same.body, 'nodes'))).toMatchObject({ 'egain.account.custom.acme': 'unchanged' });
    const back = await plan(account.spec());
    accounts.engine.sandbox.setFaults([]);
    expect(actionsTold(told(back.body, 'nodes'))).toMatchObject({
      'egain.account.custom.acme': 'update',
      'egain.account.custom.acme-shop': 'unchanged',
    });
    expect(await account.ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
  });

  it('is refused as the change would be', async () => {
    await account.onboard(account.spec((doc) => (doc['protect'] = true)));
    const dropped = await plan(account.spec((doc) => channels(doc).pop()));
    expect(dropped.body).toMatchObject({ type: expect.stringMatching('protected') as string });
    expect((await planOf('offboard')).body).toMatchObject({ type: expect.stringMatching('protected') as string });
    const moved = await plan(account.spec((doc) => (at(doc, 'connections')['egain'] = 'nowhere')));
    expect(moved.body['errors']).toMatchObject([{ pointer: '/connections/egain' }]);
  });
});

describe('a plan of an offboarding', () => {
  it('names what goes in the order in which it goes, and writes nothing', async () => {
    await account.onboard();
    const before = callsSoFar(accounts.engine);
    const { status, body } = await planOf('offboard');
    expect(status, JSON.stringify(body)).toBe(200);
    expect(writesSince(accounts.engine, before)).toEqual([]);
    const steps = told(body, 'steps');
    expect(new Set(steps.map(({ action }) => action))).toEqual(new Set(['remove']));
    const answer = await account.remove();
    expect(await account.ended(answer, 'succeeded', 'rollback-incomplete')).toMatchObject({ status: 'succeeded' });
    const writes = writesSince(accounts.engine, before);
    expect([...writesTold(steps)].sort()).toEqual([...writes].sort());
  });

  it('keeps what was taken over, and takes what carries the account’s marker', async () => {
    const taken = { target: 'https://acme.example/sinch', triggers: ['MESSAGE_INBOUND'], target_type: 'HTTP' };
    await account.onboard();
    const { sandbox } = accounts.engine;
    const [channel] = account.objects('egain', 'channel');
    sandbox.insert('egain', 'channel', [{ ...channel, id: undefined, type: 'custom.copy' } as unknown as JsonObject]);
    expect(taken).toBeDefined();
    const { body } = await planOf('offboard');
    const spare = told(body, 'steps').filter(({ reason }) => reason.includes('not recorded'));
    expect(spare).toMatchObject([{ action: 'remove', resource: 'channel' }]);
  });
});

describe('a plan of a repair', () => {
  it('is what the repair then does', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const [one] = account.objects('egain', 'account').filter((object) => object['address'] === '+15550100');
    sandbox.edit('egain', 'account', String(one?.['id']), { address: '+15559999' });
    const [webhook] = sandbox.state({ ledger: false }).objects['sinch']?.['webhook'] ?? [];
    sandbox.remove('sinch', 'webhook', String(webhook?.['id']));
    const before = callsSoFar(accounts.engine);
    const { status, body } = await planOf('repair');
    expect(status, JSON.stringify(body)).toBe(200);
    expect(writesSince(accounts.engine, before)).toEqual([]);
    const steps = told(body, 'steps');
    expect(writesTold(steps)).toEqual(expect.arrayContaining(['update account', 'create webhook']) as string[]);
    expect(steps.find(({ key }) => key === 'egain.account.custom.acme')?.changes).toEqual([
      { path: 'address', expected: '+15550100', seen: '+15559999' },
    ]);
    const answer = await account.reconcile({ mode: 'repair' });
    await account.ended(answer, 'succeeded', 'failed');
    expect([...writesSince(accounts.engine, before)].sort()).toEqual([...writesTold(steps)].sort());
  });

  it('has nothing to do for an account that stands', async () => {
    await account.onboard();
    const { body } = await planOf('repair');
    expect([...new Set(told(body, 'steps').map(({ action }) => action))]).toEqual(['none']);
  });
});
