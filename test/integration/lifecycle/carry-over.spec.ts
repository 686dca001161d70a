import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { fullSpec } from '#test/faults/lifecycle/ways.js';
import {
  at,
  callsSoFar,
  startAccounts,
  writesSince,
  type AccountsUnderTest,
  type AccountUnderTest,
} from '#test/support/accounts.js';
import { document } from '#test/support/api.js';
import { othersAtVendors, ownedAtVendors } from '#test/support/engine.js';

vi.setConfig({ testTimeout: 240_000 });

let accounts: AccountsUnderTest;
let account: AccountUnderTest;

const before = ({ tenant = '' }: Partial<OnboardingSpec>): OnboardingSpec =>
  fullSpec(tenant, { channel: 'custom.acme', hooks: 'old' });

beforeAll(async () => {
  accounts = await startAccounts(inject('temporal'), {}, before);
});
afterAll(() => accounts.close());
beforeEach(() => {
  account = accounts.fresh();
});

/** The spec with which nothing can stand beside what it takes the place of. */
function wanted(edit: (doc: JsonObject) => void = () => undefined): JsonObject {
  const spec = fullSpec(account.tenant, { channel: 'custom.acme-desk', hooks: 'new' });
  const doc = structuredClone(document(accounts.engine, spec));
  edit(doc);
  return doc;
}

function webhooks(): JsonObject[] {
  const { objects } = accounts.engine.sandbox.state({ ledger: false });
  const [app] = account.objects('sinch', 'app');
  return (objects['sinch']?.['webhook'] ?? []).filter((each) => each['app_id'] === app?.['id']);
}

function idsOf(objects: readonly JsonObject[]): unknown[] {
  return objects.map(({ id }) => id).sort();
}

/** What stands of the account, byte for byte but for what a vendor sets with each write. */
function standing(): string {
  const clock = /"modified":"[^"]*"/g;
  return (
    JSON.stringify(ownedAtVendors(accounts.engine.sandbox, account.id).sort()).replaceAll(clock, '') +
    JSON.stringify(webhooks())
  );
}

