import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { RunningWorker } from '#apps/worker/src/worker.js';
import { operationWorkflowId, type JsonObject, type OnboardingSpec } from '#libs/contracts/index.js';
import { connectorManifest, livepersonTextSpec } from '#test/factories/index.js';
import { document, startApi, type Answer, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { personOver, type Person } from '#test/support/person.js';
import { startReceiver } from '#test/support/receiver.js';
import { until } from '#test/support/until.js';

const BY_API = '12345678';
const BY_HAND = '87654321';

let engine: Engine;
let api: ApiUnderTest;
let person: Person;
let worker: RunningWorker;
let count = 0;
let id = '';

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { liveperson: true, worker: false, giveUpAfterMs: 500 });
  worker = await engine.startWorker();
  api = await startApi(engine);
  person = personOver(engine, api);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
beforeEach(() => {
  engine.sandbox.reset();
  count += 1;
  id = `handoff${String(count)}.lp`;
});

function spec(connection: string, change: Partial<OnboardingSpec> = {}): JsonObject {
  const base = livepersonTextSpec({
    tenant: `handoff${String(count)}`,
    connections: { liveperson: connection },
    ...change,
  });
  return document(engine, base);
}

function timed(handoff: { dueInMs: number; remindEveryMs?: number; contact?: string }): Partial<OnboardingSpec> {
  return { liveperson: { manifest: connectorManifest(), handoff } };
}

function apps(): JsonObject[] {
  return engine.sandbox.state({ ledger: false }).objects['liveperson']?.['app'] ?? [];
}

function namesakes(): JsonObject[] {
  return apps().filter((app) => app['client_name'] === connectorManifest()['client_name']);
}

async function start(connection: string, change: Partial<OnboardingSpec> = {}): Promise<void> {
  const { status, body } = await api.start(spec(connection, change));
  expect(status, JSON.stringify(body)).toBe(202);
}

function command(verb: string, body: JsonObject = {}): Promise<Answer> {
  return api.call('POST', `/v1/onboardings/${id}/${verb}`, { body: { reason: 'the test wants it', ...body } });
}

