import type { Client } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OperationRecord, ReconcileRequest, RepairOutcome } from '#libs/contracts/index.js';
import { AccountRuns } from './account-runs.fixture.js';
import { repair } from './repair.js';

const attempt = vi.hoisted(() => ({
  context: {
    heartbeat: () => undefined,
    cancellationSignal: new AbortController().signal,
    info: { attempt: 2 },
  },
}));

vi.mock('@temporalio/activity', () => ({ Context: { current: () => attempt.context } }));
vi.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

const SOMETHING_ELSE = {
  ...{ account: 'acme.main', outcome: 'deferred' },
  reason: 'something else began at the account since it was looked at',
};

let runs: AccountRuns;
let sent: ReconcileRequest[];

beforeEach(() => {
  attempt.context = { ...attempt.context, cancellationSignal: new AbortController().signal };
  runs = new AccountRuns();
  sent = [];
});

/** A repair of the account as its first run stood. */
function repaired(): Promise<RepairOutcome[]> {
  const signal = (_name: string, request: ReconcileRequest): Promise<void> => {
    sent.push(request);
    runs.signals.push(request);
    return Promise.resolve();
  };
  const client = { workflow: { getHandle: () => ({ signal }) } } as unknown as Client;
  const accounts = [{ account: 'acme.main', runId: 'first' }];
  return repair(runs.access, client, { run: 'adhoc.x', by: 'ops', accounts });
}

function ends(status: OperationRecord['status']): void {
  const runId = sent[0]?.runId ?? '';
  const lastOperation = { id: runId, kind: 'reconcile', status, startedAt: '', endedAt: '', reason: null } as const;
  runs.goesOn('second', { commands: [runId], lastOperation });
}

describe('a repair of an account', () => {
  it('is queued and followed to its end', async () => {
    runs.onDescribe = () => {
      if (sent.length > 0) ends('succeeded');
    };
    expect(await repaired()).toEqual([{ account: 'acme.main', outcome: 'repaired', reason: null }]);
  });

  it('is left for another run where something runs at the account', async () => {
    runs.children = 1;
    expect(await repaired()).toEqual([SOMETHING_ELSE]);
    expect(sent).toEqual([]);
  });

  it('is not queued once the run is cancelled, and one that was is told as going on', async () => {
    const controller = new AbortController();
    attempt.context = { ...attempt.context, cancellationSignal: controller.signal };
    runs.onDescribe = () => {
      if (sent.length > 0) controller.abort(new CancelledFailure('CANCELLED'));
    };
    expect(await repaired()).toMatchObject([
      { outcome: 'deferred', reason: 'the run was cancelled; a repair that the account has taken goes on' },
    ]);
    expect(sent).toHaveLength(1);
    sent = [];
    await repaired();
    expect(sent).toEqual([]);
  });

  it('is left for another run where the account went on by something else before a second attempt, and ends', async () => {
    runs.goesOn('second', { commands: ['of-a-person'] });
    expect(await repaired()).toEqual([SOMETHING_ELSE]);
    expect(sent).toEqual([]);
  });

  it('is followed by a second attempt without being sent again, where the first has sent it', async () => {
    runs.onDescribe = () => {
      if (sent.length > 0) ends('succeeded');
    };
    await repaired();
    const [request] = sent;
    runs.goesOn('first', { commands: [], lastOperation: null });
    runs.signals = [request];
    let described = 0;
    runs.onDescribe = () => {
      if (++described === 3) ends('succeeded');
    };
    expect(await repaired()).toEqual([{ account: 'acme.main', outcome: 'repaired', reason: null }]);
    expect(sent).toEqual([request]);
  });
});
