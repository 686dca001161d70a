import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { startEngine, type Engine } from '#test/support/engine.js';
import { onboardFleet, type Fleet } from '#test/support/fleet.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let fleet: Fleet;

beforeAll(async () => {
  const reconciliation = { stopCount: 50, orphanAge: '0s' };
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 2_000, reconciliation });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  engine.sandbox.reset();
  fleet = await onboardFleet(engine, 2);
});
afterEach(() => fleet.close());

const idOf = (object: { [name: string]: unknown } | undefined): string => String(object?.['id']);
const isWrite = ({ operation }: { operation: string }): boolean => ['create', 'update', 'delete'].includes(operation);

it('repairs exactly what differs, and a second run is quiet', async () => {
  const [account] = fleet.objects(0, 'egain', 'account');
  engine.sandbox.edit('egain', 'account', idOf(account), { address: '+15559999' });
  const seq = fleet.seq();
  const report = await fleet.run({ mode: 'repair' });
  expect(report.items).toMatchObject([{ id: fleet.jobs[0]?.id, kind: 'changed', outcome: 'repaired' }]);
  expect(report.counts).toMatchObject({ accounts: 2, inSync: 1, drifted: 1, repaired: 1, deferred: 0 });
  expect(fleet.calls(seq).filter(isWrite)).toEqual([{ vendor: 'egain', resource: 'account', operation: 'update' }]);
  expect(fleet.objects(0, 'egain', 'account')[0]?.['address']).toBe(account?.['address']);
  const before = fleet.seq();
  expect((await fleet.run({ mode: 'repair' })).counts).toMatchObject({ inSync: 2, drifted: 0 });
  expect(fleet.calls(before).filter(isWrite)).toEqual([]);
});

it('repairs no more accounts than it may, and notes the rest', async () => {
  for (const nth of [0, 1]) {
    engine.sandbox.edit('egain', 'account', idOf(fleet.objects(nth, 'egain', 'account')[0]), {
      address: `+1555999${String(nth)}`,
    });
  }
  const report = await fleet.run({ mode: 'repair', maxRepairs: 1 });
  expect(report.counts).toMatchObject({ drifted: 2, repaired: 1, deferred: 1 });
  const deferred = report.items.find(({ outcome }) => outcome === 'deferred');
  const nth = fleet.jobs.findIndex(({ id }) => id === deferred?.id);
  await until(
    async () => ((await fleet.state(nth)).drift ? true : undefined),
    'the account that waits to know of its drift',
  );
});

it('writes nothing at a vendor or on an account once a rule stops it', async () => {
  for (const nth of [0, 1]) {
    engine.sandbox.edit('egain', 'account', idOf(fleet.objects(nth, 'egain', 'account')[0]), {
      address: `+1555999${String(nth)}`,
    });
  }
  const before = [await fleet.state(0), await fleet.state(1)];
  const seq = fleet.seq();
  const report = await fleet.run({ mode: 'repair', stopCount: 2, stopShare: 0.5 });
  expect(report).toMatchObject({ status: 'stopped', stopped: { rule: 'share' } });
  expect(report.items.every(({ outcome }) => outcome === 'deferred')).toBe(true);
  expect(fleet.calls(seq).filter(isWrite)).toEqual([]);
  expect([await fleet.state(0), await fleet.state(1)]).toEqual(before);
});

it('removes an orphan under the lock of its account, after two looks', async () => {
  const all = engine.sandbox.state({ ledger: false }).objects['egain']?.['clientApplication'] ?? [];
  const orphan = all.find((object) => !JSON.stringify(object).includes('gw:'));
  const description = `gw:${engine.installation}:${fleet.tenant}.gone:egain.clientApplication`;
  engine.sandbox.edit('egain', 'clientApplication', idOf(orphan), { description });
  const report = await fleet.run({ mode: 'repair', removeOrphans: true });
  expect(report.orphans).toMatchObject([{ externalId: idOf(orphan), removed: true, reason: null }]);
  const left = engine.sandbox.state({ ledger: false }).objects['egain']?.['clientApplication'] ?? [];
  expect(left.map(idOf)).not.toContain(idOf(orphan));
  const lock = await engine.client.workflow.getHandle(`account/${fleet.tenant}.gone`).describe();
  expect(lock.status.name, 'the lock is given back').toBe('COMPLETED');
});
