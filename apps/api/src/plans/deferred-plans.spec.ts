import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { beforeEach, describe, expect, it } from 'vitest';
import { UNREAD, type PreviewInput, type PreviewResult } from '#libs/contracts/index.js';
import { minimalEgainSpec, planOf } from '#test/factories/index.js';
import type { Caller } from '../auth/caller.js';
import type { Engine } from '#libs/history/engine.js';
import { DeferredPlans } from './deferred-plans.js';

const { WorkflowExecutionStatus: Status } = proto.temporal.api.enums.v1;

const ID = 'b0f4d1c2-6d3b-4c1e-9a57-2f8e0c7d9b14';
const plan = planOf(minimalEgainSpec());
const input: PreviewInput = { operation: 'onboard', from: null, to: plan };
const basedOn = [{ connection: 'egain-main', at: '2026-01-01T00:00:00.000Z' }];
const shown = { kind: 'onboard', baseSpecHash: null, undoLeadsTo: 'nothing', warnings: [] };

/** As gRPC says that a run is not there. */
const NOT_FOUND = { code: 5, details: '', metadata: {} };

/** What Temporal knows of a look. */
interface Run {
  status: number;
  memo: object;
  closedSecondsAgo: number | null;
  details: unknown[];
  result: () => Promise<PreviewResult>;
}

let run: Run | undefined;
let asked: string[];
let signals: number;
let plans: DeferredPlans;
beforeEach(() => {
  asked = [];
  signals = 0;
  run = {
    status: Status.WORKFLOW_EXECUTION_STATUS_RUNNING,
    memo: { tenant: 'acme', shown },
    closedSecondsAgo: null,
    details: [],
    result: () => Promise.resolve({ nodes: [], steps: [], basedOn }),
  };
  plans = new DeferredPlans(engine());
});

function engine(): Engine {
  return {
    namespace: 'default',
    call: (ask: () => unknown) => ask(),
    service: {
      describeWorkflowExecution: ({ execution }: { execution: { workflowId: string } }) => {
        asked.push(execution.workflowId);
        if (!run) return Promise.reject(Object.assign(new Error('not found'), NOT_FOUND));
        const { status, memo, closedSecondsAgo, details } = run;
        const closeTime = closedSecondsAgo === null ? null : msToTs(Date.now() - closedSecondsAgo * 1_000);
        const info = { status, memo: { fields: memo }, closeTime, execution: { runId: 'run' } };
        return Promise.resolve({
          workflowExecutionInfo: info,
          pendingActivities: details.map((heartbeatDetails) => ({ heartbeatDetails })),
        });
      },
      getWorkflowExecutionHistory: () =>
        Promise.resolve({ history: { events: [{ workflowExecutionStartedEventAttributes: { input } }] } }),
    },
    decoder: { fields: (fields: object) => Promise.resolve(fields), value: (value: unknown) => Promise.resolve(value) },
    client: {
      workflow: {
        getHandle: () => ({
          result: () => run?.result(),
          signal: () => {
            signals += 1;
            return Promise.resolve();
          },
        }),
      },
    },
  } as unknown as Engine;
}

function caller(tenants: string[] = ['acme']): Caller {
  return { id: 'ci', tenants, scopes: ['onboardings:write'], isValid: () => true };
}

function failing(type: string): () => Promise<PreviewResult> {
  const cause = ApplicationFailure.create({ type, message: 'eGain answers 403' });
  return () => Promise.reject(new WorkflowFailedError('failed', cause, 'INTERNAL' as never));
}

describe('a plan that is read by its id', () => {
  it('tells the pages of all its connections while the vendors are read', async () => {
    if (run) run.details = [{ pages: { read: 12, of: 134 } }, { pages: { read: 1, of: 1 } }];
    const told = { id: ID, pages: 13, of: 135, links: { self: `/v1/plans/${ID}` } };
    expect(await plans.read(caller(), ID)).toEqual(told);
  });

  it('does not say how many there will be while one connection does not know', async () => {
    if (run) run.details = [{ pages: { read: 12, of: 134 } }, undefined];
    expect(await plans.read(caller(), ID)).toMatchObject({ pages: 12, of: null });
  });

  it('is kept going by who reads it, with one event a minute', async () => {
    for (let read = 0; read < 5; read += 1) await plans.read(caller(), ID);
    expect(signals).toBe(1);
  });

  it('is the plan that its look has answered, once that is ready', async () => {
    if (run) run.status = Status.WORKFLOW_EXECUTION_STATUS_COMPLETED;
    const answer = await plans.read(caller(), ID);
    expect(answer).toMatchObject({ id: 'acme.support', planHash: plan.planHash, kind: 'onboard', basedOn });
    expect(signals).toBe(0);
  });

  it('tells the fault that its look ended with', async () => {
    Object.assign(run ?? {}, { status: Status.WORKFLOW_EXECUTION_STATUS_FAILED, result: failing('PERMISSION_DENIED') });
    await expect(plans.read(caller(), ID)).rejects.toMatchObject({ slug: 'vendor-fault', detail: 'eGain answers 403' });
  });
});

describe('no plan', () => {
  it.each([
    { reason: 'it was never asked for', change: () => (run = undefined) },
    {
      reason: 'it is of another tenant',
      change: () => Object.assign(run ?? {}, { memo: { tenant: 'globex', shown } }),
    },
    {
      reason: 'its caller waited for it and got it',
      change: () => Object.assign(run ?? {}, { memo: { tenant: 'acme' } }),
    },
    {
      reason: 'it has been ready for more than an hour',
      change: () =>
        Object.assign(run ?? {}, { status: Status.WORKFLOW_EXECUTION_STATUS_COMPLETED, closedSecondsAgo: 3_700 }),
    },
    {
      reason: 'its caller had left',
      change: () => Object.assign(run ?? {}, { status: Status.WORKFLOW_EXECUTION_STATUS_TERMINATED }),
    },
    {
      reason: 'nobody has read it for too long',
      change: () =>
        Object.assign(run ?? {}, { status: Status.WORKFLOW_EXECUTION_STATUS_FAILED, result: failing(UNREAD) }),
    },
  ])('is there when $reason', async ({ change }) => {
    change();
    await expect(plans.read(caller(), ID)).rejects.toMatchObject({ slug: 'not-found' });
  });

  it.each(['acme.support', '../account/acme.support', '', ID.toUpperCase(), `${ID}/x`])(
    'is called %s, and Temporal is not asked for one',
    async (id) => {
      await expect(plans.read(caller(['*']), id)).rejects.toMatchObject({ slug: 'not-found' });
      expect(asked).toEqual([]);
    },
  );
});
