import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let api: ApiUnderTest;
let count = 0;
let id = '';

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 20_000 });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
beforeEach(() => {
  engine.sandbox.reset();
  count += 1;
  id = `api${count}.support`;
});

function spec(change: Parameters<typeof chain12Spec>[0] = {}): JsonObject {
  return document(engine, chain12Spec({ tenant: `api${count}`, account: 'support', ...change }));
}

function refuse(operation: 'create' | 'delete', resource: string, status = 403): void {
  const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
  engine.sandbox.setFaults([
    { match: { vendor: 'egain', resource, operation }, effect: { kind: 'status', status, body } },
  ]);
}

function command(verb: string, body: JsonObject = { reason: 'the test wants it' }): ReturnType<ApiUnderTest['call']> {
  return api.call('POST', `/v1/onboardings/${id}/${verb}`, { body });
}

const seqs = (events: { id: string | undefined }[]): number[] =>
  events.flatMap((event) => (event.id === undefined ? [] : [Number(event.id.split(':')[1])]));

describe('a job that succeeds', () => {
  it('ends with every step done, the account live, and replays for the same spec', async () => {
    const started = await api.start(spec());
    const progress = await api.reached(id, 'succeeded');
    expect(progress).toMatchObject({ percent: 100, reason: null, waitingFor: null, leftovers: [] });
    expect(progress.closedAt).not.toBeNull();
    expect(progress.steps.map(({ status }) => status)).toEqual(progress.steps.map(() => 'done'));
    expect(progress.steps.find(({ key }) => key === 'egain.clientApplication')).toMatchObject({
      origin: 'created',
      attempt: 1,
      externalId: expect.any(String) as string,
    });
    const account = await api.call('GET', `/v1/accounts/${id}`);
    expect(account.body).toMatchObject({ id, state: 'live', lastOperation: { status: 'succeeded' } });
    expect((account.body['resources'] as unknown[]).length).toBe(ownedAtVendors(engine.sandbox, id).length);
    expect(JSON.stringify(account.body)).not.toMatch(/callback-password|sealed:|webhook-secret/);
    const again = await api.start(spec());
    expect([again.status, again.body['runId']]).toEqual([202, started.body['runId']]);
    const other = await api.start({ ...spec(), labels: { a: 'b' } });
    expect([other.status, other.body['type']]).toEqual([409, 'https://gangway.dev/problems/account-exists']);
    expect((await command('cancel')).status).toBe(409);
  });

  it('streams every event once with rising ids, and resumes without gap or double', async () => {
    await api.start(spec());
    const whole = await api.stream(`/v1/onboardings/${id}/events`);
    const { runId } = await api.progress(id);
    expect(whole.at(-1)).toMatchObject({ event: 'closed', data: { status: 'succeeded' } });
    expect(whole.filter(({ event }) => event === 'started')).toHaveLength(1);
    const numbers = seqs(whole);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(whole.every((event) => event.id === undefined || event.id.startsWith(`${runId}:`))).toBe(true);
    const middle = whole.filter((event) => event.id !== undefined)[5]?.id ?? '';
    const rest = await api.stream(`/v1/onboardings/${id}/events`, { headers: { 'last-event-id': middle } });
    expect(seqs(rest)).toEqual(numbers.filter((seq) => seq > Number(middle.split(':')[1])));
    const after = await api.stream(`/v1/onboardings/${id}/events?after=${middle}`);
    expect(after).toEqual(rest);
  });

  it('tells once what it waits for, by the step that waits', async () => {
    engine.sandbox.setKnobs({ sinch: { channels: { activationMs: { min: 3_000, max: 3_000 } } } });
    await api.start(spec());
    const events = await api.stream(`/v1/onboardings/${id}/events`);
    expect(events.at(-1)?.data).toMatchObject({ status: 'succeeded', message: 'The account is on board.' });
    const waiting = events.filter(({ event, data }) => event === 'status' && data['status'] === 'waiting');
    expect(waiting.map(({ data }) => data['message'])).toEqual([
      'All else is done; still waited for: Sinch channels active.',
    ]);
    const told = events.filter(({ data }) => (data['waitingFor'] as JsonObject | undefined)?.['kind'] === 'vendor');
    expect(told.map(({ event, data }) => [event, data['key']])).toEqual([['step', 'sinch.channels']]);
    const sentences = events.map(({ data }) => (data['message'] as string).replace(/^Sinch channels active: /, ''));
    expect(sentences).toEqual([...new Set(sentences)]);
  });

  it('is shared by many readers', async () => {
    await api.start(spec());
    const readers = await Promise.all(Array.from({ length: 10 }, () => api.stream(`/v1/onboardings/${id}/events`)));
    const [first] = readers;
    expect(readers.map(seqs)).toEqual(readers.map(() => seqs(first ?? [])));
  });

  it('was previewed: all to be created before, nothing to be done after', async () => {
    const planned = async (): Promise<{ kind: unknown; actions: Set<string>; channels: unknown }> => {
      const { body } = await api.call('POST', '/v1/plans', { body: spec() });
      const nodes = body['nodes'] as { key: string; action: string }[];
      const channels = nodes.find(({ key }) => key === 'sinch.channels');
      const others = nodes.filter((node) => node !== channels).map(({ action }) => action);
      return { kind: body['kind'], actions: new Set(others), channels };
    };
    expect(await planned()).toMatchObject({
      kind: 'onboard',
      actions: new Set(['create']),
      channels: { action: 'wait', reason: 'a condition that the job waits for' },
    });
    await api.start(spec());
    await api.reached(id, 'succeeded');
    expect(await planned()).toMatchObject({
      kind: 'amend',
      actions: new Set(['unchanged']),
      channels: { action: 'unchanged' },
    });
  });
});

