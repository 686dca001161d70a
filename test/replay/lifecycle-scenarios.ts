import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { accountWorkflowId, type OnboardingSpec, type Plan } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import type { Engine, Job, NextOperation } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import type { Scenario } from './scenarios.js';

/** What somebody else writes. */
const OTHERS = '+15559999';
const REFUSED = { kind: 'status', status: 403 } as const;

/** Every way in which an operation on a live account can end. */
export const LIFECYCLE: readonly Scenario[] = [
  onLive('amended', 'amendAccount', async (engine, live) => {
    await ends(await live.next(amendment(engine, live)), 'succeeded');
  }),
  onLive('amend-rolled-back', 'amendAccount', async (engine, live) => {
    refuse(engine, 'account', 'create');
    await ends(await live.next(amendment(engine, live)), 'rolled-back');
  }),
  onLive(
    'amend-held-retried',
    'amendAccount',
    async (engine, live) => {
      refuse(engine, 'account', 'create');
      const amend = await live.next(amendment(engine, live));
      await amend.reached('held');
      engine.sandbox.setFaults([]);
      await amend.command('retry', { plan: planOf(engine, live, '+15550188') });
      await ends(amend, 'succeeded');
    },
    'hold',
  ),
  onLive(
    'amend-cancelled',
    'amendAccount',
    async (engine, live) => {
      refuse(engine, 'account', 'create');
      const amend = await live.next(amendment(engine, live));
      await amend.reached('held');
      engine.sandbox.setFaults([]);
      await amend.command('cancel');
      await ends(amend, 'cancelled');
    },
    'hold',
  ),
  onLive('offboarded', 'offboardAccount', async (engine, live) => {
    await ends(await live.next({ kind: 'offboard' }), 'succeeded');
    await gone(engine, live);
  }),
  onLive('offboard-retried', 'offboardAccount', async (engine, live) => {
    const offboard = await parked(engine, live);
    engine.sandbox.setFaults([]);
    await offboard.command('retry');
    await ends(offboard, 'succeeded');
    await gone(engine, live);
  }),
  onLive('offboard-stopped', 'offboardAccount', async (engine, live) => {
    const offboard = await parked(engine, live);
    await offboard.command('cancel');
    await ends(offboard, 'cancelled');
  }),
  onLive('offboard-leftovers-accepted', 'offboardAccount', async (engine, live) => {
    const offboard = await parked(engine, live);
    await offboard.command('accept-leftovers');
    await gone(engine, live);
  }),
  onLive('observed', 'reconcileAccount', async (_engine, live) => {
    await ends(await live.next({ kind: 'reconcile', mode: 'observe' }), 'succeeded');
  }),
  onLive('observed-drift', 'reconcileAccount', async (engine, live) => {
    drift(engine);
    await ends(await live.next({ kind: 'reconcile', mode: 'observe' }), 'succeeded');
    await driftIs(engine, live, 'changed');
  }),
  onLive('repaired', 'reconcileAccount', async (engine, live) => {
    const repaired = drift(engine);
    await ends(await live.next({ kind: 'reconcile', mode: 'repair' }), 'succeeded');
    if (addressOf(engine, repaired) === OTHERS) throw new Error('the repair has written nothing');
  }),
  onLive('interrupted-offboarded', 'offboardAccount', async (engine, live) => {
    refuse(engine, 'account', 'create');
    const amend = await live.next(amendment(engine, live, 'hold'));
    await amend.reached('held');
    await amend.operation().terminate('by a person');
    await accountIs(engine, live, 'interrupted');
    engine.sandbox.setFaults([]);
    await ends(await live.next({ kind: 'offboard' }), 'succeeded');
    await gone(engine, live);
  }),
];