describe('an amendment with which nothing can stand beside its successor', () => {
  it('updates the objects in place, marker included, and keeps their ids', async () => {
    await account.onboard();
    const [hooks, lines] = [idsOf(webhooks()), idsOf(account.objects('egain', 'account'))];
    const others = othersAtVendors(accounts.engine.sandbox, account.id);
    const seq = callsSoFar(accounts.engine);
    const progress = await account.ended(await account.put(wanted()), 'succeeded', 'rolled-back');
    expect(progress).toMatchObject({ status: 'succeeded', percent: 100, leftovers: [] });
    expect(writesSince(accounts.engine, seq).sort()).toEqual([
      'create channel',
      'delete channel',
      'update account',
      ...Array.from({ length: 5 }, () => 'update webhook'),
    ]);
    expect(idsOf(webhooks())).toEqual(hooks);
    expect(webhooks().map(({ target }) => target)).toEqual(
      expect.arrayContaining(['https://acme.example/new/0', 'https://acme.example/new/4']) as unknown,
    );
    expect(webhooks().every(({ secret }) => secret === 'new-secret')).toBe(true);
    const [line] = account.objects('egain', 'account');
    expect(idsOf(account.objects('egain', 'account'))).toEqual(lines);
    expect(line?.['description'], 'the marker names the new node').toContain('egain.account.custom.acme-desk');
    expect(othersAtVendors(accounts.engine.sandbox, account.id)).toBe(others);
    const kept = progress.steps.filter(({ status }) => status === 'kept').map(({ key }) => key);
    expect(kept).toContain('egain.account.custom.acme');
    expect(kept).toHaveLength(6);
    const after = await account.settled();
    expect((after['resources'] as JsonObject[]).filter(({ externalId }) => lines.includes(externalId))).toMatchObject([
      { key: 'egain.account.custom.acme-desk', origin: 'created' },
    ]);
    expect(await account.put(wanted()), 'it stands').toMatchObject({ status: 200 });
  });

  it('that fails brings every object back to its recorded body, secret and marker, under its id', async () => {
    await account.onboard();
    const [stood, hooks, read] = [standing(), idsOf(webhooks()), await account.read()];
    accounts.engine.sandbox.setFaults([
      { match: { resource: 'channel', operation: 'delete' }, effect: { kind: 'status', status: 403 } },
    ]);
    const progress = await account.ended(
      await account.put(wanted()),
      'rolled-back',
      'rollback-incomplete',
      'succeeded',
    );
    accounts.engine.sandbox.setFaults([]);
    expect(progress.status, JSON.stringify(progress.leftovers)).toBe('rollback-incomplete');
    await account.ended(
      await account
        .command('rollback')
        .then(() => account.read())
        .then(operation),
      'rolled-back',
    );
    expect(standing()).toBe(stood);
    expect(idsOf(webhooks())).toEqual(hooks);
    expect(await account.settled()).toMatchObject({
      specHash: read['specHash'],
      drift: [],
      resources: read['resources'],
    });
  });

  it('deletes first and creates then where the vendor lets nothing become another, and makes it again in its undo', async () => {
    accounts.engine.sandbox.setKnobs({
      egain: { accountChannelChange: 'refused' },
      sinch: { webhookTargetChange: 'refused' },
    });
    await account.onboard();
    const [hooks, bodies] = [idsOf(webhooks()), webhooks().map(withoutId)];
    accounts.engine.sandbox.setFaults([
      {
        match: { resource: 'webhook', operation: 'create', bodyContains: '/new/4' },
        effect: { kind: 'status', status: 403 },
      },
    ]);
    const failed = await account.ended(await account.put(wanted()), 'rolled-back', 'rollback-incomplete', 'succeeded');
    accounts.engine.sandbox.setFaults([]);
    if (failed.status === 'rollback-incomplete') {
      await account.ended(
        await account
          .command('rollback')
          .then(() => account.read())
          .then(operation),
        'rolled-back',
      );
    }
    expect(webhooks().map(withoutId).sort(byTarget)).toEqual(bodies.sort(byTarget));
    await account.settled();
    expect(await account.ended(await account.put(wanted()), 'succeeded', 'rolled-back')).toMatchObject({
      status: 'succeeded',
    });
    expect(webhooks()).toHaveLength(5);
    expect(idsOf(webhooks()).filter((id) => hooks.includes(id))).toEqual([]);
    expect(webhooks().every((each) => targetOf(each).includes('/new/'))).toBe(true);
  });

  it('is a conflict before anything is written where the kind cannot: a channel whose type differs in its case', async () => {
    await account.onboard();
    const stood = standing();
    const seq = callsSoFar(accounts.engine);
    const answer = await account.put(account.spec((doc) => (at(doc, 'egain', 'channels', 0)['type'] = 'custom.ACME')));
    const progress = await account.ended(answer, 'rolled-back', 'succeeded');
    expect(progress.status).toBe('rolled-back');
    expect(progress.reason).toContain('use another name, or take it out first');
    expect(writesSince(accounts.engine, seq)).toEqual([]);
    expect(standing()).toBe(stood);
  });
});

function withoutId({ id: _id, ...rest }: JsonObject): JsonObject {
  return rest;
}

function targetOf({ target }: JsonObject): string {
  return typeof target === 'string' ? target : '';
}

function byTarget(a: JsonObject, b: JsonObject): number {
  return targetOf(a).localeCompare(targetOf(b));
}

/** The answer that names the operation that an account shows. */
function operation(read: JsonObject): { status: number; body: JsonObject; headers: Headers } {
  const { id } = read['lastOperation'] as { id: string };
  return { status: 202, body: { operationId: id }, headers: new Headers() };
}
