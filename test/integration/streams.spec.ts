import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accountId, type JsonObject, type OnboardingSpec } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import { document, KEY, openTo, startApi, type ApiUnderTest, type StreamedEvent } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { readEvents, type EventReader } from '#test/support/event-reader.js';
import { startApiProcess } from '#test/support/processes.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let api: ApiUnderTest;
let replica: ApiUnderTest;
let count = 0;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false, giveUpAfterMs: 5_000 });
  [api, replica] = await Promise.all([startApi(engine), startApi(engine)]);
});
afterAll(async () => {
  await Promise.all([api.close(), replica.close()]);
  await engine.stop();
});

/** A spec of a tenant of its own, over vendors as they were at the beginning. */
function fresh(change: Partial<OnboardingSpec> = {}): { id: string; spec: JsonObject; events: string } {
  engine.sandbox.reset();
  count += 1;
  const spec = chain12Spec({ tenant: `streams${count}`, account: 'support', ...change });
  const id = accountId(spec);
  return { id, spec: document(engine, spec), events: `/v1/onboardings/${id}/events` };
}

function answer(status: number, resource: string, times?: number): void {
  const body = { code: `${status}-152`, developerMessage: 'refused by the test', details: [] };
  engine.sandbox.setFaults([
    {
      match: { vendor: 'egain', resource, operation: 'create' },
      ...(times === undefined ? {} : { times }),
      effect: { kind: 'status', status, body },
    },
  ]);
}

const seqOf = (id: string): number => Number(id.split(':')[1]);
const idsOf = (events: readonly StreamedEvent[]): string[] => events.flatMap(({ id }) => id ?? []);
const numbered = (events: readonly StreamedEvent[]): StreamedEvent[] => events.filter(({ id }) => id !== undefined);

describe('a stream that begins before there is a worker', () => {
  it('tells that the job waits for one, and goes on with ids once it comes', async () => {
    const { id, spec, events } = fresh();
    await api.start(spec);
    const reader = await readEvents(`${api.url}${events}`);
    expect(await reader.got('queued', ({ data }) => data['status'] === 'queued')).toMatchObject({ event: 'status' });
    const waits = await reader.got('no worker', ({ data }) => kindOf(data['waitingFor']) === 'worker');
    expect(waits.data['message']).toMatch(/no worker/i);
    expect(reader.ids()).toEqual([]);
    await engine.startWorker();
    expect(await reader.ended).toBe('ended');
    expect(reader.events.at(-1)).toMatchObject({ event: 'closed', data: { status: 'succeeded' } });
    const later = await api.stream(events);
    expect(reader.ids()).toEqual(idsOf(later));
    expect((await api.progress(id)).status).toBe('succeeded');
  });
});

describe('a stream over restarts of the API', () => {
  it('goes on at another process without a gap and without a double', { timeout: 180_000 }, async () => {
    const { spec, events } = fresh({ onFailure: 'hold' });
    answer(403, 'orchestration');
    const got: StreamedEvent[] = [];
    const goOn = (url: string): Promise<EventReader> => readEvents(`${url}${events}`, idsOf(got).at(-1));
    const before = await startApiProcess(engine);
    await before.start(spec);
    const first = await goOn(before.url);
    await until(() => (first.ids().length > 3 ? true : undefined), 'some events');
    await before.kill();
    expect(await first.ended).toBe('broken');
    got.push(...first.events);

    const behind = await startApiProcess(engine, {}, before.port);
    const second = await goOn(behind.url);
    await second.got('held', ({ data }) => data['status'] === 'held');
    await behind.stop();
    expect(await second.ended).toBe('ended');
    got.push(...second.events);
    expect(got.map(({ event }) => event)).not.toContain('closed');

    const third = await goOn(api.url);
    engine.sandbox.setFaults([]);
    await api.call('POST', events.replace('/events', '/retry'), { body: { reason: 'it is mended' } });
    expect(await third.ended).toBe('ended');
    got.push(...third.events);
    const whole = await api.stream(events);
    expect(whole.at(-1)).toMatchObject({ event: 'closed', data: { status: 'succeeded' } });
    expect(numbered(got)).toEqual(numbered(whole));
  });
});

