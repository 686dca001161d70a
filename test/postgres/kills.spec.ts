import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Answer } from '#test/support/api.js';
import { startOnPostgres, type PostgresUnderTest } from '#test/support/temporal-under-test.js';
import { until } from '#test/support/until.js';
import { WHOLE } from '../faults/crash/round.js';
import { attempt, jobOf, standing, startFleet, type Fleet, type FleetJob } from './fleet.js';

const TIMEOUT_MS = 480_000;
const SUCCEEDING = 35;
/** Refused at their last object at eGain, so that they are being undone when the kill comes. */
const UNDONE = 10;
const CANCELLED = 5;
/** Asked for while something is away. */
const MEANWHILE = 8;
const CALL_MS = 200;
const REFUSED = 'undone';

let server: PostgresUnderTest;
let fleet: Fleet;
let round = 0;

beforeAll(async () => {
  server = await startOnPostgres();
  fleet = await startFleet(server.temporal, ['all', 'all', 'all']);
}, TIMEOUT_MS);
afterAll(async () => {
  await fleet.stop();
  await server.stop();
});
beforeEach(() => {
  round += 1;
  fleet.engine.sandbox.reset();
  fleet.engine.sandbox.setFaults([
    {
      match: { vendor: 'egain', resource: 'account', operation: 'create', bodyContains: `address-of-${REFUSED}` },
      effect: { kind: 'status', status: 400, body: { code: '400-143', message: 'no' } },
    },
    { effect: { kind: 'delay', ms: CALL_MS, effectFirst: true } },
  ]);
});

function jobs(name: string, many: number): FleetJob[] {
  return Array.from({ length: many }, (_, i) => jobOf(fleet, `${name}-${String(round)}-${String(i)}`));
}

/** What is killed, and what brings it back. */
const KILLS: { name: string; kill: () => Promise<void>; restart: () => Promise<void> }[] = [
  {
    name: 'PostgreSQL',
    kill: () => server.cluster.database.part.kill(),
    restart: () => server.cluster.database.part.start(),
  },
  { name: 'the server', kill: () => server.cluster.killServers(), restart: () => server.cluster.startServers() },
  {
    name: 'both',
    kill: async () => {
      await Promise.all([server.cluster.database.part.kill(), server.cluster.killServers()]);
    },
    restart: async () => {
      await server.cluster.database.part.start();
      await server.cluster.startServers();
    },
  },
  {
    name: 'one worker of three',
    kill: () => fleet.workers[0]?.kill() ?? Promise.reject(new Error('there is no worker')),
    restart: async () => {
      fleet.workers.shift();
      await fleet.startWorker();
    },
  },
];

describe.each(KILLS)('$name killed amid 50 jobs', ({ kill, restart }) => {
  it(
    'loses nothing: every answer that was given is true, and the vendors hold what it says',
    async () => {
      const succeeding = jobs('well', SUCCEEDING);
      const undone = jobs(REFUSED, UNDONE);
      const cancelled = jobs('cancelled', CANCELLED);
      const all = [...succeeding, ...undone, ...cancelled];
      for (const job of all) expect((await fleet.next().start(job.body)).status).toBe(202);
      await until(
        () => all.filter((job) => standing(fleet, job).length > 0).length >= all.length / 3 || undefined,
        'a third of the jobs to have made something',
        120_000,
      );

      await kill();
      const late = jobs('late', MEANWHILE);
      const starts = late.map((job) => attempt(fleet.next().start(job.body)));
      const cancels = cancelled.map(({ id }) =>
        attempt(fleet.next().call('POST', `/v1/onboardings/${id}/cancel`, { body: { reason: 'the test wants it' } })),
      );
      const answers = await Promise.all([...starts, ...cancels]);
      await restart();
      for (const answer of answers) expect([202, 503], JSON.stringify(answer?.body)).toContain(answer?.status);
      const [started, commanded] = [answers.slice(0, MEANWHILE), answers.slice(MEANWHILE)];

      for (const job of succeeding) await endsAs(job, 'succeeded');
      for (const job of undone) await endsAs(job, 'rolled-back');
      for (const [i, job] of cancelled.entries()) {
        // A command that was refused has no effect; one that came when all was done neither.
        const ends = took(commanded[i]) ? ['cancelled'] : ['succeeded'];
        await endsAs(job, ...ends);
      }
      for (const [i, job] of late.entries()) {
        if (took(started[i])) await endsAs(job, 'succeeded');
        else await neverBegan(job);
      }
    },
    TIMEOUT_MS,
  );
});

function took(answer: Answer | undefined): boolean {
  return answer?.status === 202;
}

async function endsAs(job: FleetJob, ...statuses: string[]): Promise<void> {
  const { status, reason } = await fleet.ended(job.id);
  expect(statuses, `${job.id}: ${reason ?? ''}`).toContain(status);
  expect(standing(fleet, job), job.id).toEqual(status === 'succeeded' ? WHOLE : []);
}

async function neverBegan(job: FleetJob): Promise<void> {
  const { status } = await fleet.next().call('GET', `/v1/onboardings/${job.id}`);
  expect(status, job.id).toBe(404);
  expect(standing(fleet, job), job.id).toEqual([]);
}
