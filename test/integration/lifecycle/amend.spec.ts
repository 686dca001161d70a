import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject, Progress } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { document, startApi, type Answer, type ApiUnderTest } from '#test/support/api.js';
import { othersAtVendors, ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let api: ApiUnderTest;
let count = 0;
let id = '';

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 4_000 });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
beforeEach(() => {
  engine.sandbox.reset();
  count += 1;
  id = `life${count}.support`;
});

type Edit = (document: JsonObject) => void;

function spec(edit: Edit = () => undefined): JsonObject {
  const made = structuredClone(document(engine, chain12Spec({ tenant: `life${count}`, account: 'support' })));
  edit(made);
  return made;
}

/** A part of a spec, by its path. */
function at(value: JsonObject, ...path: (string | number)[]): JsonObject {
  return path.reduce<never>((part, name) => part[name] as never, value as never) as JsonObject;
}

async function onboard(body: JsonObject = spec()): Promise<void> {
  expect((await api.start(body)).status).toBe(202);
  await api.reached(id, 'succeeded');
}

async function account(): Promise<JsonObject> {
  return (await api.call('GET', `/v1/accounts/${id}`)).body;
}

async function put(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return api.call('PUT', `/v1/accounts/${id}`, { body, headers });
}

/** Waits until an operation has come to one of these. */
async function ended(answer: Answer, ...statuses: Progress['status'][]): Promise<Progress> {
  expect(answer.body).toMatchObject({ operationId: expect.any(String) as string });
  const runId = String(answer.body['operationId']);
  return until(
    async () => {
      const progress = await api.progress(id, runId);
      return statuses.includes(progress.status) ? progress : undefined;
    },
    `${id} to be ${statuses.join(' or ')}`,
    60_000,
  );
}

async function live(): Promise<JsonObject> {
  return until(async () => {
    const now = await account();
    return now['state'] === 'live' && (now['lastOperation'] as JsonObject)['status'] !== 'running' ? now : undefined;
  }, `${id} to be live`);
}

/** What was written at the vendors since a moment, as `update channel`. */
function writesSince(seq: number): string[] {
  return engine.sandbox
    .state({ objects: false, since: seq })
    .ledger.filter(({ operation, applied }) => applied && ['create', 'update', 'delete'].includes(operation ?? ''))
    .map(({ operation, resource }) => `${operation ?? ''} ${resource ?? ''}`);
}

const now = (): number => engine.sandbox.state({ ledger: false, objects: false }).seq;

function objectsOf(vendor: string, kind: string): JsonObject[] {
  return (engine.sandbox.state({ ledger: false }).objects[vendor]?.[kind] ?? []) as JsonObject[];
}

function refuse(operation: 'create' | 'update' | 'delete', resource: string, status = 403): void {
  const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
  engine.sandbox.setFaults([
    { match: { vendor: 'egain', resource, operation }, effect: { kind: 'status', status, body } },
  ]);
}