describe('a stream of a run that has ended', () => {
  let run: { events: string; whole: StreamedEvent[]; runId: string };

  beforeAll(async () => {
    const { id, spec, events } = fresh();
    answer(403, 'account');
    await api.start(spec);
    const { runId } = await api.reached(id, 'rolled-back');
    run = { events, runId, whole: await until(() => readWhole(events), 'the whole stream') };
  });

  it('has ids that rise, one for each event, and ends after closed', () => {
    const ids = idsOf(run.whole);
    expect(ids).toHaveLength(run.whole.length);
    expect(ids.every((id) => id.startsWith(`${run.runId}:`))).toBe(true);
    expect(ids.map(seqOf)).toEqual([...new Set(ids.map(seqOf))].sort((a, b) => a - b));
    expect(ids.length).toBeGreaterThan(30);
    expect(run.whole.map(({ event }) => event).filter((event) => event === 'closed')).toHaveLength(1);
    expect(run.whole.at(-1)).toMatchObject({ event: 'closed', data: { status: 'rolled-back' } });
  });

  it('goes on after every id with exactly the rest, from any replica', async () => {
    for (const [at, id] of idsOf(run.whole).entries()) {
      const from = at % 2 === 0 ? api : replica;
      const rest = await from.stream(run.events, { headers: { 'last-event-id': id } });
      expect(rest, `after ${id}`).toEqual(run.whole.slice(at + 1));
    }
  });

  it('is 204 for whoever has read its end: else a browser comes back for ever', async () => {
    const [last = '', before = ''] = idsOf(run.whole).reverse();
    for (const { url } of [api, replica]) {
      const headers = { authorization: `Bearer ${KEY}`, 'last-event-id': last };
      const over = await fetch(`${url}${run.events}`, { headers });
      expect([over.status, await over.text()]).toEqual([204, '']);
      const rest = await fetch(`${url}${run.events}`, { headers: { ...headers, 'last-event-id': before } });
      expect([rest.status, await rest.text()]).toEqual([200, expect.stringMatching(/^event: closed$/m)]);
      expect(rest.headers.get('cache-control')).toBe('no-store');
      expect(rest.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('opens nothing for HEAD', async () => {
    const headers = { authorization: `Bearer ${KEY}` };
    const { status, headers: told } = await fetch(`${api.url}${run.events}`, { method: 'HEAD', headers });
    expect([status, told.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });

  it.each([
    { how: 'the id of an event', after: (id: string) => id },
    { how: 'the number alone', after: (id: string) => String(seqOf(id)) },
  ])('goes on after ?after= $how', async ({ after }) => {
    const middle = idsOf(run.whole)[9] ?? '';
    expect(await api.stream(`${run.events}?after=${after(middle)}`)).toEqual(run.whole.slice(10));
  });

  it('goes on after a number between two events with the later one', async () => {
    const [before = '', behind = ''] = idsOf(run.whole).filter((id, at, all) => {
      const next = all[at + 1] ?? '';
      const former = all[at - 1] ?? '';
      return seqOf(next) - seqOf(id) > 1 || seqOf(id) - seqOf(former) > 1;
    });
    const between = seqOf(behind) - 1;
    expect(between).toBeGreaterThanOrEqual(seqOf(before));
    const rest = await api.stream(`${run.events}?after=${between}`);
    expect(rest).toEqual(run.whole.slice(idsOf(run.whole).indexOf(behind)));
  });

  it('the header counts where both are sent; what is no id is refused', async () => {
    const ids = idsOf(run.whole);
    const last = ids.at(-2) ?? '';
    const both = await api.stream(`${run.events}?after=${ids[0] ?? ''}`, { headers: { 'last-event-id': last } });
    expect(both).toEqual(run.whole.slice(-1));
    const wrong = await api.call('GET', run.events, { headers: { 'last-event-id': 'yesterday' } });
    expect([wrong.status, wrong.body['type']]).toEqual([400, 'https://gangway.dev/problems/invalid-request']);
  });

  it('stays readable by its runId after a new start, and a reader that comes back stays with it', async () => {
    engine.sandbox.setFaults([]);
    const id = run.events.split('/')[3] ?? '';
    const spec = chain12Spec({ tenant: id.split('.')[0] ?? '', account: 'support' });
    const started = await api.start(document(engine, spec));
    expect(started.body['runId']).not.toBe(run.runId);
    const now = await api.stream(run.events);
    expect(now.at(-1)).toMatchObject({ event: 'closed', data: { status: 'succeeded' } });
    expect(idsOf(now).every((each) => each.startsWith(`${started.body['runId'] as string}:`))).toBe(true);
    const earlier = await until(() => readWhole(`${run.events}?runId=${run.runId}`), 'the earlier run to be found');
    expect(earlier).toEqual(run.whole);
    const middle = idsOf(run.whole)[5] ?? '';
    expect(await api.stream(run.events, { headers: { 'last-event-id': middle } })).toEqual(run.whole.slice(6));
  });
});

describe('two replicas', () => {
  it('tell the same events with the same ids, also while the job runs', async () => {
    const { spec, events } = fresh();
    engine.sandbox.setFaults([{ match: { vendor: 'egain' }, effect: { kind: 'delay', ms: 50 } }]);
    await api.start(spec);
    const readers = await Promise.all([api, replica].map(({ url }) => readEvents(`${url}${events}`)));
    expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(['ended', 'ended']);
    const [one, other] = readers.map((reader) => numbered(reader.events));
    expect(one?.at(-1)?.event).toBe('closed');
    expect(other).toEqual(one);
  });
});

describe('a job that tries again and again', () => {
  it('tells its attempts by events without id, of which none is repeated to a reader that comes back', async () => {
    const { spec, events } = fresh();
    answer(503, 'orchestration', 4);
    await api.start(spec);
    const reader = await readEvents(`${api.url}${events}`);
    const attempt = await reader.got('a retry', ({ data }) => data['status'] === 'retrying');
    expect(attempt).toMatchObject({ id: undefined, event: 'step', data: { key: 'egain.orchestration' } });
    expect(attempt.data['message']).toMatch(/503/);
    expect(await reader.ended).toBe('ended');
    const whole = await api.stream(events);
    expect(whole.every(({ id }) => id !== undefined)).toBe(true);
    expect(numbered(reader.events)).toEqual(whole);
  });
});

describe('a stream of a job that waits', () => {
  it('stays open by comment lines, and a second reader gets all from the beginning', async () => {
    const { id, spec, events } = fresh({ onFailure: 'hold' });
    answer(403, 'clientApplication');
    await api.start(spec);
    await api.reached(id, 'held');
    const reader = await readEvents(`${api.url}${events}`);
    await reader.got('held', ({ data }) => data['status'] === 'held');
    const late = await readEvents(`${api.url}${events}`);
    await late.got('held', ({ data }) => data['status'] === 'held');
    expect(late.ids()).toEqual(reader.ids());
    late.leave();
    await until(() => (reader.comments.length > 1 ? true : undefined), 'a comment line to keep the stream open');
    await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test is over' } });
    expect(await reader.ended).toBe('ended');
    expect(reader.events.at(-1)).toMatchObject({ event: 'closed', data: { status: 'cancelled' } });
  });
});

describe('a stream whose key ends', () => {
  it('ends with it, and does not begin again', async () => {
    const { id, spec, events } = fresh({ onFailure: 'hold' });
    answer(403, 'clientApplication');
    await api.start(spec);
    await api.reached(id, 'held');
    const [key] = openTo(KEY, 'ending').apiKeys;
    const notAfter = new Date(Date.now() + 2_000).toISOString();
    const ending = await startApi(engine, { apiKeys: key ? [{ ...key, notAfter }] : [] });
    const reader = await readEvents(`${ending.url}${events}`);
    await reader.got('held', ({ data }) => data['status'] === 'held');
    expect(await reader.ended).toBe('ended');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(notAfter));
    expect(reader.events.at(-1)?.event).not.toBe('closed');
    expect((await ending.call('GET', events)).status).toBe(401);
    await ending.close();
    await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test is over' } });
    await api.reached(id, 'cancelled');
  });
});

describe('a caller with many streams', () => {
  it('gets the 51st refused, and another caller none', async () => {
    const { spec, id, events } = fresh({ onFailure: 'hold' });
    answer(403, 'clientApplication');
    await api.start(spec);
    await api.reached(id, 'held');
    const other = 'gwk_of-another-caller';
    const apiKeys = [...openTo(KEY, 'many').apiKeys, ...openTo(other, 'few').apiKeys];
    const crowded = await startApi(engine, { apiKeys });
    const readers = await Promise.all(Array.from({ length: 50 }, () => readEvents(`${crowded.url}${events}`)));
    const refused = await crowded.call('GET', events);
    expect([refused.status, refused.body['type']]).toEqual([429, 'https://gangway.dev/problems/too-many-streams']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const enough = (): boolean => true;
    expect((await crowded.stream(events, { key: other, enough })).length).toBeGreaterThan(0);
    readers[0]?.leave();
    await until(async () => {
      const { status } = await fetch(`${crowded.url}${events}`, { headers: { authorization: `Bearer ${KEY}` } });
      return status === 200 ? true : undefined;
    }, 'a place that was given back');
    for (const reader of readers) reader.leave();
    await crowded.close();
    await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test is over' } });
    await api.reached(id, 'cancelled');
  });
});

describe('an API that is asked to stop', () => {
  it('ends its streams and is gone in time, whoever still reads or does not', async () => {
    const { id, spec, events } = fresh({ onFailure: 'hold' });
    answer(403, 'clientApplication');
    const stopping = await startApiProcess(engine);
    await stopping.start(spec);
    await stopping.reached(id, 'held');
    const readers = await Promise.all(Array.from({ length: 5 }, () => readEvents(`${stopping.url}${events}`)));
    const stalled = await neverRead(stopping.port, events);
    await Promise.all(readers.map((reader) => reader.got('held', ({ data }) => data['status'] === 'held')));
    await stopping.stop();
    expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(readers.map(() => 'ended'));
    expect(readers.flatMap((reader) => reader.events).map(({ event }) => event)).not.toContain('closed');
    expect(stopping.log()).toMatch(/API stopped/);
    stalled.destroy();
    await api.call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test is over' } });
    await api.reached(id, 'cancelled');
  });
});

/** Asks for a stream and takes nothing of it. */
async function neverRead(port: number, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${KEY}\r\n\r\n`);
  return socket;
}

/** The stream once it ends with `closed`: the job's end is in its row a moment before it is in its history. */
async function readWhole(events: string): Promise<StreamedEvent[] | undefined> {
  try {
    const whole = await api.stream(events);
    return whole.at(-1)?.event === 'closed' ? whole : undefined;
  } catch {
    return undefined; // a run that has just ended is not in the list of runs yet
  }
}

function kindOf(waitingFor: unknown): unknown {
  return typeof waitingFor === 'object' && waitingFor !== null && 'kind' in waitingFor ? waitingFor.kind : undefined;
}