/** A scenario that begins with a live account, and ends with one unless `play` sees to its end. */
function onLive(
  name: string,
  operation: NonNullable<Scenario['operation']>,
  play: (engine: Engine, live: Job) => Promise<void>,
  onFailure: OnboardingSpec['onFailure'] = 'rollback',
): Scenario {
  return {
    name,
    operation,
    unhindered: true,
    onFailure,
    play: async (engine, job) => {
      await job.reached('succeeded');
      await accountIs(engine, job, 'live');
      await play(engine, job);
      if (!(await isGone(engine, job))) await accountIs(engine, job, 'live');
    },
  };
}

/** A plan with another address and one channel more. */
function planOf(engine: Engine, live: Job, address: string, onFailure = live.plan.onFailure): Plan {
  const { egain, ...base } = minimalEgainSpec({
    tenant: 'replay',
    account: live.id.slice('replay.'.length),
    onFailure,
  });
  if (!egain) throw new Error('the factory makes an eGain section');
  const [channel] = egain.channels;
  if (!channel) throw new Error('the factory makes a channel');
  const added = { ...channel, type: 'custom.acme-desk', account: { ...channel.account, address: '+15550177' } };
  const changed = { ...channel, account: { ...channel.account, address } };
  return engine.plan({ ...base, egain: { ...egain, channels: [changed, added] } });
}

function amendment(engine: Engine, live: Job, onFailure = live.plan.onFailure): NextOperation {
  return { kind: 'amend', plan: planOf(engine, live, '+15550199', onFailure) };
}

function refuse(engine: Engine, resource: string, operation: 'create' | 'delete'): void {
  engine.sandbox.setFaults([{ match: { vendor: 'egain', resource, operation }, effect: REFUSED }]);
}

/** An offboarding that could not remove one thing. */
async function parked(engine: Engine, live: Job): Promise<Job> {
  refuse(engine, 'clientApplication', 'delete');
  const offboard = await live.next({ kind: 'offboard' });
  await offboard.reached('rollback-incomplete');
  return offboard;
}

/** Somebody changes the account's address. Returns the id of its object. */
function drift({ sandbox }: Engine): string {
  const { objects } = sandbox.state({ ledger: false });
  const found = objects['egain']?.['account']?.find(({ address }) => address === '+15550100');
  if (!found) throw new Error('no eGain account stands');
  const id = found['id'] as string;
  sandbox.edit('egain', 'account', id, { address: OTHERS });
  return id;
}

function addressOf({ sandbox }: Engine, id: string): unknown {
  const { objects } = sandbox.state({ ledger: false });
  return objects['egain']?.['account']?.find((each) => each['id'] === id)?.['address'];
}

/** Waits until an account's attribute says which kinds of drift it has. */
async function driftIs(engine: Engine, job: Job, kinds: string): Promise<void> {
  const key = defineSearchAttributeKey('Drift', SearchAttributeType.KEYWORD);
  await until(async () => {
    const { typedSearchAttributes } = await engine.client.workflow.getHandle(job.account.workflowId).describe();
    return typedSearchAttributes.get(key) === kinds ? true : undefined;
  }, `the account's drift to be ${kinds}`);
}

async function ends(operation: Job, status: 'succeeded' | 'rolled-back' | 'cancelled'): Promise<void> {
  await operation.reached(status);
  await operation
    .operation()
    .result()
    .catch(() => undefined); // one that was taken back closes as failed
}

async function gone(engine: Engine, job: Job): Promise<void> {
  await until(async () => ((await isGone(engine, job)) ? true : undefined), 'the account to be gone');
}

async function isGone(engine: Engine, job: Job): Promise<boolean> {
  const { status } = await engine.client.workflow.getHandle(job.account.workflowId).describe();
  return status.name !== 'RUNNING';
}

/** Waits until an account's memo says a state. */
export async function accountIs(engine: Engine, job: Job, state: string): Promise<void> {
  await until(async () => {
    const { memo } = await engine.client.workflow.getHandle(accountWorkflowId(job.plan)).describe();
    return memo?.['state'] === state ? true : undefined;
  }, `the account to be ${state}`);
}
