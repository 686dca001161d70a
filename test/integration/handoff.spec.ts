import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { RunningWorker } from '#apps/worker/src/worker.js';
import { operationWorkflowId, type OnboardingSpec } from '#libs/contracts/index.js';
import { textOf } from '#libs/vendors/common/index.js';
import { connectorManifest, livepersonTextSpec } from '#test/factories/index.js';
import type { Answer, ApiUnderTest } from '#test/support/api.js';
import type { Engine } from '#test/support/engine.js';
import { Installs } from '#test/support/installs.js';
import type { Person } from '#test/support/person.js';
import { startReceiver } from '#test/support/receiver.js';
import { until } from '#test/support/until.js';

const BY_HAND = '87654321';

let jobs: Installs;
let engine: Engine;
let api: ApiUnderTest;
let person: Person;
let worker: RunningWorker;

beforeAll(async () => {
  jobs = await Installs.over(inject('temporal'), 'handoff');
  ({ engine, api, person } = jobs);
  worker = await engine.startWorker();
});
afterAll(() => jobs.close());
beforeEach(() => jobs.next());

function timed(handoff: { dueInMs: number; remindEveryMs?: number; contact?: string }): Partial<OnboardingSpec> {
  return { liveperson: { manifest: connectorManifest(), handoff } };
}

/** Events of the operation's history by their type, and how many timers were open at once at most. */
async function history(): Promise<{ types: string[]; timers: number }> {
  const [tenant = '', account = ''] = jobs.id.split('.');
  const handle = engine.client.workflow.getHandle(operationWorkflowId({ tenant, account }));
  const { events } = await handle.fetchHistory();
  const types = (events ?? []).flatMap((event) =>
    Object.keys(event).filter((name) => name.endsWith('EventAttributes') && event[name as keyof typeof event]),
  );
  let [open, timers] = [0, 0];
  for (const type of types) {
    if (type.startsWith('timerStarted')) open += 1;
    if (type.startsWith('timerFired') || type.startsWith('timerCanceled')) open -= 1;
    timers = Math.max(timers, open);
  }
  return { types, timers };
}

function problem({ status, body }: Answer): unknown[] {
  return [status, textOf(body['type']).split('/').at(-1)];
}