describe('an amendment', () => {
  it('writes one field with one call, keeps every id, and stands afterwards', async () => {
    await onboard();
    const before = await account();
    const seq = now();
    const answer = await put(spec((doc) => (at(doc, 'egain', 'channels', 0, 'account')['address'] = '+15550199')));
    expect(answer.status).toBe(202);
    const progress = await ended(answer, 'succeeded', 'rolled-back');
    expect(progress).toMatchObject({ status: 'succeeded', kind: 'amend', percent: 100 });
    expect(writesSince(seq)).toEqual(['update account']);
    const after = await live();
    expect(after['resources']).toEqual(before['resources']);
    expect(after['specHash']).not.toBe(before['specHash']);
    expect(objectsOf('egain', 'account').map(({ address }) => address)).toContain('+15550199');
  });

  it('asks no vendor and needs no operation when nothing changes, also for what GET shows', async () => {
    await onboard();
    const { seq } = engine.sandbox.state({ objects: false, ledger: false });
    for (const body of [spec(), (await account())['spec']]) {
      const answer = await put(body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      expect(answer.body).toMatchObject({ operationId: null });
    }
    expect(engine.sandbox.state({ objects: false, since: seq }).ledger).toEqual([]);
  });

  it('asks no vendor for labels alone', async () => {
    await onboard();
    const { seq } = engine.sandbox.state({ objects: false, ledger: false });
    const answer = await put(spec((doc) => (doc['labels'] = { region: 'emea' })));
    expect(await ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    expect(engine.sandbox.state({ objects: false, since: seq }).ledger).toEqual([]);
    expect(await live()).toMatchObject({ spec: { labels: { region: 'emea' } } });
  });

  it('writes a secret alone, though nothing that can be read differs', async () => {
    await onboard();
    const seq = now();
    const answer = await put(
      spec((doc) => (at(doc, 'egain', 'authentication', 'basicAuth')['password'] = 'another-password')),
    );
    expect(await ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    expect(writesSince(seq)).toEqual(['update authentication']);
  });

  it('makes what is new first and removes what is gone last', async () => {
    await onboard();
    const seq = now();
    const answer = await put(
      spec((doc) => {
        const [first, second] = at(doc, 'egain')['channels'] as JsonObject[];
        at(doc, 'egain')['channels'] = [first ?? {}, { ...second, type: 'custom.acme-desk' }];
      }),
    );
    expect(await ended(answer, 'succeeded', 'rolled-back')).toMatchObject({ status: 'succeeded' });
    const writes = writesSince(seq);
    expect(writes.filter((each) => each.startsWith('create'))).toEqual(['create channel', 'create account']);
    expect(writes.slice(-2)).toEqual(['delete account', 'delete channel']);
    expect((await live())['resources']).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ key: 'egain.channel.custom.acme-desk' })]) as object,
    );
  });

  it('that fails leads back to what was recorded, with its secrets, and leaves the account live', async () => {
    await onboard();
    const before = await account();
    const stood = JSON.stringify(ownedAtVendors(engine.sandbox, id).sort());
    const others = othersAtVendors(engine.sandbox, id);
    refuse('create', 'account');
    const answer = await put(
      spec((doc) => {
        at(doc, 'egain', 'authentication', 'basicAuth')['password'] = 'another-password';
        const channels = at(doc, 'egain')['channels'] as JsonObject[];
        channels.push({ ...structuredClone(channels[0] ?? {}), type: 'custom.acme-desk' });
        at(doc, 'egain', 'channels', 2, 'account')['address'] = '+15550177';
      }),
    );
    const progress = await ended(answer, 'rolled-back', 'rollback-incomplete', 'succeeded');
    engine.sandbox.setFaults([]);
    expect(progress).toMatchObject({ status: 'rolled-back', leftovers: [] });
    expect(JSON.stringify(ownedAtVendors(engine.sandbox, id).sort())).toBe(stood);
    expect(othersAtVendors(engine.sandbox, id)).toBe(others);
    const after = await live();
    expect(after).toMatchObject({ specHash: before['specHash'], drift: [], resources: before['resources'] });
    expect(objectsOf('egain', 'authentication').map((each) => at(each, 'basicAuth')['password'])).toContain(
      'callback-password',
    );
  });

  it('is refused for another spec than the one that was read, another chain, tenant or connection', async () => {
    await onboard();
    expect((await put(spec(), { 'if-match': '"0"' })).body).toMatchObject({
      type: expect.stringMatching('spec-changed') as string,
    });
    for (const [field, value] of [
      ['account', 'other'],
      ['tenant', 'other'],
    ] as const) {
      const answer = await put(spec((doc) => (doc[field] = value)));
      expect(answer.status).toBe(400);
      expect(answer.body['errors']).toMatchObject([{ pointer: `/${field}` }]);
    }
    const placeholder = await put(
      spec((doc) => {
        at(doc, 'egain', 'clientApplication', 'roles', 0)['headers'] = [{ name: 'X-New', value: '[secret]' }];
      }),
    );
    expect(placeholder.body['errors']).toMatchObject([{ pointer: '/egain/clientApplication/roles/0/headers/0/value' }]);
    expect((await account())['queue']).toEqual([]);
  });
});

