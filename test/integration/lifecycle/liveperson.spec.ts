import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import type { JsonObject, OnboardingSpec, Progress } from '#libs/contracts/index.js';
import { textOf } from '#libs/vendors/common/index.js';
import { connectorManifest } from '#test/factories/index.js';
import { callsSoFar, operationOf, writesSince } from '#test/support/accounts.js';
import type { Answer, ApiUnderTest } from '#test/support/api.js';
import type { Engine } from '#test/support/engine.js';
import { Installs } from '#test/support/installs.js';
import type { AppAnswer, Person } from '#test/support/person.js';
import { until } from '#test/support/until.js';

vi.setConfig({ testTimeout: 120_000 });

const BY_API = '12345678';
const BY_HAND = '87654321';

let jobs: Installs;
let engine: Engine;
let api: ApiUnderTest;
let person: Person;

beforeAll(async () => {
  jobs = await Installs.over(inject('temporal'), 'lplife');
  ({ engine, api, person } = jobs);
  await engine.startWorker();
});
afterAll(() => jobs.close());
beforeEach(() => jobs.next());

const renamed: Partial<OnboardingSpec> = {
  liveperson: { manifest: connectorManifest({ display_name: 'Acme Renamed' }) },
};

function call(method: 'PUT' | 'DELETE' | 'POST', path = '', body?: unknown): Promise<Answer> {
  return api.call(method, `/v1/accounts/${jobs.id}${path}`, body === undefined ? {} : { body });
}

function put(connection: string, change: Partial<OnboardingSpec>): Promise<Answer> {
  return call('PUT', '', jobs.spec(connection, change));
}

async function read(): Promise<JsonObject> {
  return (await api.call('GET', `/v1/accounts/${jobs.id}`)).body;
}

/** Waits until the operation of an answer shows one of these. */
async function ended(answer: Answer, ...statuses: Progress['status'][]): Promise<Progress> {
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return until(
    async () => {
      const progress = await api.progress(jobs.id, operationOf(answer));
      return statuses.includes(progress.status) ? progress : undefined;
    },
    `the operation to be ${statuses.join(' or ')}`,
  );
}

/** Waits until a person is asked by the operation of an answer. */
async function asked(answer: Answer, words: RegExp): Promise<Progress> {
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  return until(
    async () => {
      const progress = await api.progress(jobs.id, operationOf(answer));
      const { kind, instruction = '' } = progress.waitingFor ?? {};
      return kind === 'handoff' && words.test(instruction) ? progress : undefined;
    },
    `a person to be asked by ${String(words)}`,
  );
}

async function settled(): Promise<JsonObject> {
  return until(async () => {
    const now = await read();
    const running = (now['lastOperation'] as JsonObject)['status'] === 'running';
    return now['state'] === 'live' && !running ? now : undefined;
  }, 'the account to be live');
}

async function gone(): Promise<void> {
  await until(
    async () => ((await api.call('GET', `/v1/accounts/${jobs.id}`)).status === 404 ? true : undefined),
    'the account to be gone',
  );
}

async function credentials(): Promise<JsonObject> {
  const { body } = await api.call('GET', `/v1/accounts/${jobs.id}/credentials`);
  return at0(body['items'])['values'] as JsonObject;
}

function at0(items: unknown): JsonObject {
  return (items as JsonObject[])[0] ?? {};
}

/** Every app at LivePerson but the account's own, byte for byte. */
function others(): string {
  const own = jobs.namesakes().map(({ id }) => id);
  const { objects } = engine.sandbox.state({ ledger: false });
  return JSON.stringify((objects['liveperson']?.['app'] ?? []).filter(({ id }) => !own.includes(id)));
}

/** A token call with an app's credentials, as its connector makes one; whether LivePerson gives a token. */
function tokenAnswers(seq: number): (number | null)[] {
  return engine.sandbox
    .state({ objects: false, since: seq })
    .ledger.filter(({ vendor, resource }) => vendor === 'liveperson' && resource === 'token')
    .map(({ status }) => status);
}