/** Events of the operation's history by their type, and how many timers were open at once at most. */
async function history(): Promise<{ types: string[]; timers: number }> {
  const [tenant = '', account = ''] = id.split('.');
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

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function problem({ status, body }: Answer): unknown[] {
  return [status, textOf(body['type']).split('/').at(-1)];
}

describe('a hand-off', () => {
  it('gives out the very bytes, tells of a wrong answer, goes on by the right one', async () => {
    await start('liveperson-handoff');
    const asked = await person.asked(id, /Install the application manifest in the LivePerson account 87654321/);
    expect(asked).toMatchObject({ status: 'waiting', steps: [{ status: 'waiting', attempt: 0 }] });
    expect(asked.waitingFor).toMatchObject({ kind: 'handoff', who: 'liveperson' });
    const days = (at = ''): number => (Date.parse(at) - Date.now()) / 86_400_000;
    expect(days(asked.waitingFor?.until)).toBeGreaterThan(29.9);

    const { status, body, headers } = await person.fetch(id);
    const text = livepersonTextSpec().liveperson?.text ?? '';
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({ kind: 'install', manifest: text, contact: null, reminders: 0 });
    expect(body['sha256']).toBe(createHash('sha256').update(text).digest('hex'));

    const app = await person.install(BY_HAND, textOf(body['manifest']));
    expect(problem(await person.answer(id, { done: true }))).toEqual([409, 'wrong-status']);
    expect((await person.answer(id, { ...app, clientSecret: 'mistyped' })).status).toBe(202);
    const again = await person.asked(id, /was not accepted/);
    expect(again).toMatchObject({ status: 'waiting', closedAt: null });
    expect(again.waitingFor?.instruction).toMatch(/The answer of tester was not accepted: LivePerson/);
    expect(again.waitingFor?.until).toBe(asked.waitingFor?.until);
    expect(again.steps[0]?.lastError?.code).toBe('CREDENTIALS_REJECTED');

    const right = await person.answer(id, app);
    expect(right.status).toBe(202);
    const done = await api.reached(id, 'succeeded', 'rolled-back');
    expect(done).toMatchObject({ status: 'succeeded', percent: 100, waitingFor: null });
    expect(done.steps[0]).toMatchObject({
      status: 'done',
      origin: 'created',
      externalId: app.clientId,
      lastError: null,
    });
    expect(namesakes()).toMatchObject([{ id: app.clientId, accountId: BY_HAND }]);
    expect(await person.answer(id, app)).toMatchObject({ status: 202, body: right.body });
    expect(problem(await person.answer(id, { rejected: 'too late' }))).toEqual([409, 'wrong-status']);
    expect((await person.fetch(id)).status).toBe(404);

    const credentials = await api.call('GET', `/v1/accounts/${id}/credentials`);
    expect(credentials.body).toMatchObject({ id, items: [{ key: 'liveperson.app', values: app }] });
    expect(credentials.headers.get('cache-control')).toBe('no-store');
    const { timers, types } = await history();
    expect(timers).toBe(1);
    expect(types.filter((type) => type.startsWith('activityTaskScheduled'))).toHaveLength(2); // the two checks
    const whole = await api.stream(`/v1/onboardings/${id}/events`);
    const said = whole.map(({ data }) => textOf(data['message'])).join('\n');
    expect(said).toMatch(
      /a person is asked: Install[^]*fetched the file[^]*answered the hand-off[^]*not accepted[^]*on board/,
    );
    expect(said).not.toContain(app.clientSecret);
  });

  it('outlives its worker, and is answered without one', async () => {
    await start('liveperson-handoff', timed({ dueInMs: 86_400_000, contact: 'lp-desk@acme.example' }));
    const asked = await person.asked(id, /Install/);
    expect(asked.waitingFor?.who).toBe('lp-desk@acme.example');
    await worker.stop();
    const { body } = await person.fetch(id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    expect((await person.answer(id, app)).status).toBe(202);
    expect(problem(await person.answer(id, { rejected: 'no' }))).toEqual([409, 'wrong-status']);
    expect((await api.progress(id)).status).toBe('waiting');
    worker = await engine.startWorker();
    await api.reached(id, 'succeeded');
  });

  it('ends as rejected when the person refuses, and asks for no removal', async () => {
    await start('liveperson-handoff', { onFailure: 'hold' });
    await person.asked(id, /Install/);
    await person.fetch(id);
    expect((await person.answer(id, { rejected: 'Not allowed for this account' })).status).toBe(202);
    const ended = await api.reached(id, 'rejected', 'held', 'rolled-back');
    expect(ended).toMatchObject({
      status: 'rejected',
      reason: 'Rejected by tester: Not allowed for this account',
      leftovers: [],
    });
    expect(ended.closedAt).not.toBeNull();
    expect(ended.steps[0]?.status).toBe('failed');
    expect(namesakes()).toEqual([]);
    await start('liveperson-handoff'); // the account is free again
    await person.asked(id, /Install/);
    await command('cancel');
    await api.reached(id, 'cancelled');
  });

  it('reminds, holds when it is overdue, and is due anew after a retry', async () => {
    await start('liveperson-handoff', timed({ dueInMs: 1_500, remindEveryMs: 300 }));
    const held = await api.reached(id, 'held');
    expect(held.reason).toMatch(/NOT_READY: Nobody gave the answer that was due at/);
    expect(held.waitingFor).toMatchObject({ kind: 'operator' });
    expect((await person.answer(id, { rejected: 'too late' })).status).toBe(409);
    await command('retry');
    const asked = await person.asked(id, /Install/);
    expect(Date.parse(asked.waitingFor?.until ?? '')).toBeGreaterThan(Date.parse(held.updatedAt) + 1_400);
    await api.reached(id, 'held');
    const { types, timers } = await history();
    expect(timers).toBe(1);
    expect(types.filter((type) => type.startsWith('activityTask'))).toEqual([]);
    await command('rollback');
    const ended = await api.reached(id, 'rolled-back', 'rolling-back');
    expect(ended.steps[0]?.status).toBe('skipped');
    const events = await api.stream(`/v1/onboardings/${id}/events`);
    const reminders = events.filter(({ data }) => textOf(data['message']).startsWith('Reminder '));
    expect(reminders.length).toBeGreaterThanOrEqual(2);
  });

  it('tells whoever is to be notified: that a person is waited for, each reminder, and that it is overdue', async () => {
    const receiver = await startReceiver('whsec_aGFuZC1vZmYga2V5IG9mIDI0IGJ5dGVzLi4u');
    try {
      const notify: OnboardingSpec['notify'] = [
        { url: receiver.url, secret: receiver.secret, events: ['waiting', 'reminder', 'held'] },
      ];
      await start('liveperson-handoff', { ...timed({ dueInMs: 2_500, remindEveryMs: 1_000 }), notify });
      await api.reached(id, 'held');
      const told = await until(() => {
        const all = receiver.deliveries();
        return new Set(all.map(({ body }) => body.type)).size === notify[0]?.events.length ? all : undefined;
      }, 'every event to be told');
      expect(new Set(told.map(({ body }) => body.type))).toEqual(
        new Set(['onboarding.waiting', 'onboarding.reminder', 'onboarding.held']),
      );
      const reminder = told.find(({ body }) => body.type === 'onboarding.reminder');
      expect(reminder?.body.data).toMatchObject({
        id,
        status: 'waiting',
        reason: expect.stringMatching(/^Install the application manifest/) as string,
      });
      await command('cancel');
      await api.reached(id, 'cancelled');
    } finally {
      await receiver.close();
    }
  });

  it('is called off without a trace when nobody has fetched the file', async () => {
    await start('liveperson-handoff');
    await person.asked(id, /Install/);
    await command('cancel');
    const ended = await api.reached(id, 'cancelled', 'rolling-back');
    expect(ended).toMatchObject({ status: 'cancelled', leftovers: [], steps: [{ status: 'skipped' }] });
  });

  it('asks for the removal of what may have been installed', async () => {
    await start('liveperson-handoff');
    await person.asked(id, /Install/);
    const { body } = await person.fetch(id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    await command('cancel');
    const back = await person.asked(id, /Remove the app/);
    expect(back).toMatchObject({ status: 'rolling-back', steps: [{ status: 'undoing' }] });
    expect(problem(await person.answer(id, app))).toEqual([409, 'wrong-status']);
    expect((await person.fetch(id)).body).toMatchObject({ kind: 'remove' });
    await person.act('remove', BY_HAND, app.clientId);
    expect((await person.answer(id, { done: true })).status).toBe(202);
    const ended = await api.reached(id, 'cancelled');
    expect(ended).toMatchObject({ leftovers: [], steps: [{ status: 'undone' }] });
    expect(namesakes()).toEqual([]);
  });

  it('leaves a removal that is refused to an operator, who may ask again', async () => {
    await start('liveperson-handoff');
    await person.asked(id, /Install/);
    await person.fetch(id);
    await command('cancel');
    await person.asked(id, /Remove the app/);
    await person.answer(id, { rejected: 'it is needed' });
    const parked = await api.reached(id, 'rollback-incomplete');
    expect(parked.leftovers).toMatchObject([{ key: 'liveperson.app' }]);
    expect(parked.leftovers[0]?.reason).toMatch(/Rejected by tester: it is needed/);
    await command('rollback');
    await person.asked(id, /Remove the app/);
    await person.answer(id, { done: true });
    await api.reached(id, 'cancelled');
  });
});

describe('mode api', () => {
  it('installs, verifies, keeps the credentials and hands nothing to anybody', async () => {
    await start('liveperson-main');
    const done = await api.reached(id, 'succeeded', 'rolled-back', 'held');
    expect(done).toMatchObject({ status: 'succeeded' });
    expect((await person.fetch(id)).status).toBe(404);
    const [app] = namesakes();
    expect(app).toMatchObject({ accountId: BY_API });
    const { body } = await api.call('GET', `/v1/accounts/${id}/credentials`);
    expect(body['items']).toMatchObject([
      { externalId: app?.['id'], values: { clientId: app?.['id'], clientSecret: expect.any(String) as string } },
    ]);
  });

  it('asks a person for a secret that LivePerson does not show, and takes it of this app only', async () => {
    engine.sandbox.setKnobs({ liveperson: { createBody: 'without-secret', secretOnRead: 'hidden' } });
    await start('liveperson-main');
    const asked = await person.asked(id, /client secret of the app in the LivePerson account 12345678/);
    const appId = textOf(namesakes()[0]?.['id']);
    expect(asked.waitingFor?.instruction).toContain(appId);
    await person.answer(id, { clientId: 'another', clientSecret: 'x' });
    await person.asked(id, /are of another app/);
    const { clientSecret } = await person.act('secret', BY_API, appId);
    await person.answer(id, { clientId: appId, clientSecret });
    await api.reached(id, 'succeeded');
    const { body } = await api.call('GET', `/v1/accounts/${id}/credentials`);
    expect(body['items']).toMatchObject([{ externalId: appId, values: { clientId: appId, clientSecret } }]);
  });

  it('removes the app itself when the person has no secret for it', async () => {
    engine.sandbox.setKnobs({ liveperson: { createBody: 'without-secret', secretOnRead: 'hidden' } });
    await start('liveperson-main');
    await person.asked(id, /client secret/);
    await person.answer(id, { rejected: 'nobody knows it' });
    const ended = await api.reached(id, 'rejected', 'rollback-incomplete');
    expect(ended).toMatchObject({ status: 'rejected', steps: [{ status: 'undone' }] });
    expect(namesakes()).toEqual([]);
  });
});

describe('an account whose API is refused', () => {
  it('is held, and goes on as a hand-off at the same account and no other', async () => {
    await start('liveperson-refused');
    const held = await api.reached(id, 'held', 'rolled-back');
    expect(held).toMatchObject({ status: 'held', waitingFor: { kind: 'operator' } });
    expect(held.reason).toMatch(/PERMISSION_DENIED/);
    const elsewhere = await command('retry', { spec: spec('liveperson-main-handoff') });
    expect(elsewhere).toMatchObject({ status: 400, body: { errors: [{ pointer: '/spec/connections/liveperson' }] } });
    expect((await command('retry', { spec: spec('liveperson-handoff') })).status).toBe(202);
    const asked = await person.asked(id, /Install/);
    expect(asked.waitingFor?.instruction).not.toMatch(/may have made it/);
    const { body } = await person.fetch(id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    await person.answer(id, app);
    await api.reached(id, 'succeeded');
    await until(async () => {
      const { body: account } = await api.call('GET', `/v1/accounts/${id}`);
      return account['state'] === 'live' ? true : undefined;
    }, 'the account to be live');
    expect(namesakes()).toMatchObject([{ id: app.clientId }]);
  });

  it('is held when it has no install API, and goes on as a hand-off', async () => {
    engine.sandbox.setKnobs({ liveperson: { installApi: 'missing' } });
    await start('liveperson-main');
    const held = await api.reached(id, 'held', 'rolled-back');
    expect(held).toMatchObject({ status: 'held', waitingFor: { kind: 'operator' } });
    expect(held.reason).toMatch(/INVALID_REQUEST.*no install API.*handoff/);
    expect(namesakes()).toEqual([]);
    expect((await command('retry', { spec: spec('liveperson-main-handoff') })).status).toBe(202);
    const asked = await person.asked(id, /Install the application manifest in the LivePerson account 12345678/);
    expect(asked.waitingFor?.instruction).not.toMatch(/may have made it/);
    const { body } = await person.fetch(id);
    const app = await person.install(BY_API, textOf(body['manifest']));
    await person.answer(id, app);
    await api.reached(id, 'succeeded');
    expect(namesakes()).toMatchObject([{ id: app.clientId, accountId: BY_API }]);
  });

  it('tells the person of an app that an unclear create may have made, and has it removed though no file was fetched', async () => {
    const refused = { kind: 'status', status: 403 } as const;
    engine.sandbox.setFaults([
      { match: { vendor: 'liveperson', resource: 'app', operation: 'create' }, effect: { kind: 'reset-after' } },
      // The look may list; what would settle the create may not.
      {
        match: { vendor: 'liveperson', resource: 'app', operation: 'list' },
        nth: [2, 3, 4, 5, 6, 7, 8, 9],
        effect: refused,
      },
    ] as Parameters<Engine['sandbox']['setFaults']>[0]);
    await start('liveperson-main');
    await api.reached(id, 'held');
    expect(namesakes()).toHaveLength(1);
    await command('retry', { spec: spec('liveperson-main-handoff') });
    await person.asked(id, /may have made it already: look for it first/);
    await command('cancel');
    const back = await person.asked(id, /Remove the app/);
    expect(back.status).toBe('rolling-back');
    await person.act('remove', BY_API, textOf(namesakes()[0]?.['id']));
    await person.answer(id, { done: true });
    await api.reached(id, 'cancelled');
    expect(namesakes()).toEqual([]);
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
    const { status, body: answer } = await person.answer(id, body);
    expect(status).toBe(400);
    expect((answer['errors'] as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('a hand-off of nobody, or of another manifest than can be given out, is refused', async () => {
    expect((await person.fetch(id)).status).toBe(404);
    expect((await person.answer(id, { rejected: 'no' })).status).toBe(404);
    const reference = { header_name: 'X', header_value: { env: 'GANGWAY_SECRET_X' } };
    const webhooks = {
      'ms.MessagingEventNotification.ContentEvent': { endpoint: 'https://a.example', headers: [reference] },
    };
    const manifest = connectorManifest({ capabilities: { webhooks } });
    const inHand = await api.start(spec('liveperson-handoff', { liveperson: { manifest } }));
    expect(inHand).toMatchObject({ status: 400 });
    expect(JSON.stringify(inHand.body['errors'])).toMatch(/header_value.*must be the value itself/);
    const adopting = await api.start(spec('liveperson-handoff', { adopt: true }));
    expect(adopting.body['errors']).toMatchObject([{ pointer: '/adopt' }]);
    const plan = await api.call('POST', '/v1/plans', { body: spec('liveperson-handoff') });
    expect(plan.body['nodes']).toMatchObject([
      { action: 'create', reason: expect.stringMatching(/a person/) as string },
    ]);
  });
});
