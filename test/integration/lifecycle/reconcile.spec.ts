import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import {
  callsSoFar,
  operationOf,
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

/** What a reconciliation leaves on the account. */
async function reconciled(mode: 'observe' | 'repair', more: JsonObject = {}): Promise<JsonObject> {
  const answer = await account.reconcile({ mode, ...more });
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  await account.ended(answer, 'succeeded');
  return account.settled();
}

function only(vendor: string, kind: string, fits: (object: JsonObject) => boolean = () => true): JsonObject {
  const found = account.objects(vendor, kind).filter(fits);
  expect(found).not.toEqual([]);
  return found[0] ?? {};
}

function idOf(object: JsonObject): string {
  return object['id'] as string;
}

function rolesOf(object: JsonObject): unknown[] {
  return (object['roles'] as JsonObject[]).map(({ name }) => name);
}

const at100 = (object: JsonObject): boolean => object['address'] === '+15550100';

describe('observing', () => {
  it('writes nothing, nor tries to, whatever it finds', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    sandbox.edit('egain', 'account', idOf(only('egain', 'account', at100)), { address: '+15559999' });
    sandbox.remove('sinch', 'webhook', idOf(sandbox.state({ ledger: false }).objects['sinch']?.['webhook']?.[0] ?? {}));
    const seq = callsSoFar(accounts.engine);
    const operations = ['create', 'update', 'delete'] as const;
    sandbox.setFaults(
      operations.map((operation) => ({ match: { operation }, effect: { kind: 'status', status: 403 } })),
    );
    const seen = await reconciled('observe');
    expect((seen['drift'] as JsonObject[]).map(({ kind }) => kind).sort()).toEqual(['changed', 'missing']);
    const tried = sandbox.state({ objects: false, since: seq }).ledger.map(({ operation }) => operation);
    expect(tried).not.toEqual([]);
    expect(tried.filter((operation) => (operations as readonly string[]).includes(operation))).toEqual([]);
  });

  it('names the field that differs, what is expected there and what is seen, and no secret', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    sandbox.edit('egain', 'account', idOf(only('egain', 'account', at100)), { address: '+15559999' });
    sandbox.edit('egain', 'authentication', idOf(only('egain', 'authentication')), {
      basicAuth: { username: 'somebody', password: 'planted-secret' },
    });
    const seen = await reconciled('observe');
    expect(seen).toMatchObject({
      lastReconciliation: { mode: 'observe', status: 'drifted' },
      drift: expect.arrayContaining([
        expect.objectContaining({
          key: 'egain.account.custom.acme',
          kind: 'changed',
          fields: [{ path: 'address', expected: '+15550100', seen: '+15559999' }],
        }),
      ]) as unknown,
    });
    expect(JSON.stringify(seen)).not.toMatch(/planted-secret|callback-password/);
    const listed = async (filter: string): Promise<unknown[]> =>
      (await accounts.api.call('GET', `/v1/accounts?tenant=${account.tenant}&drift=${filter}`)).body[
        'items'
      ] as unknown[];
    expect(await listed('changed')).toMatchObject([{ id: account.id, drift: 'changed' }]);
    expect(await listed('missing')).toEqual([]);
    expect(await listed('false')).toEqual([]);
  });

  it('keeps since when something differs, and forgets it once it differs no more', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const id = idOf(only('egain', 'account', at100));
    sandbox.edit('egain', 'account', id, { address: '+15559999' });
    const [first] = (await reconciled('observe'))['drift'] as JsonObject[];
    const [second] = (await reconciled('observe'))['drift'] as JsonObject[];
    expect(second).toEqual(first);
    sandbox.edit('egain', 'account', id, { address: '+15550100' });
    expect(await reconciled('observe')).toMatchObject({ drift: [], lastReconciliation: { status: 'in-sync' } });
  });

  it('fails where a vendor cannot be read, and calls nothing missing', async () => {
    await account.onboard();
    accounts.engine.sandbox.setFaults([{ match: { vendor: 'sinch' }, effect: { kind: 'status', status: 503 } }]);
    const answer = await account.reconcile({ mode: 'observe' });
    expect(await account.ended(answer, 'failed', 'succeeded')).toMatchObject({ status: 'failed' });
    expect(await account.settled()).toMatchObject({ drift: [], lastReconciliation: { status: 'failed' } });
  });
});

