import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import {
  address,
  at,
  callsSoFar,
  refuse,
  startAccounts,
  writesSince,
  type AccountsUnderTest,
  type AccountUnderTest,
  type Edit,
} from '#test/support/accounts.js';
import { KEY, openTo, startApi, type Answer } from '#test/support/api.js';
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

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

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
    const headers = { 'if-match': `"${textOf(body['baseSpecHash'])}"` };
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
    const [own] = account.objects('egain', 'clientApplication');
    const { id: _id, tenant: _tenant, ...rest } = own ?? {};
    const [taken] = accounts.engine.sandbox.insert('egain', 'clientApplication', [
      { ...rest, name: 'taken', description: 'made by a person' },
    ]);
    const wanted = account.spec((doc) => {
      delete doc['sinch'];
      delete at(doc, 'connections')['sinch'];
      channels(doc).push({ ...structuredClone(channels(doc)[0] ?? {}), type: 'custom.acme-new' });
      at(doc, 'egain', 'channels', 2, 'account')['address'] = '+15550177';
      at(doc, 'egain', 'bot', 'clientApplication')['name'] = 'taken';
    });
    const { body } = await plan(wanted);
    const before = callsSoFar(accounts.engine);
    const answer = await account.put(wanted);
    const ended = await account.ended(answer, 'succeeded', 'rolled-back');
    const conflicts = body['conflicts'] as JsonObject[];
    expect(ended.status).toBe(conflicts.length > 0 ? 'rolled-back' : 'succeeded');
    expect(conflicts).toMatchObject([{ key: 'egain.bot.clientApplication', externalId: taken }]);
    expect(writesSince(accounts.engine, before)).toEqual([]);
  });

  it('asks no vendor and needs no look offline, and still says what the spec no longer has', async () => {
    await account.onboard();
    const before = callsSoFar(accounts.engine);
    const { body } = await plan(account.spec(dropSinch), '?offline=true');
    expect(callsSoFar(accounts.engine)).toBe(before);
    expect([...new Set(told(body, 'nodes').map(({ action }) => action))]).toEqual([null]);
    expect(told(body, 'removals').map(({ resource, action }) => [resource, action])).toEqual([
      ['webhook', null],
      ['app', null],
    ]);
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

describe('who asks', () => {
  it('gets nothing of another tenant, and no more plans at once than one caller may have', async () => {
    await account.onboard();
    const narrow = await startApi(accounts.engine, openTo(KEY, 'narrow', { tenants: ['somebody-else'] }));
    try {
      const path = `/v1/accounts/${account.id}/plan?operation=offboard`;
      expect((await narrow.call('GET', path)).status).toBe(404);
      const foreign = await narrow.call('POST', '/v1/plans', { body: account.spec() });
      expect([foreign.status, foreign.body['type']]).toEqual([403, 'https://gangway.dev/problems/tenant-not-allowed']);
    } finally {
      await narrow.close();
    }
    accounts.engine.sandbox.setFaults([{ match: { operation: 'list' }, effect: { kind: 'delay', ms: 3_000 } }]);
    const asked = await Promise.all(Array.from({ length: 12 }, () => planOf('offboard')));
    accounts.engine.sandbox.setFaults([]);
    const refused = asked.filter(({ status }) => status === 429);
    expect(refused.map(({ body }) => body['type'])).toEqual(
      Array.from({ length: 2 }, () => 'https://gangway.dev/problems/too-many-previews'),
    );
    expect((await planOf('offboard')).status).toBe(200);
  });

  it('is told by the table of refusals before the first onboarding has succeeded and while it is taken off', async () => {
    accounts.engine.sandbox.setFaults([
      { match: { resource: 'orchestration', operation: 'create' }, effect: { kind: 'status', status: 503 } },
    ]);
    expect((await accounts.api.start(account.spec())).status).toBe(202);
    for (const answer of [await plan(account.spec()), await planOf('offboard'), await planOf('repair')]) {
      expect(answer.body['type']).toBe('https://gangway.dev/problems/onboarding-in-progress');
    }
    accounts.engine.sandbox.setFaults([]);
    await accounts.api.reached(account.id, 'succeeded');
    await account.settled();
    refuse(accounts.engine, 'delete', 'clientApplication');
    const leaving = await account.remove();
    await account.ended(leaving, 'rollback-incomplete');
    for (const answer of [await plan(account.spec(address('+1'))), await planOf('repair')]) {
      expect(answer.body['type']).toBe('https://gangway.dev/problems/offboarding-in-progress');
    }
    const left = told((await planOf('offboard')).body, 'steps').filter(({ action }) => action === 'remove');
    expect(left.map(({ key }) => key)).toContain('egain.clientApplication');
    accounts.engine.sandbox.setFaults([]);
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
    const place = (key: string): number => steps.findIndex((step) => step.key === key);
    expect(place('sinch.app')).toBeGreaterThan(
      Math.max(...steps.flatMap(({ resource }, i) => (resource === 'webhook' ? [i] : []))),
    );
    expect(place('egain.channel.custom.acme')).toBeGreaterThan(place('egain.account.custom.acme'));
    expect(place('egain.authentication')).toBeGreaterThan(place('egain.clientApplication'));
  });

  it('takes what carries the account’s marker and is not recorded', async () => {
    await account.onboard();
    const [own] = account.objects('egain', 'account');
    const { id: _id, tenant: _tenant, ...rest } = own ?? {};
    const [spare] = accounts.engine.sandbox.insert('egain', 'account', [{ ...rest, address: '+15550166' }]);
    const { body } = await planOf('offboard');
    const steps = told(body, 'steps').filter(({ reason }) => reason.includes('not recorded'));
    expect(steps).toMatchObject([{ action: 'remove', resource: 'account', externalId: spare }]);
  });
});

describe('a plan of a repair', () => {
  it('is what the repair then does', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const [one] = account.objects('egain', 'account').filter((object) => object['address'] === '+15550100');
    sandbox.edit('egain', 'account', textOf(one?.['id']), { address: '+15559999' });
    const [webhook] = sandbox.state({ ledger: false }).objects['sinch']?.['webhook'] ?? [];
    sandbox.remove('sinch', 'webhook', textOf(webhook?.['id']));
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
