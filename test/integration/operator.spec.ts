import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { AccountState } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { ownedAtVendors, startEngine, type Engine, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let count = 0;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 500 });
});
afterAll(() => engine.stop());
beforeEach(() => {
  engine.sandbox.reset();
  count += 1;
});

function spec(change: Parameters<typeof chain12Spec>[0] = {}): ReturnType<typeof chain12Spec> {
  return chain12Spec({ tenant: `operator${String(count)}`, account: 'support', ...change });
}

function refuse(operation: 'create' | 'delete', resource: string, vendor = 'egain'): void {
  const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
  engine.sandbox.setFaults([{ match: { vendor, resource, operation }, effect: { kind: 'status', status: 403, body } }]);
}

function standing(job: Job): string[] {
  return ownedAtVendors(engine.sandbox, job.id).sort();
}

const WHOLE = [
  'egain.account',
  'egain.account',
  'egain.authentication',
  'egain.channel',
  'egain.channel',
  'egain.clientApplication',
  'egain.clientApplication',
  'egain.orchestration',
  'egain.participant',
  'sinch.app',
  'sinch.webhook',
];

describe('a held job', () => {
  it('keeps what stands, and goes on by retry once the cause is gone', async () => {
    refuse('create', 'orchestration');
    const job = await engine.start(spec({ onFailure: 'hold' }));
    await job.reached('held');
    expect(standing(job)).toContain('egain.channel');
    engine.sandbox.setFaults([]);
    await job.command('retry');
    expect(await job.reached('succeeded', 'rolled-back')).toBe('succeeded');
    expect(standing(job)).toEqual(WHOLE);
  });

  it('goes on with a corrected spec: keeps what it leaves as it is, changes what differs, undoes what it no longer has', async () => {
    refuse('create', 'orchestration');
    const held = spec({ onFailure: 'hold' });
    const job = await engine.start(held);
    await job.reached('held');
    const kept = idOf('authentication', job);
    engine.sandbox.setFaults([]);
    const [channel] = held.egain?.channels ?? [];
    if (!held.egain || !channel) throw new Error('the factory has channels');
    const corrected = { ...held, egain: { ...held.egain, channels: [{ ...channel, displayName: 'Corrected' }] } };
    const plan = engine.plan(corrected);
    await job.command('retry', { plan });
    expect(await job.reached('succeeded', 'rolled-back')).toBe('succeeded');
    expect(idOf('authentication', job)).toBe(kept);
    await until(async () => ((await inputOf(job)).state === 'live' ? true : undefined), 'the account to be live');
    expect((await inputOf(job)).plan).toEqual(plan);
    const { memo } = await engine.client.workflow.getHandle(job.account.workflowId).describe();
    expect(memo).toMatchObject({ runId: job.runId, specHash: plan.specHash, planHash: plan.planHash, state: 'live' });
    const channels = ours('channel', job);
    expect(channels.map((object) => object['displayName'])).toEqual(['Corrected']);
    expect(ours('account', job)).toHaveLength(1);
  });

  it('undoes what the corrected spec no longer has only once what referred to it is corrected', async () => {
    refuse('create', 'orchestration');
    const held = spec({ onFailure: 'hold' });
    const job = await engine.start(held);
    await job.reached('held');
    expect(ours('authentication', job)).toHaveLength(1);
    engine.sandbox.setFaults([]);
    if (!held.egain) throw new Error('the factory has an eGain section');
    const { authentication: _dropped, ...egain } = held.egain;
    await job.command('retry', { plan: engine.plan({ ...held, egain }) });
    expect(await job.reached('succeeded', 'rolled-back')).toBe('succeeded');
    expect(ours('authentication', job)).toEqual([]);
    expect(standing(job)).toEqual(WHOLE.filter((name) => name !== 'egain.authentication'));
  });

  it('also takes back what a corrected spec dropped, when it is rolled back before that has come to stand', async () => {
    refuse('create', 'orchestration');
    const held = spec({ onFailure: 'hold' });
    const job = await engine.start(held);
    await job.reached('held');
    if (!held.egain) throw new Error('the factory has an eGain section');
    const { authentication: _dropped, ...egain } = held.egain;
    await job.command('retry', { plan: engine.plan({ ...held, egain }) });
    await until(
      async () => ((await failures(job, 'egain.orchestration')) === 2 ? true : undefined),
      'the retry to fail too',
    );
    await job.reached('held');
    expect(ours('authentication', job)).toHaveLength(1);
    await job.command('rollback');
    expect(await job.reached('rolled-back', 'rollback-incomplete')).toBe('rolled-back');
    expect(standing(job)).toEqual([]);
  });

  it('makes a shared channel anew that somebody removed before its account was made', async () => {
    const first = await engine.start(spec());
    expect(await first.reached('succeeded', 'rolled-back')).toBe('succeeded');
    for (const { id } of ours('account', first)) engine.sandbox.remove('egain', 'account', String(id));
    const [before] = ours('channel', first);
    count += 1;
    refuse('create', 'orchestration');
    const job = await engine.start(spec({ onFailure: 'hold' }));
    await job.reached('held');
    expect(ours('channel', job)).toEqual([]);
    engine.sandbox.remove('egain', 'channel', String(before?.['id']));
    engine.sandbox.setFaults([]);
    await job.command('retry');
    expect(await job.reached('succeeded', 'rolled-back')).toBe('succeeded');
    expect(ours('channel', job)).toHaveLength(1);
    expect(ours('account', job)).toHaveLength(2);
  });

  it('is undone by rollback', async () => {
    refuse('create', 'orchestration');
    const job = await engine.start(spec({ onFailure: 'hold' }));
    await job.reached('held');
    await job.command('rollback');
    expect(await job.reached('rolled-back', 'succeeded')).toBe('rolled-back');
    expect(standing(job)).toEqual([]);
  });

  it('is undone by cancel', async () => {
    refuse('create', 'orchestration');
    const job = await engine.start(spec({ onFailure: 'hold' }));
    await job.reached('held');
    await job.cancel();
    expect(await job.reached('cancelled', 'rolled-back')).toBe('cancelled');
    expect(standing(job)).toEqual([]);
  });

  it('drops a repeated command, and one that does not fit', async () => {
    refuse('create', 'orchestration');
    const job = await engine.start(spec({ onFailure: 'hold' }));
    await job.reached('held');
    await job.command('accept-leftovers');
    await job.command('retry', { id: 'the-same' });
    await until(
      async () => ((await failures(job, 'egain.orchestration')) === 2 ? true : undefined),
      'the retry to fail too',
    );
    await job.reached('held');
    engine.sandbox.setFaults([]);
    await job.command('retry', { id: 'the-same' });
    expect(await job.status()).toBe('held');
    await job.command('retry', { id: 'another' });
    expect(await job.reached('succeeded', 'rolled-back')).toBe('succeeded');
  });
});

