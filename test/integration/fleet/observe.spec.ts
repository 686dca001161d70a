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
    expect(report.items.find(({ kind }) => kind === 'changed')?.fields).toEqual([
      { path: 'address', expected: expect.any(String) as string, seen: '+15559999' },
    ]);
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

  it('lists an orphan, never one of an account that is there', async () => {
    await engine.client.workflow.getHandle(`account/${fleet.jobs[0]?.id ?? ''}`).signal('operation', {
      ...{ kind: 'offboard', runId: 'leaves', by: 'test', at: new Date().toISOString() },
    });
    const left = { ...fleet.objects(0, 'egain', 'orchestration')[0] };
    await until(() => (fleet.objects(0, 'sinch', 'app').length === 0 ? true : undefined), 'the account to be gone');
    await engine.client.workflow.getHandle(`account/${fleet.jobs[0]?.id ?? ''}`).result();
    const [other] = fleet.objects(1, 'egain', 'orchestration');
    engine.sandbox.edit('egain', 'orchestration', idOf(other), { description: left['description'] as string });
    const report = await fleet.run();
    expect(report.orphans).toEqual([]);
    expect(report.counts.accounts, 'the one that is left').toBe(1);
  });
});

describe('a connection that cannot be read', () => {
  it('ends as unreadable with its accounts, and the others go on', async () => {
    engine.sandbox.setFaults([
      { match: { vendor: 'egain', operation: 'list' }, effect: { kind: 'status', status: 403 } },
    ]);
    const report = await fleet.run();
    expect(report.status).toBe('failed');
    const status = Object.fromEntries(report.connections.map((each) => [each.connection.split('/')[0], each.status]));
    expect(status).toMatchObject({ egain: 'unreadable', sinch: 'read' });
    expect(report.connections.find(({ status: of }) => of === 'unreadable')?.reason).not.toBe('');
    expect(report.counts).toMatchObject({ accounts: 2, inSync: 0, drifted: 0, unreadable: 2 });
    expect(report.items, '403 is no "missing"').toEqual([]);
  });
});
