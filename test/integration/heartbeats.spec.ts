import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { installRuntime } from '#apps/worker/src/temporal-runtime.js';
import type { HeartbeatDetails } from '#libs/contracts/index.js';
import { createLogger } from '#libs/logging/index.js';
import { until } from '#test/support/until.js';
import type { attempts } from './attempts/attempts.workflow.js';
import type { Outcome, Scenario } from './attempts/scenario.js';
import { startAttemptWorker } from './attempts/worker.js';

const BUILT = path.resolve(import.meta.dirname, '../../dist/test/integration/attempts');
const WORKFLOWS = `attempts-${randomUUID()}`;

/** Every field, each with another value than it has at the beginning. */
const EVERYTHING: HeartbeatDetails = {
  phase: 'posting',
  settled: true,
  writing: true,
  firstFaultAt: new Date(Date.now() - 1_000).toISOString(), // within the time after which a step is given up
  stands: {
    id: 'app-1',
    since: '2026-01-01T00:00:00.000Z',
    ownership: 'adopted',
    issued: { clientSecret: 'sealed' },
    former: { name: 'as it was' },
  },
  removing: [{ id: 'app-2', issued: { clientSecret: 'sealed too' } }],
};
/** Of an attempt that has sent nothing: the next one has nothing to wait for. */
const NOTHING_SENT: HeartbeatDetails = { phase: 'looking', settled: false, firstFaultAt: EVERYTHING.firstFaultAt };
/** What the SDK's own heartbeats never alter. */
const KEPT = ['firstFaultAt', 'stands', 'removing'] as const;

const { address, namespace } = inject('temporal');
let client: Client;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  installRuntime(createLogger({ level: 'silent', service: 'test' }), undefined);
  const connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  const native = await NativeConnection.connect({ address });
  const workflowsPath = path.join(BUILT, 'attempts.workflow.js');
  const workflowBundle = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const worker = await Worker.create({ connection: native, namespace, taskQueue: WORKFLOWS, workflowBundle });
  const running = worker.run();
  closers.push(async () => {
    worker.shutdown();
    await running;
    await native.close();
    await connection.close();
  });
});
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A step on a queue of its own. */
async function begin(scenario: Scenario): Promise<{ queue: string; step: WorkflowHandle<typeof attempts> }> {
  const queue = `steps-${randomUUID()}`;
  const options = { taskQueue: WORKFLOWS, workflowId: `attempts-${randomUUID()}`, args: [queue, scenario] as const };
  return {
    queue,
    step: await client.workflow.start<typeof attempts>('attempts', { ...options, args: [...options.args] }),
  };
}

async function serve(queue: string): Promise<() => Promise<void>> {
  const worker = await startAttemptWorker(address, namespace, queue);
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= worker.stop());
  closers.push(stop);
  return stop;
}

/** The details that the next attempt would read if this one died now; undefined while there are none. */
async function atServer(step: WorkflowHandle): Promise<HeartbeatDetails | undefined> {
  const { raw } = await step.describe();
  const [payload] = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads ?? [];
  return payload ? defaultPayloadConverter.fromPayload<HeartbeatDetails>(payload) : undefined;
}

function confirmed(step: WorkflowHandle): Promise<HeartbeatDetails> {
  return until(async () => {
    const details = await atServer(step);
    return details?.removing ? details : undefined;
  }, 'the attempt to confirm');
}

describe('what an attempt has confirmed', { concurrent: true, timeout: 120_000 }, () => {
  const failures: { scenario: Scenario; read: HeartbeatDetails; reason: string }[] = [
    {
      scenario: { confirms: [{ afterMs: 100, change: EVERYTHING }], failsAfterMs: 200 },
      read: EVERYTHING,
      reason: 'before the first heartbeat of the SDK',
    },
    {
      scenario: { confirms: [{ afterMs: 100, change: EVERYTHING }], failsAfterMs: 6_000 },
      read: EVERYTHING,
      reason: 'the heartbeats of the SDK come after it',
    },
    {
      scenario: { confirms: [{ afterMs: 5_500, change: EVERYTHING }], failsAfterMs: 5_600 },
      read: EVERYTHING,
      reason: 'the SDK was told an older word, which it sends along with the failure',
    },
    {
      scenario: { confirms: [{ afterMs: 9_200, change: EVERYTHING }], failsAfterMs: 9_300 },
      read: EVERYTHING,
      reason: 'within its throttling, so that it holds back the older word',
    },
    {
      scenario: { confirms: [{ afterMs: 12_000, change: EVERYTHING }], failsAfterMs: 12_100 },
      read: EVERYTHING,
      reason: 'longer than the heartbeat timeout and what the SDK adds to it',
    },
    {
      scenario: {
        confirms: [{ afterMs: 6_000, change: { firstFaultAt: NOTHING_SENT.firstFaultAt } }],
        failsAfterMs: 6_100,
      },
      read: NOTHING_SENT,
      reason: 'what the SDK says to be on the safe side is not the last word either',
    },
  ];
  it.each(failures)('is what the next one reads after a failure: $reason', async ({ scenario, read }) => {
    const { queue, step } = await begin(scenario);
    await serve(queue);
    expect(await step.result()).toEqual<Outcome>({ attempt: 2, previous: read });
  });

  it('is what the next one reads after the stop of its worker', async () => {
    const { queue, step } = await begin({ confirms: [{ afterMs: 5_500, change: EVERYTHING }] });
    const stop = await serve(queue);
    await confirmed(step);
    await stop();
    await serve(queue);
    expect(await step.result()).toEqual<Outcome>({ attempt: 2, previous: EVERYTHING });
  });

  it('is what the next one reads after the death of its worker', async () => {
    const { queue, step } = await begin({ confirms: [{ afterMs: 5_500, change: EVERYTHING }] });
    const child: ChildProcess = fork(path.join(BUILT, 'worker.js'), [address, namespace, queue]);
    closers.push(() => Promise.resolve(void child.kill('SIGKILL')));
    await once(child, 'message');
    await confirmed(step);
    child.kill('SIGKILL');
    await serve(queue);
    const { attempt, previous } = await step.result();
    expect(attempt).toBeGreaterThanOrEqual(2);
    expect(previous).toMatchObject(Object.fromEntries(KEPT.map((name) => [name, EVERYTHING[name]])));
    expect([previous?.phase, previous?.writing]).toEqual(['posting', true]);
  });

  it('is what the server has from then on, whenever the attempt may die', async () => {
    const { queue, step } = await begin({ confirms: [{ afterMs: 4_300, change: EVERYTHING }], failsAfterMs: 14_000 });
    await serve(queue);
    await confirmed(step);
    const older: HeartbeatDetails[] = [];
    let looks = 0;
    const ended = await until(
      async () => {
        const details = await atServer(step);
        if (details === undefined) return true;
        looks += 1;
        const kept = KEPT.every((name) => JSON.stringify(details[name]) === JSON.stringify(EVERYTHING[name]));
        if (!kept || details.phase !== 'posting' || details.writing !== true) older.push(details);
        return undefined;
      },
      'the attempt to end',
      60_000,
    );
    expect(ended).toBe(true);
    expect(looks, 'looks over two heartbeats of the SDK').toBeGreaterThan(100);
    expect(older).toEqual([]);
  });
});
