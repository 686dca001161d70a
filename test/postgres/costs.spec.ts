import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chain12Spec } from '#test/factories/index.js';
import { readCounters, type Counters } from '#test/support/counters.js';
import { startEngine, type Engine, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

const JOBS = 5;
const ENDED_WITHIN_MS = 60_000;
const ALL_WITHIN_MS = 280_000;
const UPSERT = 'VisibilityTaskUpsertExecution';

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
  const costs: (typeof counted)[] = [];
  for (let n = 1; n <= JOBS; n += 1) costs.push(await costOf(n));
  // The least of several: on a machine with other work ends come one by one, each with a workflow task of its own.
  const least = (name: keyof typeof MOST): number => Math.min(...costs.map((cost) => cost[name]));
  counted = {
    activities: least('activities'),
    workflowTasks: least('workflowTasks'),
    heartbeats: least('heartbeats'),
    // Counted a moment after they were asked for, so also with the next job: only all together tell.
    upserts: Math.round(costs.reduce((sum, { upserts }) => sum + upserts, 0) / JOBS),
    events: least('events'),
  };
}, ALL_WITHIN_MS);
afterAll(() => engine.stop());

async function run(n: number): Promise<Job> {
  engine.sandbox.reset();
  const job = await engine.start(chain12Spec({ tenant: `costs${String(n)}`, account: 'support' }));
  await until(
    async () => ((await job.account.describe()).memo?.['state'] === 'live' ? true : undefined),
    'the account to be live',
    ENDED_WITHIN_MS,
  );
  return job;
}

async function costOf(n: number): Promise<typeof counted> {
  const before = await counters();
  const job = await run(n);
  // The server tells what it has counted a moment later.
  const after = await until(async () => {
    const now = await counters();
    const seen = now.requests('RespondActivityTaskCompleted') - before.requests('RespondActivityTaskCompleted');
    return seen >= job.plan.nodes.length ? now : undefined;
  }, 'the steps of the job to be counted');
  const requests = (operation: string): number => after.requests(operation) - before.requests(operation);
  return {
    activities: requests('RespondActivityTaskCompleted'),
    workflowTasks: requests('RespondWorkflowTaskCompleted'),
    heartbeats: requests('RecordActivityTaskHeartbeat'),
    upserts: after.tasks(UPSERT) - before.tasks(UPSERT),
    events: await eventsOf(job),
  };
}

function counters(): Promise<Counters> {
  const { postgres, namespace } = inject('temporal');
  if (postgres === null) throw new Error('these tests need a server of their own');
  return readCounters(postgres.metrics, namespace);
}

/** Events of both runs of a job: the account's that held it, and the operation's. */
async function eventsOf(job: Job): Promise<number> {
  const account = engine.client.workflow.getHandle(job.account.workflowId, job.account.firstExecutionRunId);
  const histories = await Promise.all([account, job.operation()].map((handle) => handle.fetchHistory()));
  return histories.reduce((sum, { events }) => sum + (events?.length ?? 0), 0);
}

describe('what a job of 12 nodes costs the server', () => {
  it.each(Object.entries(MOST))('%s: at most %d', (name, most) => {
    const count = counted[name as keyof typeof MOST];
    expect(count, 'nothing was counted').toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(most);
  });
});