describe('a job that fails', () => {
  it('is rolled back to nothing, says why, and the same call starts a new run', async () => {
    refuse('create', 'orchestration');
    const first = await api.start(spec());
    const firstRun = first.body['runId'] as string;
    const progress = await api.reached(id, 'rolled-back');
    expect(ownedAtVendors(engine.sandbox, id)).toEqual([]);
    expect(progress.reason).toMatch(/PERMISSION_DENIED/);
    expect(progress.leftovers).toEqual([]);
    const failing = progress.steps.find(({ key }) => key === 'egain.orchestration');
    expect(failing?.lastError).toMatchObject({ code: 'PERMISSION_DENIED', httpStatus: 403 });
    const statuses = new Set(progress.steps.map(({ status }) => status));
    expect([...statuses].every((status) => ['undone', 'kept', 'skipped', 'failed'].includes(status))).toBe(true);
    engine.sandbox.setFaults([]);
    const second = await api.start(spec());
    expect(second.status).toBe(202);
    expect(second.body['runId']).not.toBe(firstRun);
    await api.reached(id, 'succeeded');
    const earlier = await until(async () => {
      const found = await api.call('GET', `/v1/onboardings/${id}?runId=${firstRun}`);
      return found.status === 200 ? found.body : undefined;
    }, 'the earlier run to be found');
    expect(earlier).toMatchObject({ status: 'rolled-back', runId: firstRun });
  });

  it('is answered again to the key that started it, also after it was rolled back', async () => {
    refuse('create', 'orchestration');
    const withKey = (key: string, body = spec()): ReturnType<ApiUnderTest['start']> =>
      api.start(body, { headers: { 'idempotency-key': key } });
    const first = await withKey('order-8');
    await api.reached(id, 'rolled-back');
    engine.sandbox.setFaults([]);
    await until(async () => {
      const { status } = await engine.client.workflow.getHandle(`account/${id}`).describe();
      return status.name === 'RUNNING' ? undefined : true;
    }, 'the account to let go of its id');
    const again = await withKey('order-8');
    expect(again.status).toBe(202);
    expect(again.body).toMatchObject({ runId: first.body['runId'], status: 'rolled-back' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await withKey('order-8', { ...spec(), labels: { a: 'b' } });
    expect([other.status, other.body['type']]).toEqual([422, 'https://gangway.dev/problems/idempotency-key-reused']);
    const second = await withKey('order-9');
    expect(second.status).toBe(202);
    expect(second.body['runId']).not.toBe(first.body['runId']);
    await api.reached(id, 'succeeded');
  });

  it('shows retries with their reason and time, in progress and stream', async () => {
    refuse('create', 'clientApplication', 503);
    await api.start(spec());
    const progress = await until(async () => {
      const now = await api.progress(id);
      return now.waitingFor?.kind === 'retry' && now.waitingFor.until !== undefined ? now : undefined;
    }, 'a retry to be shown');
    expect(progress.reason).toMatch(/eGain answers 503; trying again (in \d+ s|now) \(attempt \d+\)/);
    expect(progress.steps.some(({ status, lastError }) => status === 'retrying' && lastError?.httpStatus === 503)).toBe(
      true,
    );
    const events = await api.stream(`/v1/onboardings/${id}/events`, {
      enough: (all) => all.some((event) => event.id === undefined && event.data['status'] === 'retrying'),
    });
    expect(events.at(-1)?.event).toBeDefined();
    engine.sandbox.setFaults([]);
    await api.reached(id, 'succeeded', 'rolled-back');
  });

  it('is held when the spec says so, and goes on with a corrected spec', async () => {
    refuse('create', 'orchestration');
    await api.start(spec({ onFailure: 'hold' }));
    const held = await api.reached(id, 'held');
    expect(held.waitingFor?.kind).toBe('operator');
    expect(held.reason).toMatch(/PERMISSION_DENIED/);
    engine.sandbox.setFaults([]);
    const wrong = await command('retry', { reason: 'r', spec: { ...spec({ onFailure: 'hold' }), tenant: 'other' } });
    expect(wrong.status).toBe(400);
    const retried = await command('retry', {
      reason: 'r',
      spec: { ...spec({ onFailure: 'hold' }), labels: { a: 'b' } },
    });
    expect(retried.status).toBe(202);
    const done = await api.reached(id, 'succeeded');
    expect(done.steps.every(({ status }) => status === 'done')).toBe(true);
    const events = await api.stream(`/v1/onboardings/${id}/events`);
    const told = events.filter(({ event }) => event === 'status' || event === 'command');
    expect(told.map(({ data }) => data['status'] ?? data['verb'])).toEqual(
      expect.arrayContaining(['held', 'retry', 'running']),
    );
  });

  it('replays its start by key and first spec, also after a corrected retry', async () => {
    refuse('create', 'orchestration');
    const first = spec({ onFailure: 'hold' });
    const corrected = { ...first, labels: { a: 'b' } };
    const withKey = (body: JsonObject): ReturnType<ApiUnderTest['start']> =>
      api.start(body, { headers: { 'idempotency-key': 'order-7' } });
    const started = await withKey(first);
    await api.reached(id, 'held');
    expect((await command('retry', { reason: 'r', spec: corrected })).status).toBe(202);
    await api.stream(`/v1/onboardings/${id}/events`, {
      enough: (all) => all.filter(({ data }) => data['status'] === 'held').length === 2,
    });
    const answers = async (): Promise<unknown[]> => {
      const all = [await withKey(first), await withKey(corrected), await api.start(corrected), await api.start(first)];
      return all.map((answer) => [answer.status, answer.body['runId'] ?? answer.body['type']]);
    };
    const problem = (slug: string): string => `https://gangway.dev/problems/${slug}`;
    const { runId } = started.body;
    expect(await answers()).toEqual([
      [202, runId],
      [422, problem('idempotency-key-reused')],
      [202, runId],
      [409, runId],
    ]);
    engine.sandbox.setFaults([]);
    await command('retry');
    await api.reached(id, 'succeeded');
    await until(async () => {
      const { body: account } = await api.call('GET', `/v1/accounts/${id}`);
      return account['state'] === 'live' ? true : undefined;
    }, 'the account to be live');
    expect(await answers()).toEqual([
      [202, runId],
      [422, problem('idempotency-key-reused')],
      [202, runId],
      [409, problem('account-exists')],
    ]);
  });

  it('parks when undo fails, tries again, and ends by accept-leftovers', async () => {
    const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
    const fault = (operation: 'create' | 'delete', resource: string): object => ({
      match: { vendor: 'egain', resource, operation },
      effect: { kind: 'status', status: 403, body },
    });
    engine.sandbox.setFaults([fault('create', 'orchestration'), fault('delete', 'participant')] as Parameters<
      Engine['sandbox']['setFaults']
    >[0]);
    await api.start(spec());
    const parked = await api.reached(id, 'rollback-incomplete');
    expect(parked.leftovers.map(({ key }) => key)).toContain('egain.bot.participant');
    expect(parked.leftovers[0]?.externalId).not.toBe('');
    expect(parked.steps.find(({ key }) => key === 'egain.bot.participant')?.status).toBe('undo-failed');
    expect((await command('accept-leftovers')).status).toBe(202);
    const ended = await until(async () => {
      const now = await api.progress(id);
      return now.closedAt === null ? undefined : now;
    }, 'the job to end');
    expect(ended.status).toBe('rollback-incomplete');
    expect(ended.leftovers).toEqual(parked.leftovers);
    const closing = (await api.stream(`/v1/onboardings/${id}/events`)).at(-1);
    expect(closing?.data['message']).toMatch(
      /^The job has ended and leaves \d+ objects that could not be taken back, accepted by tester \(the test wants it\)\. /,
    );
    expect((await command('rollback')).status).toBe(409);
  });
});

describe('a job that is cancelled', () => {
  it('takes everything back and names who asked and why', async () => {
    refuse('create', 'orchestration', 503);
    await api.start(spec());
    await until(async () => ((await api.progress(id)).waitingFor?.kind === 'retry' ? true : undefined), 'a retry');
    expect((await command('cancel', { reason: 'the customer left' })).status).toBe(202);
    const progress = await api.reached(id, 'cancelled');
    expect(progress.reason).toBe('Cancelled by tester: the customer left');
    expect(ownedAtVendors(engine.sandbox, id)).toEqual([]);
    const events = await api.stream(`/v1/onboardings/${id}/events`);
    expect(events.find(({ event }) => event === 'command')?.data).toMatchObject({ verb: 'cancel', by: 'tester' });
    expect(events.at(-1)).toMatchObject({ event: 'closed', data: { status: 'cancelled' } });
    expect((await api.call('GET', `/v1/accounts/${id}`)).status).toBe(404);
  });
});

describe('a job whose operation is terminated in Temporal', () => {
  it('is interrupted, and its account refuses a start', async () => {
    refuse('create', 'orchestration');
    await api.start(spec({ onFailure: 'hold' }));
    await api.reached(id, 'held');
    await engine.client.workflow.getHandle(`operation/${id}`).terminate('by the test');
    const progress = await api.reached(id, 'interrupted');
    expect(progress.closedAt).not.toBeNull();
    const again = await api.start(spec({ onFailure: 'hold' }));
    expect([again.status, again.body['type']]).toEqual([409, 'https://gangway.dev/problems/interrupted']);
    const account = await api.call('GET', `/v1/accounts/${id}`);
    expect(account.body['state']).toBe('interrupted');
  });
});