describe('an undo that cannot finish', () => {
  async function incomplete(): Promise<Job> {
    refuse('delete', 'channel');
    const job = await engine.start(spec());
    await until(() => (ours('account', job).length === 2 ? true : undefined), 'the accounts to stand');
    await job.cancel();
    await job.reached('rollback-incomplete');
    return job;
  }

  it('parks with what is left, and ends once it can be undone', async () => {
    engine.sandbox.setKnobs({ sinch: { channels: { activationMs: { min: 60_000, max: 60_000 } } } });
    const job = await incomplete();
    expect(standing(job)).toEqual(['egain.channel', 'egain.channel']);
    engine.sandbox.setFaults([]);
    await job.command('rollback');
    expect(await job.reached('cancelled', 'rolled-back')).toBe('cancelled');
    expect(standing(job)).toEqual([]);
  });

  it('ends by accept-leftovers, and the account is free again', async () => {
    engine.sandbox.setKnobs({ sinch: { channels: { activationMs: { min: 60_000, max: 60_000 } } } });
    const job = await incomplete();
    await job.command('accept-leftovers');
    await until(
      async () => ((await job.account.describe()).status.name === 'RUNNING' ? undefined : true),
      'the account to close',
    );
    expect(await job.status()).toBe('rollback-incomplete');
    engine.sandbox.reset();
    const again = await engine.start(spec());
    expect(await again.reached('succeeded', 'rolled-back')).toBe('succeeded');
  });
});