describe('repairing', () => {
  it('writes just what is changed, and says so', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    sandbox.edit('egain', 'account', idOf(only('egain', 'account', at100)), { address: '+15559999' });
    const seq = callsSoFar(accounts.engine);
    const before = await account.read();
    const after = await reconciled('repair');
    expect(after).toMatchObject({ drift: [], lastReconciliation: { mode: 'repair', status: 'repaired' } });
    expect(after['resources']).toEqual(before['resources']);
    expect(writesSince(accounts.engine, seq)).toEqual(['update account']);
  });

  it('neither tells nor writes what the spec says is nobody’s business, though it writes the object for another reason', async () => {
    const { sandbox } = accounts.engine;
    const ignoreDrift = {
      'egain.account.custom.acme': ['address', 'chatConfigurations.timeout'],
      'egain.clientApplication': ['roles[].callback'],
      'sinch.app': ['display_name', 'retention_policy'],
    };
    await account.onboard(account.spec((doc) => (doc['ignoreDrift'] = ignoreDrift)));
    const line = idOf(only('egain', 'account', at100));
    const [hub] = account.objects('egain', 'clientApplication').filter((each) => rolesOf(each)[0] === 'customer');
    const app = only('sinch', 'app');
    const chat = { ...(only('egain', 'account', at100)['chatConfigurations'] as JsonObject), timeout: 99 };
    const theirs = (hub?.['roles'] as JsonObject[]).map((role) => ({
      ...role,
      callback: 'https://theirs.example/hub',
    }));
    const renamed = (app['display_name'] as string).replace('Acme', 'Renamed');
    sandbox.edit('egain', 'account', line, { address: '+15559999', chatConfigurations: chat });
    sandbox.edit('egain', 'clientApplication', idOf(hub ?? {}), { roles: theirs });
    sandbox.edit('sinch', 'app', idOf(app), { display_name: renamed, retention_policy: { ttl_days: 7 } });
    expect(await reconciled('observe')).toMatchObject({ drift: [], lastReconciliation: { status: 'in-sync' } });

    sandbox.edit('egain', 'account', line, { chatConfigurations: { ...chat, defaultLanguage: 'fr-FR' } });
    sandbox.edit('egain', 'clientApplication', idOf(hub ?? {}), {
      roles: theirs.map((role) => ({ ...role, notificationEmail: 'theirs@acme.example' })),
    });
    sandbox.edit('sinch', 'app', idOf(app), { processing_mode: 'CONVERSATION' });
    const seq = callsSoFar(accounts.engine);
    expect(await reconciled('repair')).toMatchObject({ drift: [], lastReconciliation: { status: 'repaired' } });
    expect(writesSince(accounts.engine, seq).sort()).toEqual([
      'update account',
      'update app',
      'update clientApplication',
    ]);
    expect(account.objects('egain', 'account').find((each) => idOf(each) === line)).toMatchObject({
      address: '+15559999',
      chatConfigurations: { timeout: 99, defaultLanguage: 'en-US' },
    });
    expect(account.objects('egain', 'clientApplication').find((each) => idOf(each) === idOf(hub ?? {}))).toMatchObject({
      roles: [{ callback: 'https://theirs.example/hub', notificationEmail: 'ops@acme.example' }],
    });
    expect(only('sinch', 'app')).toMatchObject({
      display_name: renamed,
      retention_policy: { ttl_days: 7 },
      processing_mode: 'DISPATCH',
    });

    await reconciled('repair', { rewriteSecrets: true });
    expect(
      account.objects('egain', 'account').find((each) => idOf(each) === line),
      'nor with its secrets',
    ).toMatchObject({
      address: '+15559999',
    });
  });

  it('makes anew what is missing, and brings what refers to it to the new one', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const others = othersAtVendors(sandbox, account.id);
    const gone = sandbox.state({ ledger: false }).objects['sinch']?.['app'] ?? [];
    const app = gone.find((each) => JSON.stringify(each).includes(`:${account.id}:`));
    sandbox.remove('sinch', 'app', idOf(app ?? {}));
    const seen = await reconciled('observe');
    expect((seen['drift'] as JsonObject[]).map(({ key, kind }) => `${kind as string} ${key as string}`)).toContain(
      'missing sinch.app',
    );
    const after = await reconciled('repair');
    expect(after).toMatchObject({ drift: [], lastReconciliation: { status: 'repaired' } });
    const resources = after['resources'] as { key: string; externalId: string }[];
    const now = resources.find(({ key }) => key === 'sinch.app')?.externalId;
    expect(now).not.toBe(app?.['id']);
    const hooks = sandbox.state({ ledger: false }).objects['sinch']?.['webhook'] ?? [];
    expect(hooks.filter((hook) => hook['app_id'] === now)).toHaveLength(1);
    expect(ownedAtVendors(sandbox, account.id)).toHaveLength(resources.length);
    expect(othersAtVendors(sandbox, account.id)).toBe(others);
  });

  it('removes a second object with the account’s marker, and keeps the recorded one', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const { id, ...copy } = only('egain', 'authentication');
    const { tenant: _t, region: _r, ...body } = copy;
    const [spare] = sandbox.insert('egain', 'authentication', [{ ...body, name: 'a-copy' }]);
    expect(await reconciled('observe')).toMatchObject({ drift: [{ kind: 'duplicate', externalId: spare }] });
    expect(await reconciled('repair')).toMatchObject({ drift: [], lastReconciliation: { status: 'repaired' } });
    expect(account.objects('egain', 'authentication').map((each) => each['id'])).toEqual([id]);
  });

  it('switches nothing on: a channel that Sinch says is failing stays drift, and the repair has succeeded', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const app = only('sinch', 'app');
    const channels = (app['channel_credentials'] as JsonObject[]).map((each) => ({
      ...each,
      state: { status: 'FAILING', description: 'number was taken away' },
    }));
    sandbox.edit('sinch', 'app', idOf(app), { channel_credentials: channels });
    const seq = callsSoFar(accounts.engine);
    const after = await reconciled('repair');
    expect(after).toMatchObject({
      drift: [
        { key: 'sinch.channels', kind: 'not-ready', reason: expect.stringMatching('number was taken away') as string },
      ],
      lastReconciliation: { mode: 'repair', status: 'drifted' },
    });
    expect(writesSince(accounts.engine, seq)).toEqual([]);
  });

  it('writes all secrets again where asked to, and nothing else', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    const before = await account.read();
    const id = idOf(only('egain', 'authentication'));
    sandbox.edit('egain', 'authentication', id, { basicAuth: { username: 'hub', password: 'lost' } });
    const seq = callsSoFar(accounts.engine);
    const after = await reconciled('repair', { rewriteSecrets: true });
    expect(after['resources']).toEqual(before['resources']);
    expect(writesSince(accounts.engine, seq).sort()).toEqual(['update app', 'update authentication', 'update webhook']);
    expect(only('egain', 'authentication')).toMatchObject({ basicAuth: { password: 'callback-password' } });
    const refused = await account.reconcile({ mode: 'observe', rewriteSecrets: true });
    expect(refused.status).toBe(400);
  });

  it('that is refused has failed, and what remains is drift', async () => {
    await account.onboard();
    const { sandbox } = accounts.engine;
    sandbox.edit('egain', 'account', idOf(only('egain', 'account', at100)), { address: '+15559999' });
    sandbox.remove('egain', 'authentication', idOf(only('egain', 'authentication')));
    const match = { resource: 'account', operation: 'update' as const };
    sandbox.setFaults([{ match, effect: { kind: 'status', status: 403 } }]);
    const answer = await account.reconcile({ mode: 'repair' });
    expect(await account.ended(answer, 'failed', 'succeeded')).toMatchObject({ status: 'failed' });
    sandbox.setFaults([]);
    const after = await account.settled();
    expect(after['drift']).toMatchObject([{ key: 'egain.account.custom.acme', kind: 'changed' }]);
    expect(account.objects('egain', 'authentication')).toHaveLength(1); // the other part was done, and is recorded
    expect(await reconciled('observe')).toMatchObject({ drift: [{ kind: 'changed' }] });
  });
});

describe('the cap on what fleet runs may do', () => {
  const set = (body: JsonObject): Promise<{ status: number; body: JsonObject }> =>
    accounts.api.call('PUT', `/v1/accounts/${account.id}/reconciliation`, { body });

  it('is shown with its end, and an end that is past is refused', async () => {
    await account.onboard();
    expect((await set({ mode: 'off', until: '2001-01-01T00:00:00Z', reason: 'x' })).status).toBe(400);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect((await set({ mode: 'observe', until, reason: 'a test goes on' })).status).toBe(202);
    const observed = await account.reconcile({ mode: 'observe' });
    await account.ended(observed, 'succeeded');
    expect(await account.settled()).toMatchObject({
      reconciliation: { mode: 'observe', until, reason: 'a test goes on', by: 'tester' },
    });
    expect(operationOf(observed)).not.toBe('');
  });
});
