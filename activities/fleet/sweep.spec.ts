import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccountState, SweepOrder, SweepOutcome } from '#libs/contracts/index.js';
import { AccountRuns } from './account-runs.fixture.js';
import { sweep } from './sweep.js';

const attempt = vi.hoisted(() => ({ context: {} }));

vi.mock('@temporalio/activity', () => ({
  Context: { current: () => attempt.context },
  log: { info: () => undefined },
}));

const ORDER: SweepOrder = {
  ...{ run: 'adhoc.x', by: 'ops', account: 'acme.main', connection: { vendor: 'egain', name: 'main' } },
  targets: [{ resource: 'account', key: 'egain.account', externalId: '7' }],
};
const SWEPT: SweepOutcome[] = [{ resource: 'account', externalId: '7', removed: true, reason: null }];

/** Temporal with one account id, under which a sweep may stand. */
class World {
  readonly runs = new AccountRuns();
  readonly started: AccountState[] = [];
  memo: Record<string, unknown> | undefined;
  isTaken = false;
  fault: Error | undefined;
  /** Whether the sweep takes for ever. */
  hangs = false;

  run(): Promise<SweepOutcome[]> {
    const start = (_type: string, { args, memo }: { args: [AccountState]; memo: Record<string, unknown> }) => {
      if (this.isTaken)
        return Promise.reject(new WorkflowExecutionAlreadyStartedError('taken', 'account/x', 'account'));
      this.started.push(args[0]);
      this.memo = memo;
      return Promise.resolve({});
    };
    const handle = {
      describe: () => Promise.resolve({ memo: this.memo }),
      result: () => {
        if (this.hangs) return new Promise(() => undefined);
        return this.fault ? Promise.reject(this.fault) : Promise.resolve({ resources: [], swept: SWEPT });
      },
    };
    const client = { workflow: { start, getHandle: () => handle } } as unknown as Client;
    return sweep(this.runs.access, client, ORDER);
  }
}

let world: World;

/** The activity is to end for a reason of Temporal's; null: it goes on. */
function endsBy(reason: string | null): void {
  const controller = new AbortController();
  const failure = new CancelledFailure(reason ?? '');
  if (reason !== null) controller.abort(failure);
  const cancelled = reason === null ? new Promise(() => undefined) : Promise.reject(failure);
  cancelled.catch(() => undefined);
  attempt.context = { heartbeat: () => undefined, cancellationSignal: controller.signal, cancelled };
}

beforeEach(() => {
  endsBy(null);
  world = new World();
  world.runs.completed();
});

describe('a sweep of an account that is not there', () => {
  it('holds its id while it works', async () => {
    expect(await world.run()).toEqual(SWEPT);
    expect(world.started).toMatchObject([{ tenant: 'acme', account: 'main', queue: [{ kind: 'sweep' }] }]);
  });

  it('is taken up by the next attempt, and never begun twice', async () => {
    await world.run();
    world.isTaken = true;
    expect(await world.run()).toEqual(SWEPT);
    expect(world.started).toHaveLength(1);
  });

  it.each([
    { reason: 'has come to be since its orphans were found', change: () => (world.runs.status = 1) },
    {
      reason: 'was cut off since its orphans were found: it may be brought back',
      change: () => world.runs.terminated(),
    },
    { reason: 'comes to be at that moment', change: () => (world.isTaken = true) },
  ])('touches nothing where the account $reason', async ({ change }) => {
    change();
    expect(await world.run()).toMatchObject([{ externalId: '7', removed: false }]);
    expect(world.started).toEqual([]);
  });

  it('goes on where the run is cancelled, which does not wait for it', async () => {
    world.hangs = true;
    endsBy('CANCELLED');
    expect(await world.run()).toMatchObject([{ removed: false, reason: expect.stringContaining('goes on') as string }]);
  });

  it('is left to another attempt by a worker that stops', async () => {
    world.hangs = true;
    endsBy('WORKER_SHUTDOWN');
    await expect(world.run()).rejects.toThrow('WORKER_SHUTDOWN');
  });

  it('tells why it could not be done', async () => {
    const cause = ApplicationFailure.nonRetryable('No worker took it.', 'FAILED');
    world.fault = new WorkflowFailedError('the account failed', cause, 'NON_RETRYABLE_FAILURE');
    expect(await world.run()).toMatchObject([
      { removed: false, reason: expect.stringContaining('No worker took it.') as string },
    ]);
  });
});
