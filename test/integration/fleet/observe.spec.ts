import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startEngine, type Engine } from '#test/support/engine.js';
import { onboardFleet, type Fleet } from '#test/support/fleet.js';
import { until } from '#test/support/until.js';

const WRITES = ['create', 'update', 'delete'];

let engine: Engine;
let fleet: Fleet;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 2_000, reconciliation: { stopCount: 50 } });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  engine.sandbox.reset();
  fleet = await onboardFleet(engine, 2);
});
afterEach(() => fleet.close());

const idOf = (object: { [name: string]: unknown } | undefined): string => String(object?.['id']);

describe('a run that observes', () => {
  it('finds a quiet fleet in sync by its lists alone: no object is read, and no account has an event more', async () => {
    const before = [await fleet.state(0), await fleet.state(1)];
    const seq = fleet.seq();
    const report = await fleet.run();
    expect(report).toMatchObject({ status: 'completed', stopped: null, items: [], orphans: [], truncated: false });
    expect(report.counts).toMatchObject({ accounts: 2, inSync: 2, drifted: 0, busy: 0, unreadable: 0, orphans: 0 });
    expect(new Set(fleet.calls(seq).map(({ operation }) => operation))).toEqual(new Set(['list']));
    expect([await fleet.state(0), await fleet.state(1)]).toEqual(before);
  });

  it('notes what is missing or changed on the accounts concerned, and writes nothing', async () => {
    const { sandbox } = engine;
    sandbox.edit('egain', 'account', idOf(fleet.objects(0, 'egain', 'account')[0]), { address: '+15559999' });
    const [app] = fleet.objects(1, 'sinch', 'app');
    const webhooks = sandbox.state({ ledger: false }).objects['sinch']?.['webhook'] ?? [];
    sandbox.remove('sinch', 'webhook', idOf(webhooks.find((webhook) => webhook['app_id'] === app?.['id'])));
    const seq = fleet.seq();
    const report = await fleet.run();
    expect(report.items.map(({ id, kind, outcome }) => [id, kind, outcome]).sort()).toEqual([
      [fleet.jobs[0]?.id, 'changed', 'noted'],
      [fleet.jobs[1]?.id, 'missing', 'noted'],
    ]);
    const [field] = report.items.find(({ kind }) => kind === 'changed')?.fields ?? [];
    expect(field).toMatchObject({ path: 'address', seen: '+15559999' });
    expect(report.counts).toMatchObject({ accounts: 2, inSync: 0, drifted: 2 });
    expect(fleet.calls(seq).filter(({ operation }) => WRITES.includes(operation))).toEqual([]);
    await until(
      async () => ((await fleet.state(0)).drift?.entries.length === 1 ? true : undefined),
      'the account to know of its drift',
    );
    const state = await fleet.state(1);
    expect(state.lastReconciliation).toMatchObject({ mode: 'observe', status: 'drifted' });
    expect(state.revision, 'a note is no operation').toBe((await fleet.state(0)).revision);
  });

  it('takes recorded drift back once it has gone', async () => {
    const { sandbox } = engine;
    const id = idOf(fleet.objects(0, 'egain', 'account')[0]);
    const address = fleet.objects(0, 'egain', 'account')[0]?.['address'] as string;
    sandbox.edit('egain', 'account', id, { address: '+15559999' });
    await fleet.run();
    await until(async () => ((await fleet.state(0)).drift ? true : undefined), 'the drift to be recorded');
    sandbox.edit('egain', 'account', id, { address });
    const report = await fleet.run();
    expect(report.counts).toMatchObject({ inSync: 2, drifted: 0 });
    await until(async () => ((await fleet.state(0)).drift ? undefined : true), 'the drift to be gone');
    expect((await fleet.state(0)).lastReconciliation?.status).toBe('in-sync');
  });

  it('lists what carries our marker and has no account, and leaves it; not what another installation made', async () => {
    const marker = (installation: string): string => `gw:${installation}:${fleet.tenant}.gone:egain.clientApplication`;
    const [ours, others] = unmarked('clientApplication');
    engine.sandbox.edit('egain', 'clientApplication', idOf(ours), { description: marker(engine.installation) });
    engine.sandbox.edit('egain', 'clientApplication', idOf(others), { description: marker('staging') });
    const seq = fleet.seq();
    const report = await fleet.run();
    expect(report.orphans).toMatchObject([
      { vendor: 'egain', resource: 'clientApplication', externalId: idOf(ours), removed: false },
    ]);
    expect(report.counts).toMatchObject({ orphans: 1, inSync: 2 });
    expect(fleet.calls(seq).filter(({ operation }) => WRITES.includes(operation))).toEqual([]);
  });
});

/** Objects of eGain that nobody's installation has made. */
function unmarked(kind: string): { [name: string]: unknown }[] {
  const all = engine.sandbox.state({ ledger: false }).objects['egain']?.[kind] ?? [];
  return all.filter((object) => !JSON.stringify(object).includes('gw:'));
}

describe('a connection that cannot be read', () => {
  it('ends as unreadable with its accounts, and the others go on', async () => {
    engine.sandbox.setFaults([
      { match: { vendor: 'egain', operation: 'list' }, effect: { kind: 'status', status: 403 } },
    ]);
    const report = await fleet.run();
    expect(report.status).toBe('failed');
    const status = Object.fromEntries(report.connections.map((each) => [each.connection.split('/')[0], each.status]));
    expect(status).toMatchObject({ egain: 'unreadable', sinch: 'read' });
    const unread = report.connections.find((each) => each.status === 'unreadable');
    expect(unread?.reason).toMatch(/403|refuse|permission/i);
    expect(report.counts).toMatchObject({ accounts: 2, inSync: 0, drifted: 0, unreadable: 2 });
    expect(report.items, '403 is no "missing"').toEqual([]);
  });
});
