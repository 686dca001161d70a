import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { startWorker, type RunningWorker } from '#apps/worker/src/worker.js';
import {
  notificationWorkflowId,
  type NotificationProgress,
  type NotifyEvent,
  type Progress,
  type SecretValue,
} from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { startReceiver, type Behaviour, type Receiver } from '#test/support/receiver.js';
import { until } from '#test/support/until.js';

const PUBLIC_URL = 'https://gangway.acme.example';
const SECRET = 'whsec_bm90aWZpY2F0aW9ucyBvZiB0aGUgdGVzdHM=';

let engine: Engine;
let api: ApiUnderTest;
let receiver: Receiver;
let worker: RunningWorker;
let count = 0;
let id = '';

beforeAll(async () => {
  // Pauses of 0.1, 0.3, 0.9 and 2.7 s between tries.
  const times = { giveUpAfterMs: 300, notifyWithinMs: 4_000, notifyTimeoutMs: 300 };
  const secrets = { GANGWAY_SECRET_HOOK: ['*'], GANGWAY_SECRET_ABSENT: ['*'] };
  engine = await startEngine(inject('temporal'), {
    ...times,
    secrets,
    worker: false,
    environment: { GANGWAY_CONSOLE_URL: PUBLIC_URL, GANGWAY_SECRET_HOOK: SECRET },
  });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
beforeEach(async () => {
  count += 1;
  id = `notify${count}.support`;
  engine.sandbox.reset();
  engine.sandbox.setFaults([]);
  receiver = await startReceiver(SECRET);
});
afterEach(() => receiver.close());

interface Wanted {
  events?: NotifyEvent[];
  onFailure?: 'rollback' | 'hold';
  to?: Receiver[];
  secret?: SecretValue;
}

/** Starts a job whose events go to the receiver of the test; returns its `runId`. */
async function start(wanted: Wanted = {}): Promise<string> {
  const { events = ['succeeded'], onFailure = 'rollback', to = [receiver], secret = SECRET } = wanted;
  const notify = to.map(({ url }) => ({ url, secret, events }));
  const spec = minimalEgainSpec({ tenant: `notify${count}`, account: 'support', onFailure, notify });
  const { status, body } = await api.start(document(engine, spec));
  expect(status, JSON.stringify(body)).toBe(202);
  expect(body['warnings']).toEqual([]);
  return body['runId'] as string;
}

function refuseAccounts(): void {
  const match = { vendor: 'egain', resource: 'account', operation: 'create' as const };
  engine.sandbox.setFaults([{ match, effect: { kind: 'status', status: 400 } }]);
}

async function command(verb: string): Promise<void> {
  const { status, body } = await api.call('POST', `/v1/onboardings/${id}/${verb}`, { body: { reason: 'asked for' } });
  expect(status, JSON.stringify(body)).toBe(202);
}

/** Waits until the progress shows that every notification has come to one of these. */
async function settled(
  howMany: number,
  ...statuses: NotificationProgress['status'][]
): Promise<NotificationProgress[]> {
  return until(
    async () => {
      const { notifications = [] } = await api.progress(id);
      const all = notifications.length >= howMany && notifications.every(({ status }) => statuses.includes(status));
      return all ? notifications : undefined;
    },
    `${howMany} notifications to be ${statuses.join(' or ')}`,
  );
}

describe('before a worker is up', () => {
  it('a cancelled job is told of as soon as one comes, though it never began', async () => {
    const runId = await start({ events: ['cancelled', 'succeeded'] });
    expect((await api.progress(id)).notifications).toEqual([]);
    await command('cancel');
    worker = await engine.startWorker();
    const [told] = await receiver.taken(1);
    expect(told).toMatchObject({
      id: `msg_${runId}_cancelled`,
      body: {
        type: 'onboarding.cancelled',
        data: { id, runId, status: 'cancelled', reason: 'Cancelled by tester: asked for' },
      },
    });
    expect(await settled(1, 'delivered')).toMatchObject([{ event: 'cancelled', attempts: 1, lastError: null }]);
    expect((await api.progress(id)).status).toBe('cancelled');
  });
});

describe('a notification', () => {
  it('comes once, signed, with what the job is about and where to see it', async () => {
    const runId = await start();
    const { closedAt } = await api.reached(id, 'succeeded');
    await receiver.taken(1);
    expect(await settled(1, 'delivered')).toEqual([
      {
        event: 'succeeded',
        status: 'delivered',
        attempts: 1,
        lastError: null,
        id: `msg_${runId}_succeeded`,
        host: receiver.host,
        at: expect.any(String) as string,
      },
    ]);
    const all = receiver.deliveries();
    expect(all).toHaveLength(1);
    expect(all[0]?.body).toEqual({
      type: 'onboarding.succeeded',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      data: {
        id,
        runId,
        kind: 'onboard',
        status: 'succeeded',
        reason: null,
        links: {
          self: `${PUBLIC_URL}/v1/onboardings/${id}?runId=${runId}`,
          events: `${PUBLIC_URL}/v1/onboardings/${id}/events?runId=${runId}`,
        },
      },
    });
    expect(Date.parse(all[0]?.body.timestamp ?? '')).toBeLessThanOrEqual(Date.parse(closedAt ?? ''));
  });

  it('is not there for a job that asks for none, and none comes for an event that was not asked for', async () => {
    await start({ events: ['held'] });
    const { notifications } = await api.reached(id, 'succeeded');
    expect(notifications).toEqual([]);
    engine.sandbox.reset(); // both specs would make the same channel
    const plain = minimalEgainSpec({ tenant: `notify${count}`, account: 'plain' });
    await api.start(document(engine, plain));
    expect(await api.reached(`notify${count}.plain`, 'succeeded')).not.toHaveProperty('notifications');
    expect(receiver.deliveries()).toEqual([]);
  });

  it('of an event that comes again has an id of its own', async () => {
    refuseAccounts();
    const runId = await start({ events: ['held', 'succeeded'], onFailure: 'hold' });
    await receiver.taken(1);
    await api.reached(id, 'held');
    await command('retry');
    await receiver.taken(2);
    engine.sandbox.setFaults([]);
    await api.reached(id, 'held');
    await command('retry');
    const taken = await receiver.taken(3);
    expect(taken.map((each) => each.id)).toEqual([
      `msg_${runId}_held`,
      `msg_${runId}_held_2`,
      `msg_${runId}_succeeded`,
    ]);
    const [held] = taken;
    expect(held?.body.data).toMatchObject({
      status: 'held',
      reason: expect.stringMatching(/^INVALID_REQUEST: /) as string,
    });
    expect((await settled(3, 'delivered')).map(({ event }) => event)).toEqual(['held', 'held', 'succeeded']);
    expect(receiver.deliveries()).toHaveLength(3);
  });

  it('tells of an undone job and why, with the words of its progress', async () => {
    refuseAccounts();
    await start({ events: ['rolled-back'] });
    const [told] = await receiver.taken(1);
    const { reason } = await api.reached(id, 'rolled-back');
    expect(told?.body.data).toMatchObject({ status: 'rolled-back', reason });
    expect(reason).toMatch(/^INVALID_REQUEST/);
  });

  it('tells of a job that was cancelled in Temporal itself', async () => {
    refuseAccounts();
    await start({ events: ['cancelled'], onFailure: 'hold' });
    await api.reached(id, 'held');
    await engine.client.workflow.getHandle(`operation/${id}`).cancel();
    const [told] = await receiver.taken(1);
    const { reason } = await api.reached(id, 'cancelled');
    expect(told?.body.data).toMatchObject({ status: 'cancelled', reason: 'Cancelled in Temporal.' });
    expect(reason).toBe('Cancelled in Temporal.');
  });

  it('goes to each receiver, whatever becomes of the others', async () => {
    const deaf = await startReceiver(SECRET, () => 500);
    try {
      await start({ to: [deaf, receiver] });
      await receiver.taken(1);
      const outcomes = await settled(2, 'delivered', 'failed');
      expect(outcomes).toMatchObject([
        { host: deaf.host, status: 'failed', attempts: 5, lastError: { code: 'RECEIVER_REFUSED', httpStatus: 500 } },
        { host: receiver.host, status: 'delivered', attempts: 1, lastError: null },
      ]);
      expect(new Set(deaf.deliveries().map((each) => each.id))).toEqual(new Set([receiver.deliveries()[0]?.id]));
    } finally {
      await deaf.close();
    }
  });
});

describe('the signing secret', () => {
  it('may be a reference, which the worker resolves', async () => {
    await start({ secret: { env: 'GANGWAY_SECRET_HOOK' } });
    await receiver.taken(1); // verified under it
  });

  it('that the worker cannot have ends the delivery at once, and says which', async () => {
    await start({ secret: { env: 'GANGWAY_SECRET_ABSENT' } });
    const [told] = await settled(1, 'failed');
    expect(told).toMatchObject({ attempts: 1, lastError: { code: 'SECRET_UNAVAILABLE', httpStatus: null } });
    expect(told?.lastError?.message).toContain(
      'the variable GANGWAY_SECRET_ABSENT names no secret that this tenant may use',
    );
    expect(receiver.deliveries()).toEqual([]);
  });
});

describe('a receiver', () => {
  it.each<{ reason: string; behaviour: Behaviour; code: string }>([
    { reason: 'is down', behaviour: () => 503, code: 'RECEIVER_REFUSED' },
    { reason: 'hangs', behaviour: () => 'silence', code: 'RECEIVER_TIMED_OUT' },
    { reason: 'redirects', behaviour: () => 307, code: 'RECEIVER_REDIRECTED' },
  ])('that $reason is tried again under the same id until it takes it', async ({ behaviour, code }) => {
    receiver.behave(behaviour);
    await start();
    const retrying = await settled(1, 'retrying');
    expect(retrying[0]?.lastError?.code).toBe(code);
    expect(retrying[0]?.attempts).toBeGreaterThan(0);
    receiver.behave(() => 200);
    const [delivered] = await settled(1, 'delivered');
    const all = receiver.deliveries();
    expect(all.length).toBeGreaterThan(1);
    expect(delivered).toMatchObject({ attempts: all.length, lastError: null });
    expect(new Set(all.map((each) => each.id)).size).toBe(1);
    expect(new Set(all.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('that never answers holds up nothing: the job ends, the account is free, the last word is in the progress', async () => {
    receiver.behave(() => 'silence');
    refuseAccounts();
    const runId = await start({ events: ['rolled-back'] });
    const closed = await api.reached(id, 'rolled-back');
    expect(closed.notifications).toMatchObject([
      { event: 'rolled-back', status: expect.stringMatching(/pending|retrying/) as string },
    ]);
    engine.sandbox.setFaults([]);
    await start({ events: ['held'] }); // the same account again
    await api.reached(id, 'succeeded');
    const failed = await until(async () => {
      const [told] = (await api.progress(id, runId)).notifications ?? [];
      return told?.status === 'failed' ? told : undefined;
    }, 'the deliveries to be given up');
    expect(failed).toMatchObject({
      attempts: 5,
      lastError: {
        code: 'RECEIVER_TIMED_OUT',
        httpStatus: null,
        retryAt: null,
        message: `${receiver.host} gives no answer in time.`,
      },
    });
    expect(receiver.deliveries()).toHaveLength(5);
    await closedAs(runId, 'rolled-back', 'FAILED');
  });

  it('that is gone for good is not tried again', async () => {
    receiver.behave(() => 410);
    await start();
    expect(await settled(1, 'failed')).toMatchObject([{ attempts: 1, lastError: { httpStatus: 410 } }]);
    expect(receiver.deliveries()).toHaveLength(1);
  });
});

describe('a delivery', () => {
  it('is a workflow that reads well and is no job: found by its account, in no list of jobs', async () => {
    const runId = await start();
    await settled(1, 'delivered');
    const handle = engine.client.workflow.getHandle(notificationWorkflowId(runId, 'succeeded', 1));
    await closedAs(runId, 'succeeded', 'COMPLETED');
    const description = await handle.describe();
    expect(description.type).toBe('notify');
    expect(description.status.name).toBe('COMPLETED');
    expect(await description.staticSummary()).toBe(`Notify succeeded: ${id}`);
    const attribute = (name: string): unknown =>
      description.typedSearchAttributes.get(defineSearchAttributeKey(name, SearchAttributeType.KEYWORD));
    expect(attribute('Account')).toBe(id);
    expect(attribute('Job')).toBeUndefined();
    const { body } = await api.call('GET', `/v1/onboardings?tenant=notify${count}`);
    expect((body['items'] as unknown[]).length).toBe(1);
  });

  it('that somebody terminates in Temporal has failed, and says so', async () => {
    receiver.behave(() => 'silence');
    refuseAccounts();
    const runId = await start({ events: ['held'], onFailure: 'hold' });
    await settled(1, 'retrying');
    await engine.client.workflow.getHandle(notificationWorkflowId(runId, 'held', 1)).terminate('by a person');
    const [told] = await settled(1, 'failed');
    expect(told?.lastError?.code).toBe('NOT_DELIVERED');
    expect((await api.progress(id)).status).toBe('held');
    await command('cancel');
    await api.reached(id, 'cancelled');
  });
});

describe('an event stream', () => {
  it('tells what becomes of notifications, with an id where the history of the job knows it', async () => {
    receiver.behave((nth) => (nth < 3 ? 503 : 200));
    refuseAccounts();
    await start({ events: ['held'], onFailure: 'hold' });
    const events = await api.stream(`/v1/onboardings/${id}/events`, {
      enough: (all) => notificationsIn(all.at(-1)?.data).some(({ status }) => status === 'delivered'),
    });
    const told = events.filter(({ data }) => 'notifications' in data);
    expect(told.every(({ event }) => event === 'status')).toBe(true);
    expect(notificationsIn(told[0]?.data)).toMatchObject([{ event: 'held', status: 'pending' }]);
    expect(told[0]?.id).toBeDefined();
    expect(told.at(-1)?.id).toBeDefined();
    const ids = events.flatMap((each) => each.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const again = await api.stream(`/v1/onboardings/${id}/events`, {
      enough: (all) => all.at(-1)?.id === ids.at(-1),
    });
    expect(again.flatMap((each) => each.id ?? [])).toEqual(ids);
    await command('cancel');
    await api.reached(id, 'cancelled');
  });
});

describe('after the workers are gone', () => {
  it('what is known of notifications can still be read', async () => {
    receiver.behave(() => 503);
    refuseAccounts();
    await start({ events: ['held'], onFailure: 'hold' });
    await settled(1, 'retrying', 'failed');
    await worker.stop();
    const { notifications, status }: Progress = await api.progress(id);
    expect(status).toBe('held');
    expect(notifications).toMatchObject([{ event: 'held', lastError: { httpStatus: 503 } }]);
    worker = await engine.startWorker();
    await command('cancel');
    await api.reached(id, 'cancelled');
  });
});

describe('a worker that may not call private addresses', () => {
  it('refuses them, whatever the API took', async () => {
    await worker.stop();
    worker = await startWorker({ ...engine.settings, allowPrivateUrls: false });
    await start();
    expect(await settled(1, 'failed')).toMatchObject([{ attempts: 1, lastError: { code: 'ADDRESS_NOT_ALLOWED' } }]);
    expect(receiver.deliveries()).toEqual([]);
    await worker.stop();
  });
});

function notificationsIn(data: { notifications?: unknown } | undefined): NotificationProgress[] {
  return (data?.notifications ?? []) as NotificationProgress[];
}

async function closedAs(runId: string, event: NotifyEvent, status: string): Promise<void> {
  await until(async () => {
    const { status: now } = await engine.client.workflow.getHandle(notificationWorkflowId(runId, event, 1)).describe();
    return now.name === status ? true : undefined;
  }, `the delivery to close as ${status}`);
}