describe('an offboarding', () => {
  it('leaves nothing, frees the name, and the account may come again', async () => {
    const others = othersAtVendors(engine.sandbox, id);
    await onboard();
    const answer = await api.call('DELETE', `/v1/accounts/${id}?reason=over`);
    expect(answer.status).toBe(202);
    expect(await ended(answer, 'succeeded', 'rollback-incomplete')).toMatchObject({
      status: 'succeeded',
      kind: 'offboard',
      percent: 100,
    });
    expect(ownedAtVendors(engine.sandbox, id)).toEqual([]);
    expect(othersAtVendors(engine.sandbox, id)).toBe(others);
    await until(async () => ((await api.call('GET', `/v1/accounts/${id}`)).status === 404 ? true : undefined), '404');
    await onboard();
    expect(await live()).toMatchObject({ state: 'live' });
  });

  it('that is refused parks with what is left, and goes on', async () => {
    await onboard();
    refuse('delete', 'clientApplication');
    const answer = await api.call('DELETE', `/v1/accounts/${id}`);
    const parked = await ended(answer, 'rollback-incomplete', 'succeeded');
    expect(parked.leftovers.map(({ key }) => key)).toContain('egain.clientApplication');
    expect((await api.call('DELETE', `/v1/accounts/${id}`)).body).toMatchObject({
      operationId: answer.body['operationId'],
    });
    expect((await put(spec((doc) => (doc['labels'] = { a: 'b' })))).body).toMatchObject({
      type: expect.stringMatching('offboarding-in-progress') as string,
    });
    engine.sandbox.setFaults([]);
    expect((await api.call('POST', `/v1/onboardings/${id}/retry`, { body: { reason: 'again' } })).status).toBe(202);
    expect(await ended(answer, 'succeeded')).toMatchObject({ status: 'succeeded' });
    expect(ownedAtVendors(engine.sandbox, id)).toEqual([]);
  });

  it('that is stopped leaves a live account whose missing parts are drift', async () => {
    await onboard();
    refuse('delete', 'clientApplication');
    const answer = await api.call('DELETE', `/v1/accounts/${id}`);
    await ended(answer, 'rollback-incomplete');
    engine.sandbox.setFaults([]);
    expect((await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'keep it' } })).status).toBe(202);
    expect(await ended(answer, 'cancelled')).toMatchObject({ status: 'cancelled' });
    const stopped = await live();
    expect((stopped['drift'] as JsonObject[]).map(({ kind }) => kind)).toContain('missing');
    const repaired = await api.call('POST', `/v1/accounts/${id}/reconcile`, { body: { mode: 'repair' } });
    expect(await ended(repaired, 'succeeded', 'failed')).toMatchObject({ status: 'succeeded', kind: 'reconcile' });
    const whole = await live();
    expect(whole['drift']).toEqual([]);
    expect((whole['resources'] as unknown[]).length).toBe(ownedAtVendors(engine.sandbox, id).length);
  });

  it('is refused while the account is protected', async () => {
    await onboard(spec((doc) => (doc['protect'] = true)));
    expect((await api.call('DELETE', `/v1/accounts/${id}`)).body).toMatchObject({
      type: expect.stringMatching('protected') as string,
      keys: expect.arrayContaining(['egain.clientApplication']) as string[],
    });
  });
});

describe('a reconciliation', () => {
  it('finds nothing where nothing was changed, and writes nothing', async () => {
    await onboard();
    const seq = now();
    const answer = await api.call('POST', `/v1/accounts/${id}/reconcile`, { body: { mode: 'observe' } });
    expect(await ended(answer, 'succeeded', 'failed')).toMatchObject({ status: 'succeeded' });
    expect(writesSince(seq)).toEqual([]);
    expect(await live()).toMatchObject({ drift: [], lastReconciliation: { mode: 'observe', status: 'in-sync' } });
  });
});