describe('an account whose app is installed by the API', () => {
  const onboard = async (change: Partial<OnboardingSpec> = {}): Promise<JsonObject> => {
    await jobs.start('liveperson-main', change);
    await api.reached(jobs.id, 'succeeded');
    await settled();
    return jobs.namesakes()[0] ?? {};
  };

  it('is amended by one write, and keeps its app, its credentials and all other apps', async () => {
    const app = await onboard();
    const [before, secret, seq] = [others(), await credentials(), callsSoFar(engine)];
    expect(await ended(await put('liveperson-main', renamed), 'succeeded', 'rolled-back')).toMatchObject({
      status: 'succeeded',
      kind: 'amend',
    });
    expect(writesSince(engine, seq)).toEqual(['update app']);
    expect(jobs.namesakes()).toMatchObject([{ id: app['id'], display_name: 'Acme Renamed' }]);
    expect(await credentials()).toEqual(secret);
    expect(others()).toBe(before);
  });

  it('is amended though somebody else’s write comes in between, and that one is not lost', async () => {
    const app = await onboard();
    engine.sandbox.setKnobs({ liveperson: { revisionRaces: 2 } });
    await ended(await put('liveperson-main', renamed), 'succeeded');
    expect(jobs.namesakes()).toMatchObject([{ id: app['id'], display_name: 'Acme Renamed', enabled: true }]);
  });

  it('goes back to what was recorded when others never stop writing', async () => {
    const app = await onboard();
    const before = await read();
    engine.sandbox.setKnobs({ liveperson: { revisionRaces: 1_000 } });
    const end = await ended(await put('liveperson-main', renamed), 'rolled-back', 'rollback-incomplete', 'succeeded');
    expect(end.status).toBe('rolled-back');
    expect(jobs.namesakes()).toMatchObject([{ id: app['id'], display_name: 'Acme Support' }]);
    expect(await settled()).toMatchObject({ specHash: before['specHash'], resources: before['resources'], drift: [] });
  });

  it('is taken off through races too; what was issued for it is refused afterwards', async () => {
    await onboard();
    const before = others();
    engine.sandbox.setKnobs({ liveperson: { revisionRaces: 2 } });
    const seq = callsSoFar(engine);
    expect(await ended(await call('DELETE'), 'succeeded', 'rollback-incomplete')).toMatchObject({
      status: 'succeeded',
      leftovers: [],
    });
    await gone();
    expect(jobs.namesakes()).toEqual([]);
    expect(others()).toBe(before);
    expect(
      tokenAnswers(seq).some((status) => status !== null && status >= 400),
      'it was asked for a token',
    ).toBe(true);
  });

  it('is not off while what was issued still works: that is left, and a retry asks again', async () => {
    await onboard();
    // Whatever the credentials, a token is given: the vendor has not heard of the removal yet.
    engine.sandbox.setFaults([
      {
        match: { vendor: 'liveperson', resource: 'token' },
        effect: { kind: 'status', status: 200, body: { access_token: 'a.b.c', token_type: 'bearer' } },
      },
    ]);
    const answer = await call('DELETE');
    const parked = await ended(answer, 'rollback-incomplete', 'succeeded');
    expect(parked.status).toBe('rollback-incomplete');
    expect(parked.leftovers).toMatchObject([{ key: 'liveperson.app' }]);
    expect(parked.leftovers[0]?.reason).toContain('still works');
    expect(jobs.namesakes()).toEqual([]);
    engine.sandbox.setFaults([]);
    await jobs.command('retry');
    await ended(answer, 'succeeded');
    await gone();
  });

  it('is found changed, not ready or missing, and made good by a repair, which tells the new credentials', async () => {
    const app = await onboard();
    const id = textOf(app['id']);
    const observe = async (): Promise<JsonObject> => {
      await ended(await call('POST', '/reconcile', { mode: 'observe' }), 'succeeded');
      return settled();
    };
    engine.sandbox.edit('liveperson', 'app', id, { display_name: 'Somebody else’s' });
    expect(await observe()).toMatchObject({
      drift: [{ key: 'liveperson.app', kind: 'changed', fields: [{ path: 'display_name', expected: 'Acme Support' }] }],
    });
    const seq = callsSoFar(engine);
    await ended(await call('POST', '/reconcile', { mode: 'repair' }), 'succeeded');
    expect(await settled()).toMatchObject({ drift: [], lastReconciliation: { status: 'repaired' } });
    expect(writesSince(engine, seq)).toEqual(['update app']);
    expect(jobs.namesakes()).toMatchObject([{ id, display_name: 'Acme Support' }]);

    engine.sandbox.setKnobs({ liveperson: { token: { disabledApp: 'refused' } } });
    engine.sandbox.setFaults([
      {
        match: { vendor: 'liveperson', resource: 'token' },
        effect: { kind: 'status', status: 401, body: { error: 'invalid_client' } },
      },
    ]);
    expect(await observe()).toMatchObject({ drift: [{ key: 'liveperson.app', kind: 'not-ready' }] });
    engine.sandbox.setFaults([]);
    expect(await observe()).toMatchObject({ drift: [] });

    const secret = await credentials();
    await person.act('remove', BY_API, id);
    expect(await observe()).toMatchObject({ drift: [{ key: 'liveperson.app', kind: 'missing' }] });
    const repaired = await ended(await call('POST', '/reconcile', { mode: 'repair' }), 'succeeded', 'failed');
    const [anew] = jobs.namesakes();
    expect(jobs.namesakes()).toHaveLength(1);
    expect(repaired).toMatchObject({
      status: 'succeeded',
      repair: {
        replaced: [{ key: 'liveperson.app', before: id, after: anew?.['id'] }],
        reissued: ['liveperson.app'],
      },
    });
    expect(await settled()).toMatchObject({ drift: [], resources: [{ externalId: anew?.['id'] }] });
    expect((await credentials())['clientSecret']).not.toBe(secret['clientSecret']);
  });

  it('is repaired but for what its spec says is nobody’s business', async () => {
    const app = await onboard({ ignoreDrift: { 'liveperson.app': ['description'] } });
    const id = textOf(app['id']);
    engine.sandbox.edit('liveperson', 'app', id, { description: 'theirs', display_name: 'theirs' });
    await ended(await call('POST', '/reconcile', { mode: 'repair' }), 'succeeded');
    expect(await settled()).toMatchObject({ drift: [] });
    expect(jobs.namesakes()).toMatchObject([{ id, description: 'theirs', display_name: 'Acme Support' }]);
  });
});

