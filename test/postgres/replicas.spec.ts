import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { readEvents } from '#test/support/event-reader.js';
import { until } from '#test/support/until.js';
import { WHOLE } from '../faults/crash/round.js';
import { attempt, jobOf, replica, standing, startFleet, type Fleet, type FleetJob } from './fleet.js';

const TIMEOUT_MS = 300_000;
const EQUAL_STARTS = 20;
const JOBS = 30;
/** Every vendor call takes so long where something has to happen amid a job. */
const CALL_MS = 300;

let fleet: Fleet;
let count = 0;

beforeAll(async () => {
  fleet = await startFleet(inject('temporal'), ['workflows', 'egain', 'sinch']);
}, TIMEOUT_MS);
afterAll(() => fleet.stop());
beforeEach(() => {
  fleet.engine.sandbox.reset();
});

function fresh(): FleetJob {
  count += 1;
  return jobOf(fleet, `fleet${String(count)}`);
}

function slow(): void {
  fleet.engine.sandbox.setFaults([{ effect: { kind: 'delay', ms: CALL_MS, effectFirst: true } }]);
}

async function start(job: FleetJob): Promise<void> {
  const { status, body } = await fleet.next().start(job.body);
  expect(status, JSON.stringify(body)).toBe(202);
}

function eventsOf(index: number, { id }: FleetJob): string {
  return `${replica(fleet.apis, index).url}/v1/onboardings/${id}/events`;
}

describe('two API processes behind a round robin, and a worker for each part', { timeout: TIMEOUT_MS }, () => {
  it('begin one run for the same start sent to both again and again', async () => {
    const { id, body } = fresh();
    const answers = await Promise.all(Array.from({ length: EQUAL_STARTS }, () => fleet.next().start(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(EQUAL_STARTS).fill(202));
    expect(new Set(answers.map((answer) => answer.body['runId'])).size).toBe(1);
    expect(await fleet.ended(id)).toMatchObject({ status: 'succeeded', runId: answers[0]?.body['runId'] });
  });

  it('begin one of different starts of an account, and refuse the others', async () => {
    const job = fresh();
    const bodies = Array.from({ length: EQUAL_STARTS }, (_, i) => ({ ...job.body, labels: { nth: String(i) } }));
    const answers = await Promise.all(bodies.map((body) => fleet.next().start(body)));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([202, ...Array<number>(EQUAL_STARTS - 1).fill(409)]);
    const begun = answers.find(({ status }) => status === 202)?.body['runId'];
    expect(await fleet.ended(job.id)).toMatchObject({ status: 'succeeded', runId: begun });
    expect(standing(fleet, job)).toEqual(WHOLE);
  });

  it('tell the same of many jobs, event by event, to who follows and to who goes on at the other one', async () => {
    const jobs = Array.from({ length: JOBS }, fresh);
    await Promise.all(jobs.map(start));
    const streams = await Promise.all(
      jobs.map(async (job) => {
        const readers = await Promise.all([0, 1].map((index) => readEvents(eventsOf(index, job))));
        expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(['ended', 'ended']);
        return readers.map((reader) => reader.events.filter((event) => event.id !== undefined));
      }),
    );
    for (const [i, [one = [], other = []]] of streams.entries()) {
      const job = jobs[i];
      if (job === undefined) throw new Error('a stream without a job');
      expect(one.at(-1)).toMatchObject({ event: 'closed', data: { status: 'succeeded' } });
      expect(other).toEqual(one);
      const middle = Math.floor(one.length / 2);
      const resumed = await readEvents(eventsOf(i % 2, job), one[middle]?.id);
      expect(await resumed.ended).toBe('ended');
      expect(resumed.events).toEqual(one.slice(middle + 1));
      expect(standing(fleet, job), job.id).toEqual(WHOLE);
    }
  });

  it('take a command for a job that the other one has started', async () => {
    slow();
    const job = fresh();
    const { status } = await replica(fleet.apis, 0).start(job.body);
    expect(status).toBe(202);
    await until(() => standing(fleet, job)[0], 'the first object to stand');
    const path = `/v1/onboardings/${job.id}/cancel`;
    const cancelled = await replica(fleet.apis, 1).call('POST', path, { body: { reason: 'the test wants it' } });
    expect(cancelled.status).toBe(202);
    expect(await fleet.ended(job.id)).toMatchObject({ status: 'cancelled' });
    expect(standing(fleet, job)).toEqual([]);
  });

  it('lose nothing when one of them is killed amid streams and starts', async () => {
    slow();
    const followed = Array.from({ length: 4 }, fresh);
    await Promise.all(followed.map(start));
    const readers = await Promise.all(followed.map((job) => readEvents(eventsOf(0, job))));
    await Promise.all(readers.map((reader) => reader.got('an event', ({ id }) => id !== undefined)));
    const begun = Array.from({ length: 8 }, fresh);
    const first = begun.map((job) => attempt(fleet.next().start(job.body)));
    await replica(fleet.apis, 0).kill();
    const answers = await Promise.all(first);
    expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual(Array(readers.length).fill('broken'));

    const survivor = replica(fleet.apis, 1);
    for (const [i, job] of begun.entries()) {
      const again = await survivor.start(job.body);
      expect(again.status, job.id).toBe(202);
      const before = answers[i];
      if (before?.status === 202) expect(again.body['runId']).toBe(before.body['runId']);
    }
    for (const [i, job] of followed.entries()) {
      const reader = readers[i];
      const rest = await readEvents(eventsOf(1, job), reader?.lastId());
      expect(await rest.ended).toBe('ended');
      const whole = await readEvents(eventsOf(1, job));
      expect(await whole.ended).toBe('ended');
      const seen = [...(reader?.events ?? []), ...rest.events].flatMap(({ id }) => id ?? []);
      expect(seen, job.id).toEqual(whole.ids());
    }
    await fleet.restartApi(0);
    for (const job of [...followed, ...begun]) {
      expect(await fleet.ended(job.id), job.id).toMatchObject({ status: 'succeeded' });
      expect(standing(fleet, job), job.id).toEqual(WHOLE);
    }
  });

  it('know nothing of an account that nobody has started', async () => {
    const answers = await Promise.all(
      fleet.apis.map((api) => api.call('GET', `/v1/onboardings/nobody.${randomUUID().slice(0, 8)}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});
