import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { FleetReport, JsonObject } from '#libs/contracts/index.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { onboardFleet, type Fleet } from '#test/support/fleet.js';

let engine: Engine;
let fleet: Fleet;

const reconciliation = { stopCount: 2, stopShare: 0.01, orphanAge: '0s' };
const ALL = { mode: 'repair', removeOrphans: true } as const;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 2_000, reconciliation });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  engine.sandbox.reset();
  fleet = await onboardFleet(engine, 2);
});
afterEach(() => fleet.close());

const idOf = (object: JsonObject | undefined): string => object?.['id'] as string;
const isWrite = ({ operation }: { operation: string }): boolean => ['create', 'update', 'delete'].includes(operation);

function edit(nth: number, change: JsonObject): void {
  engine.sandbox.edit('egain', 'account', idOf(fleet.objects(nth, 'egain', 'account')[0]), change);
}

function removeAll(nth: number, kind: string): void {
  for (const object of fleet.objects(nth, 'egain', kind)) engine.sandbox.remove('egain', kind, idOf(object));
}

async function expectNoLock(): Promise<void> {
  const lock = engine.client.workflow.getHandle(`account/${fleet.tenant}.gone`);
  await expect(lock.describe()).rejects.toThrow(WorkflowNotFoundError);
}

const PLANTS: { rule: string; reason: string; plant: () => void }[] = [
  {
    rule: 'share',
    reason: 'too many accounts differ, each in another way',
    plant: () => {
      edit(0, { address: '+15559999' });
      const [object] = fleet.objects(1, 'egain', 'account');
      engine.sandbox.remove('egain', 'account', idOf(object));
    },
  },
  {
    rule: 'same-field',
    reason: 'the same field of all has another value, as after a new default of the vendor',
    plant: () => [0, 1].forEach((nth) => edit(nth, { address: `+1555999${String(nth)}` })),
  },
  {
    rule: 'emptied',
    reason: 'a list that is answered, and empty',
    plant: () => [0, 1].forEach((nth) => removeAll(nth, 'account')),
  },
  {
    rule: 'orphans',
    reason: 'too many objects with our marker have no account, as after accounts were lost',
    plant: () => fleet.abandon('clientApplication', 'egain.clientApplication', 2),
  },
];

it.each(PLANTS)('the rule $rule stops a run before it writes or notes anything: $reason', async ({ rule, plant }) => {
  plant();
  const heard = await fleet.heard();
  const seq = fleet.seq();
  const report = await fleet.run(ALL);
  expect(report).toMatchObject({ status: 'stopped', stopped: { rule } });
  expectTold(report);
  expect(report.items.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'deferred')).toEqual([]);
  expect(report.counts).toMatchObject({ repaired: 0 });
  expect(fleet.calls(seq).filter(isWrite), 'no write at a vendor').toEqual([]);
  expect(await fleet.heard(), 'no word to an account').toEqual(heard);
  await expectNoLock();
  const observed = await fleet.run({ mode: 'observe' });
  expect(observed, 'a run that observes stops by the same rule, and tells no account').toMatchObject({
    status: 'stopped',
    stopped: { rule },
  });
  expect(await fleet.heard()).toEqual(heard);
});

/** Somebody who reads the report alone knows where it stopped and what to do. */
function expectTold({ connections, stopped }: FleetReport): void {
  const stoppedAt = connections.filter(({ status }) => status === 'stopped').map(({ connection }) => connection);
  expect(stoppedAt).toEqual([stopped?.connection]);
  expect(stopped?.connection).toMatch(/^egain\//);
  expect(stopped?.detail).toContain('Nothing was');
}
