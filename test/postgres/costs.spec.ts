import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chain12Spec } from '#test/factories/index.js';
import { readCounters, type Counters } from '#test/support/counters.js';
import { startEngine, type Engine, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

const JOBS = 5;

/** The most that a job of 12 nodes may cost the server, on average: each is a write that a database has to keep. */
const MOST = {
  activities: 14,
  workflowTasks: 14,
  heartbeats: 11,
  upserts: 4,
  events: 90,
};

let engine: Engine;
let counted: Record<keyof typeof MOST, number>;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'));
  await run(0); // the first one also reads what is kept from then on
  const before = await counters();
  const jobs: Job[] = [];
  for (let n = 1; n <= JOBS; n += 1) jobs.push(await run(n));
  const after = await counters();
  const histories = await Promise.all(jobs.map(eventsOf));
  const requests = (operation: string): number => (after.requests(operation) - before.requests(operation)) / JOBS;
  counted = {
    activities: requests('RespondActivityTaskCompleted'),
    workflowTasks: requests('RespondWorkflowTaskCompleted'),
    heartbeats: requests('RecordActivityTaskHeartbeat'),
    upserts: sum(histories.map(({ upserts }) => upserts)) / JOBS,
    events: sum(histories.map(({ events }) => events)) / JOBS,
  };
});
afterAll(() => engine.stop());

async function run(n: number): Promise<Job> {
  engine.sandbox.reset();
  const job = await engine.start(chain12Spec({ tenant: `costs${String(n)}`, account: 'support' }));
  expect(await job.reached('succeeded', 'rolled-back', 'held')).toBe('succeeded');
  await until(
    async () => ((await job.account.describe()).memo?.['state'] === 'live' ? true : undefined),
    'the account to be live',
  );
  return job;
}

function counters(): Promise<Counters> {
  const { postgres, namespace } = inject('temporal');
  if (postgres === null) throw new Error('these tests need a server of their own');
  return readCounters(postgres.metrics, namespace);
}

/** Events of both runs of a job: the account's that held it, and the operation's. */
async function eventsOf(job: Job): Promise<{ events: number; upserts: number }> {
  const account = engine.client.workflow.getHandle(job.account.workflowId, job.account.firstExecutionRunId);
  const histories = await Promise.all([account, job.operation()].map((handle) => handle.fetchHistory()));
  const events = histories.flatMap((history) => history.events ?? []);
  return {
    events: events.length,
    upserts: events.filter((event) => event.upsertWorkflowSearchAttributesEventAttributes).length,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

describe('what a job of 12 nodes costs the server', () => {
  it.each(Object.entries(MOST))('%s: at most %d', (name, most) => {
    const count = counted[name as keyof typeof MOST];
    expect(count, 'nothing was counted').toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(most);
  });
});