describe('acts in Temporal itself', () => {
  it('a native cancel of the operation undoes as our own does', async () => {
    engine.sandbox.setKnobs({ sinch: { channels: { activationMs: { min: 60_000, max: 60_000 } } } });
    const job = await engine.start(spec());
    await until(() => (ours('account', job).length === 2 ? true : undefined), 'the accounts to stand');
    await job.operation().cancel();
    expect(await job.reached('cancelled', 'rolled-back')).toBe('cancelled');
    expect(standing(job)).toEqual([]);
  });

  it('a terminated operation leaves its account interrupted and locked, not lost', async () => {
    engine.sandbox.setKnobs({ sinch: { channels: { activationMs: { min: 60_000, max: 60_000 } } } });
    const job = await engine.start(spec());
    await until(() => (ours('account', job).length === 2 ? true : undefined), 'the accounts to stand');
    await job.operation().terminate('by a person');
    const state = await until(async () => {
      const { memo, status } = await engine.client.workflow.getHandle(job.account.workflowId).describe();
      return memo?.['state'] === 'interrupted' ? { status: status.name } : undefined;
    }, 'the account to be interrupted');
    expect(state.status).toBe('RUNNING');
    await expect(engine.start(spec())).rejects.toThrow('already started');
    expect(await inputOf(job)).toMatchObject({
      state: 'interrupted',
      lastOperation: { id: job.runId, status: 'interrupted' },
    });
  });

  it('a native cancel of an idle account is no offboarding', async () => {
    const job = await engine.start(spec());
    await job.reached('succeeded');
    await until(async () => ((await inputOf(job)).state === 'live' ? true : undefined), 'the account to be live');
    await engine.client.workflow.getHandle(job.account.workflowId).cancel();
    await until(async () => {
      const { status, historyLength } = await engine.client.workflow.getHandle(job.account.workflowId).describe();
      return status.name === 'RUNNING' && historyLength <= 4 ? true : undefined;
    }, 'the account to run on');
    expect(standing(job)).toEqual(WHOLE);
    expect(await inputOf(job)).toMatchObject({ state: 'live' });
  });
});

function ours(kind: string, job: Job): Record<string, unknown>[] {
  const { objects } = engine.sandbox.state({ ledger: false });
  return (objects['egain']?.[kind] ?? []).filter(
    ({ description }) => typeof description === 'string' && description.includes(`:${job.id}:`),
  );
}

function idOf(kind: string, job: Job): unknown {
  return ours(kind, job)[0]?.['id'];
}

/** The whole state of an account is the input of its latest run. */
async function inputOf(job: Job): Promise<AccountState> {
  const { events } = await engine.client.workflow.getHandle(job.account.workflowId).fetchHistory();
  const payloads = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const codec = engine.client.options.loadedDataConverter;
  const decoded = await codec.payloadCodecs.reduce(
    async (coded, each) => each.decode(await coded, undefined as never),
    Promise.resolve(payloads),
  );
  const [first] = decoded;
  if (!first) throw new Error('the account has no input');
  return codec.payloadConverter.fromPayload(first);
}

async function failures(job: Job, step: string): Promise<number> {
  const { events } = await job.operation().fetchHistory();
  const scheduled = new Set(
    (events ?? [])
      .filter((event) => event.activityTaskScheduledEventAttributes?.activityId === `${step}:ensure`)
      .map((event) => String(event.eventId)),
  );
  return (events ?? []).filter((event) =>
    scheduled.has(String(event.activityTaskFailedEventAttributes?.scheduledEventId)),
  ).length;
}
