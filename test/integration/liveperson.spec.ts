import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { textOf } from '#libs/vendors/common/index.js';
import { Installs } from '#test/support/installs.js';
import type { ApiUnderTest } from '#test/support/api.js';
import type { Engine } from '#test/support/engine.js';
import type { Person } from '#test/support/person.js';
import { until } from '#test/support/until.js';

const BY_API = '12345678';
const BY_HAND = '87654321';

let jobs: Installs;
let engine: Engine;
let api: ApiUnderTest;
let person: Person;

beforeAll(async () => {
  jobs = await Installs.over(inject('temporal'), 'liveperson');
  ({ engine, api, person } = jobs);
  await engine.startWorker();
});
afterAll(() => jobs.close());
beforeEach(() => jobs.next());

describe('mode api', () => {
  it('installs, verifies, keeps the credentials and hands nothing to anybody', async () => {
    await jobs.start('liveperson-main');
    const done = await api.reached(jobs.id, 'succeeded', 'rolled-back', 'held');
    expect(done).toMatchObject({ status: 'succeeded' });
    expect((await person.fetch(jobs.id)).status).toBe(404);
    const [app] = jobs.namesakes();
    expect(app).toMatchObject({ accountId: BY_API });
    const { body } = await api.call('GET', `/v1/accounts/${jobs.id}/credentials`);
    expect(body['items']).toMatchObject([
      { externalId: app?.['id'], values: { clientId: app?.['id'], clientSecret: expect.any(String) as string } },
    ]);
  });

  it('removes the app when it is cancelled while its verification is asked for: the attempt tells what it had made', async () => {
    // It is answered only once the cancellation has reached the attempt, and aborts the read.
    const effect = { kind: 'delay', ms: 10_000 } as const;
    engine.sandbox.setFaults([{ match: { vendor: 'liveperson', resource: 'token' }, effect }]);
    await jobs.start('liveperson-main');
    const asked = (): boolean =>
      engine.sandbox
        .state({ objects: false })
        .ledger.some(({ resource, status }) => resource === 'token' && status === null);
    await until(
      () => (asked() && jobs.namesakes().length === 1 ? true : undefined),
      'the verification to be asked for',
    );
    await jobs.command('cancel');
    engine.sandbox.setFaults([]);
    expect(await api.reached(jobs.id, 'cancelled', 'rollback-incomplete')).toMatchObject({ status: 'cancelled' });
    expect(jobs.namesakes()).toEqual([]);
  });

  it('asks a person for a secret that LivePerson does not show, and takes it of this app only', async () => {
    engine.sandbox.setKnobs({ liveperson: { createBody: 'without-secret', secretOnRead: 'hidden' } });
    await jobs.start('liveperson-main');
    const asked = await person.asked(jobs.id, /client secret of the app in the LivePerson account 12345678/);
    const appId = textOf(jobs.namesakes()[0]?.['id']);
    expect(asked.waitingFor?.instruction).toContain(appId);
    await person.answer(jobs.id, { clientId: 'another', clientSecret: 'x' });
    await person.asked(jobs.id, /are of another app/);
    const { clientSecret } = await person.act('secret', BY_API, appId);
    await person.answer(jobs.id, { clientId: appId, clientSecret });
    await api.reached(jobs.id, 'succeeded');
    const { body } = await api.call('GET', `/v1/accounts/${jobs.id}/credentials`);
    expect(body['items']).toMatchObject([{ externalId: appId, values: { clientId: appId, clientSecret } }]);
  });

  it('removes the app itself when the person has no secret for it', async () => {
    engine.sandbox.setKnobs({ liveperson: { createBody: 'without-secret', secretOnRead: 'hidden' } });
    await jobs.start('liveperson-main');
    await person.asked(jobs.id, /client secret/);
    await person.answer(jobs.id, { rejected: 'nobody knows it' });
    const ended = await api.reached(jobs.id, 'rejected', 'rollback-incomplete');
    expect(ended).toMatchObject({ status: 'rejected', steps: [{ status: 'undone' }] });
    expect(jobs.namesakes()).toEqual([]);
  });
});

describe('an account whose API is refused', () => {
  it('is held, and goes on as a hand-off at the same account and no other', async () => {
    await jobs.start('liveperson-refused');
    const held = await api.reached(jobs.id, 'held', 'rolled-back');
    expect(held).toMatchObject({ status: 'held', waitingFor: { kind: 'operator' } });
    expect(held.reason).toMatch(/PERMISSION_DENIED/);
    const elsewhere = await jobs.command('retry', { spec: jobs.spec('liveperson-main-handoff') });
    expect(elsewhere).toMatchObject({ status: 400, body: { errors: [{ pointer: '/spec/connections/liveperson' }] } });
    expect((await jobs.command('retry', { spec: jobs.spec('liveperson-handoff') })).status).toBe(202);
    const asked = await person.asked(jobs.id, /Install/);
    expect(asked.waitingFor?.instruction).not.toMatch(/may have made it/);
    const { body } = await person.fetch(jobs.id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    await person.answer(jobs.id, app);
    await api.reached(jobs.id, 'succeeded');
    await until(async () => {
      const { body: account } = await api.call('GET', `/v1/accounts/${jobs.id}`);
      return account['state'] === 'live' ? true : undefined;
    }, 'the account to be live');
    expect(jobs.namesakes()).toMatchObject([{ id: app.clientId }]);
  });

  it('is held when it has no install API, and goes on as a hand-off', async () => {
    engine.sandbox.setKnobs({ liveperson: { installApi: 'missing' } });
    await jobs.start('liveperson-main');
    const held = await api.reached(jobs.id, 'held', 'rolled-back');
    expect(held).toMatchObject({ status: 'held', waitingFor: { kind: 'operator' } });
    expect(held.reason).toMatch(/INVALID_REQUEST.*no install API.*handoff/);
    expect(jobs.namesakes()).toEqual([]);
    expect((await jobs.command('retry', { spec: jobs.spec('liveperson-main-handoff') })).status).toBe(202);
    const asked = await person.asked(jobs.id, /Install the application manifest in the LivePerson account 12345678/);
    expect(asked.waitingFor?.instruction).not.toMatch(/may have made it/);
    const { body } = await person.fetch(jobs.id);
    const app = await person.install(BY_API, textOf(body['manifest']));
    await person.answer(jobs.id, app);
    await api.reached(jobs.id, 'succeeded');
    expect(jobs.namesakes()).toMatchObject([{ id: app.clientId, accountId: BY_API }]);
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
    await jobs.start('liveperson-main');
    await api.reached(jobs.id, 'held');
    expect(jobs.namesakes()).toHaveLength(1);
    await jobs.command('retry', { spec: jobs.spec('liveperson-main-handoff') });
    await person.asked(jobs.id, /may have made it already: look for it first/);
    await jobs.command('cancel');
    const back = await person.asked(jobs.id, /Remove the app/);
    expect(back.status).toBe('rolling-back');
    await person.act('remove', BY_API, textOf(jobs.namesakes()[0]?.['id']));
    await person.answer(jobs.id, { done: true });
    await api.reached(jobs.id, 'cancelled');
    expect(jobs.namesakes()).toEqual([]);
  });
});