describe('an account whose app a person installs', () => {
  const handoff = (manifest: JsonObject, more: object = {}): Partial<OnboardingSpec> => ({
    liveperson: { manifest, handoff: { dueInMs: 86_400_000, ...more } },
  });
  const onboard = async (change: Partial<OnboardingSpec> = handoff(connectorManifest())): Promise<AppAnswer> => {
    await jobs.start('liveperson-handoff', change);
    await person.asked(jobs.id, /Install/);
    const { body } = await person.fetch(jobs.id);
    const app = await person.install(BY_HAND, textOf(body['manifest']));
    await person.answer(jobs.id, app);
    await api.reached(jobs.id, 'succeeded');
    await settled();
    return app;
  };
  const amended = handoff(connectorManifest({ display_name: 'Acme Renamed' }));

  it('is amended by that person, who gets the new file; the app and its credentials stay', async () => {
    const app = await onboard();
    const answer = await put('liveperson-handoff', amended);
    await asked(answer, /87654321/);
    const { body } = await person.fetch(jobs.id);
    expect(body).toMatchObject({ kind: 'update' });
    expect(textOf(body['manifest'])).toContain('Acme Renamed');
    await person.act('update', BY_HAND, app.clientId, { manifest: body['manifest'] ?? null });
    expect((await person.answer(jobs.id, { done: true })).status).toBe(202);
    expect(await ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    expect(jobs.namesakes()).toMatchObject([{ id: app.clientId, display_name: 'Acme Renamed' }]);
    expect(await credentials()).toEqual(app);
  });

  it('stays by its recorded spec when the person refuses the change', async () => {
    const app = await onboard();
    const before = await read();
    const answer = await put('liveperson-handoff', amended);
    await asked(answer, /87654321/);
    await person.answer(jobs.id, { rejected: 'not this quarter' });
    const end = await ended(answer, 'rejected', 'rolled-back', 'rolling-back', 'rollback-incomplete');
    expect(end.reason).toContain('not this quarter');
    await ended(answer, 'rejected');
    expect(await settled()).toMatchObject({ specHash: before['specHash'], resources: before['resources'] });
    expect(jobs.namesakes()).toMatchObject([{ id: app.clientId, display_name: 'Acme Support' }]);
  });

  it('says that its fields are unseen, and that its credentials do not work', async () => {
    const app = await onboard();
    await ended(await call('POST', '/reconcile', { mode: 'observe' }), 'succeeded');
    expect(await settled()).toMatchObject({ drift: [], unseen: ['liveperson.app'] });
    await person.act('remove', BY_HAND, app.clientId);
    await ended(await call('POST', '/reconcile', { mode: 'observe' }), 'succeeded');
    expect(await settled()).toMatchObject({
      drift: [{ key: 'liveperson.app', kind: 'not-ready' }],
      unseen: ['liveperson.app'],
    });
    const repair = await ended(await call('POST', '/reconcile', { mode: 'repair' }), 'succeeded', 'failed', 'waiting');
    expect(repair, 'a repair switches nothing on, and has nothing to ask').toMatchObject({ status: 'succeeded' });
    expect(await settled()).toMatchObject({ lastReconciliation: { status: 'drifted' } });
  });

  it('is taken off by that person, and not before the credentials are refused', async () => {
    const app = await onboard();
    const answer = await call('DELETE');
    const waiting = await asked(answer, /Remove the app/);
    expect(waiting).toMatchObject({ status: 'waiting', kind: 'offboard' });
    expect(await read()).toMatchObject({ state: 'offboarding' });
    expect((await person.answer(jobs.id, { done: true })).status).toBe(202);
    await asked(answer, /was not accepted/); // it stands still
    await person.act('remove', BY_HAND, app.clientId);
    await person.answer(jobs.id, { done: true });
    expect(await ended(answer, 'succeeded', 'rollback-incomplete')).toMatchObject({
      status: 'succeeded',
      leftovers: [],
      steps: [{ status: 'undone' }],
    });
    await gone();
    expect(jobs.namesakes()).toEqual([]);
  });

  it('is left, and the account with it, when the person refuses; and may be asked for again', async () => {
    const app = await onboard();
    const answer = await call('DELETE');
    await asked(answer, /Remove the app/);
    await person.answer(jobs.id, { rejected: 'it is in use' });
    const parked = await ended(answer, 'rollback-incomplete', 'succeeded');
    expect(parked.leftovers).toMatchObject([{ key: 'liveperson.app', externalId: app.clientId }]);
    expect(parked.leftovers[0]?.reason).toContain('it is in use');
    await jobs.command('retry');
    await asked(answer, /Remove the app/);
    await jobs.command('cancel');
    await ended(answer, 'cancelled');
    expect(await settled()).toMatchObject({ state: 'live', resources: [{ externalId: app.clientId }] });
    expect(await credentials()).toEqual(app);
  });

  it('parks when the removal is overdue, and is due anew after a retry', async () => {
    const app = await onboard(handoff(connectorManifest(), { dueInMs: 4_000 }));
    const answer = await call('DELETE');
    await asked(answer, /Remove the app/);
    const parked = await ended(answer, 'rollback-incomplete', 'succeeded');
    expect(parked.leftovers[0]?.reason).toMatch(/NOT_READY: Nobody gave the answer that was due at/);
    await jobs.command('retry');
    await asked(answer, /Remove the app/);
    await person.act('remove', BY_HAND, app.clientId);
    await person.answer(jobs.id, { done: true });
    await ended(answer, 'succeeded');
    await gone();
  });
});