describe('a hand-off', () => {
  it('gives out the very bytes, tells of a wrong answer, goes on by the right one', async () => {
    await jobs.start('liveperson-handoff');
    const asked = await person.asked(jobs.id, /Install the application manifest in the LivePerson account 87654321/);
    expect(asked).toMatchObject({ status: 'waiting', steps: [{ status: 'waiting', attempt: 0 }] });
    expect(asked.waitingFor).toMatchObject({ kind: 'handoff', who: 'liveperson' });
    const days = (at = ''): number => (Date.parse(at) - Date.now()) / 86_400_000;
    expect(days(asked.waitingFor?.until)).toBeGreaterThan(29.9);

    const { status, body, headers } = await person.fetch(jobs.id);
    const text = livepersonTextSpec().liveperson?.text ?? '';
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({ kind: 'install', manifest: text, contact: null, reminders: 0 });
    expect(body['sha256']).toBe(createHash('sha256').update(text).digest('hex'));

    const app = await person.install(BY_HAND, textOf(body['manifest']));
    expect(problem(await person.answer(jobs.id, { done: true }))).toEqual([409, 'wrong-status']);
    expect((await person.answer(jobs.id, { ...app, clientSecret: 'mistyped' })).status).toBe(202);
    const again = await person.asked(jobs.id, /was not accepted/);
    expect(again).toMatchObject({ status: 'waiting', closedAt: null });
    expect(again.waitingFor?.instruction).toMatch(/The answer of tester was not accepted: LivePerson/);
    expect(again.waitingFor?.until).toBe(asked.waitingFor?.until);
    expect(again.steps[0]?.lastError?.code).toBe('CREDENTIALS_REJECTED');

    const right = await person.answer(jobs.id, app);
    expect(right.status).toBe(202);
    const done = await api.reached(jobs.id, 'succeeded', 'rolled-back');
    expect(done).toMatchObject({ status: 'succeeded', percent: 100, waitingFor: null });
    expect(done.steps[0]).toMatchObject({
      status: 'done',
      origin: 'created',
      externalId: app.clientId,
      lastError: null,
    });
    expect(jobs.namesakes()).toMatchObject([{ id: app.clientId, accountId: BY_HAND }]);
    expect(await person.answer(jobs.id, app)).toMatchObject({ status: 202, body: right.body });
    expect(problem(await person.answer(jobs.id, { rejected: 'too late' }))).toEqual([409, 'wrong-status']);
    expect((await person.fetch(jobs.id)).status).toBe(404);

    const credentials = await api.call('GET', `/v1/accounts/${jobs.id}/credentials`);
    expect(credentials.body).toMatchObject({ id: jobs.id, items: [{ key: 'liveperson.app', values: app }] });
    expect(credentials.headers.get('cache-control')).toBe('no-store');
    const { timers, types } = await history();
    expect(timers).toBe(1);
    expect(types.filter((type) => type.startsWith('activityTaskScheduled'))).toHaveLength(2); // the two checks
    const whole = await api.stream(`/v1/onboardings/${jobs.id}/events`);
    const said = whole.map(({ data }) => textOf(data['message'])).join('\n');
    expect(said).toMatch(
      /a person is asked: Install[^]*fetched the file[^]*answered the hand-off[^]*not accepted[^]*on board/,
    );
    expect(said).not.toContain(app.clientSecret);
  });

  it('outlives its worker, and is answered without one', async () => {
    await jobs.start('liveperson-handoff', timed({ dueInMs: 86_400_000, contact: 'lp-desk@acme.example' }));
    const asked = await person.asked(jobs.id, /Install/);
    expect(asked.waitingFor?.who).toBe('lp-desk@acme.example');
    await worker.stop();
    const { body } = await person.fetch(jobs.id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    expect((await person.answer(jobs.id, app)).status).toBe(202);
    expect(problem(await person.answer(jobs.id, { rejected: 'no' }))).toEqual([409, 'wrong-status']);
    expect((await api.progress(jobs.id)).status).toBe('waiting');
    worker = await engine.startWorker();
    await api.reached(jobs.id, 'succeeded');
  });

  it('ends as rejected when the person refuses, and asks for no removal', async () => {
    await jobs.start('liveperson-handoff', { onFailure: 'hold' });
    await person.asked(jobs.id, /Install/);
    await person.fetch(jobs.id);
    expect((await person.answer(jobs.id, { rejected: 'Not allowed for this account' })).status).toBe(202);
    const ended = await api.reached(jobs.id, 'rejected', 'held', 'rolled-back');
    expect(ended).toMatchObject({
      status: 'rejected',
      reason: 'Rejected by tester: Not allowed for this account',
      leftovers: [],
    });
    expect(ended.closedAt).not.toBeNull();
    expect(ended.steps[0]?.status).toBe('failed');
    expect(jobs.namesakes()).toEqual([]);
    await jobs.start('liveperson-handoff'); // the account is free again
    await person.asked(jobs.id, /Install/);
    await jobs.command('cancel');
    await api.reached(jobs.id, 'cancelled');
  });

  it('reminds, holds when it is overdue, and is due anew after a retry', async () => {
    await jobs.start('liveperson-handoff', timed({ dueInMs: 1_500, remindEveryMs: 300 }));
    const held = await api.reached(jobs.id, 'held');
    expect(held.reason).toMatch(/NOT_READY: Nobody gave the answer that was due at/);
    expect(held.waitingFor).toMatchObject({ kind: 'operator' });
    expect((await person.answer(jobs.id, { rejected: 'too late' })).status).toBe(409);
    await jobs.command('retry');
    const asked = await person.asked(jobs.id, /Install/);
    expect(Date.parse(asked.waitingFor?.until ?? '')).toBeGreaterThan(Date.parse(held.updatedAt) + 1_400);
    await api.reached(jobs.id, 'held');
    const { types, timers } = await history();
    expect(timers).toBe(1);
    expect(types.filter((type) => type.startsWith('activityTask'))).toEqual([]);
    await jobs.command('rollback');
    const ended = await api.reached(jobs.id, 'rolled-back', 'rolling-back');
    expect(ended.steps[0]?.status).toBe('skipped');
    const events = await api.stream(`/v1/onboardings/${jobs.id}/events`);
    const reminders = events.filter(({ data }) => textOf(data['message']).startsWith('Reminder '));
    expect(reminders.length).toBeGreaterThanOrEqual(2);
  });

  it('tells whoever is to be notified: that a person is waited for, each reminder, and that it is overdue', async () => {
    const receiver = await startReceiver('whsec_aGFuZC1vZmYga2V5IG9mIDI0IGJ5dGVzLi4u');
    try {
      const notify: OnboardingSpec['notify'] = [
        { url: receiver.url, secret: receiver.secret, events: ['waiting', 'reminder', 'held'] },
      ];
      await jobs.start('liveperson-handoff', { ...timed({ dueInMs: 2_500, remindEveryMs: 1_000 }), notify });
      await api.reached(jobs.id, 'held');
      const told = await until(() => {
        const all = receiver.deliveries();
        return new Set(all.map(({ body }) => body.type)).size === notify[0]?.events.length ? all : undefined;
      }, 'every event to be told');
      expect(new Set(told.map(({ body }) => body.type))).toEqual(
        new Set(['onboarding.waiting', 'onboarding.reminder', 'onboarding.held']),
      );
      const reminder = told.find(({ body }) => body.type === 'onboarding.reminder');
      expect(reminder?.body.data).toMatchObject({
        id: jobs.id,
        status: 'waiting',
        reason: expect.stringMatching(/^Install the application manifest/) as string,
      });
      await jobs.command('cancel');
      await api.reached(jobs.id, 'cancelled');
    } finally {
      await receiver.close();
    }
  });

  it('is called off without a trace when nobody has fetched the file', async () => {
    await jobs.start('liveperson-handoff');
    await person.asked(jobs.id, /Install/);
    await jobs.command('cancel');
    const ended = await api.reached(jobs.id, 'cancelled', 'rolling-back');
    expect(ended).toMatchObject({ status: 'cancelled', leftovers: [], steps: [{ status: 'skipped' }] });
  });

  it('asks for the removal of what may have been installed', async () => {
    await jobs.start('liveperson-handoff');
    await person.asked(jobs.id, /Install/);
    const { body } = await person.fetch(jobs.id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    await jobs.command('cancel');
    const back = await person.asked(jobs.id, /Remove the app/);
    expect(back).toMatchObject({ status: 'rolling-back', steps: [{ status: 'undoing' }] });
    expect(problem(await person.answer(jobs.id, app))).toEqual([409, 'wrong-status']);
    expect((await person.fetch(jobs.id)).body).toMatchObject({ kind: 'remove' });
    await person.act('remove', BY_HAND, app.clientId);
    expect((await person.answer(jobs.id, { done: true })).status).toBe(202);
    const ended = await api.reached(jobs.id, 'cancelled');
    expect(ended).toMatchObject({ leftovers: [], steps: [{ status: 'undone' }] });
    expect(jobs.namesakes()).toEqual([]);
  });

  it('leaves a removal that is refused to an operator, who may ask again', async () => {
    await jobs.start('liveperson-handoff');
    await person.asked(jobs.id, /Install/);
    await person.fetch(jobs.id);
    await jobs.command('cancel');
    await person.asked(jobs.id, /Remove the app/);
    await person.answer(jobs.id, { rejected: 'it is needed' });
    const parked = await api.reached(jobs.id, 'rollback-incomplete');
    expect(parked.leftovers).toMatchObject([{ key: 'liveperson.app' }]);
    expect(parked.leftovers[0]?.reason).toMatch(/Rejected by tester: it is needed/);
    await jobs.command('rollback');
    await person.asked(jobs.id, /Remove the app/);
    await person.answer(jobs.id, { done: true });
    await api.reached(jobs.id, 'cancelled');
  });
});

describe('what does not fit', () => {
  it.each([
    { body: {}, pointers: [''] },
    { body: { clientId: 'a' }, pointers: ['/clientSecret'] },
    { body: { clientId: ' a', clientSecret: '' }, pointers: ['/clientId', '/clientSecret'] },
    { body: { clientId: 'a', clientSecret: 'b', rejected: 'no' }, pointers: [''] },
    { body: { rejected: ' ' }, pointers: ['/rejected'] },
    { body: { done: false }, pointers: ['/done'] },
    { body: { secret: 'b' }, pointers: ['/secret', ''] },
    { body: [], pointers: [''] },
  ])('an answer of $body is refused with its faults', async ({ body, pointers }) => {
    const { status, body: answer } = await person.answer(jobs.id, body);
    expect(status).toBe(400);
    expect((answer['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('a hand-off of nobody, or of another manifest than can be given out, is refused', async () => {
    expect((await person.fetch(jobs.id)).status).toBe(404);
    expect((await person.answer(jobs.id, { rejected: 'no' })).status).toBe(404);
    const reference = { header_name: 'X', header_value: { env: 'GANGWAY_SECRET_X' } };
    const webhooks = {
      'ms.MessagingEventNotification.ContentEvent': { endpoint: 'https://a.example', headers: [reference] },
    };
    const manifest = connectorManifest({ capabilities: { webhooks } });
    const inHand = await api.start(jobs.spec('liveperson-handoff', { liveperson: { manifest } }));
    expect(inHand).toMatchObject({ status: 400 });
    expect(JSON.stringify(inHand.body['errors'])).toMatch(/header_value.*must be the value itself/);
    const adopting = await api.start(jobs.spec('liveperson-handoff', { adopt: true }));
    expect(adopting.body['errors']).toMatchObject([{ pointer: '/adopt' }]);
    const plan = await api.call('POST', '/v1/plans', { body: jobs.spec('liveperson-handoff') });
    expect(plan.body['nodes']).toMatchObject([
      { action: 'create', reason: expect.stringMatching(/a person/) as string },
    ]);
  });
});
