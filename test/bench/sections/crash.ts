import { setTimeout as pause } from 'node:timers/promises';
import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import { seededRandom } from '#apps/sandbox/src/random.js';
import type { Plan } from '#libs/contracts/index.js';
import { vendorModule } from '#libs/vendors/registry.js';
import { startJob, type Job } from '#test/support/engine.js';
import type { Figure, Report } from '../figures.js';
import { jobTimes, type StepTimes } from '../job-history.js';
import { allEndedWell, nextSpec, runJobs } from '../jobs.js';
import type { Bench } from '../section.js';
import { standing, type Difference } from '../standing.js';
import { DEADLINE_MS, SETTLE_MS, type BenchSystem } from '../system.js';

const JOBS = 200;
const DELAY_MS = 100;
/** The kill comes at a create of this resource, by the seed: it has no unique key, and others are under way beside it. */
const KILL_AT_RESOURCE = 'orchestration';
/** How long all jobs together may take. */
const LONGEST_MS = 15 * 60_000;
const LOOK_EVERY_MS = 10;
/** A heartbeat's timeout and the pause before the next attempt. */
const NOTICED_WITHIN_S = 7;
const SETTLED_WITHIN_S = (DEADLINE_MS + SETTLE_MS.reduce((sum, ms) => sum + ms, 0)) / 1_000 + NOTICED_WITHIN_S;

/** What a `kill -9` of the only worker costs jobs under way, when another is started at once. */
export async function crash({ system, seed, progress }: Bench): Promise<Report[]> {
  await system.vendors.setDelay(DELAY_MS);
  try {
    progress(`crash: ${JOBS} jobs without one`);
    const before = (await system.vendors.calls()).seq;
    const undisturbed = await runJobs(system, JOBS, LONGEST_MS);
    const usual = (await system.vendors.calls(before)).ledger;
    await system.vendors.sweep();

    progress(`crash: ${JOBS} jobs, their worker killed`);
    const killAt = 1 + Math.floor((seededRandom(seed)() * JOBS) / 2);
    const round = await killedRound(system, killAt);
    const { creates, reads } = tally(round.ledger);
    await system.vendors.sweep();
    const expected = tally(usual);
    const hit = (unique: boolean, when: 'started' | 'closed'): number[] =>
      round.hits.filter((step) => step.unique === unique).map((step) => (step[when] - round.killedAt) / 1_000);
    const longest = (name: string, seconds: number[], atMost?: number): Figure => ({
      name,
      value: seconds.length === 0 ? null : Math.max(...seconds),
      unit: 's',
      ...(atMost === undefined ? {} : { aim: { atMost } }),
      note: `${seconds.length} steps were hit`,
    });
    const figures: Figure[] = [
      { name: 'duplicates at the vendors', value: round.standing.duplicates, unit: '', aim: { atMost: 0 } },
      { name: 'objects missing at the vendors', value: round.standing.missing, unit: '', aim: { atMost: 0 } },
      { name: 'creates sent again', value: creates - expected.creates, unit: '', note: `of ${expected.creates}` },
      { name: 'reads besides', value: reads - expected.reads, unit: '', note: `of ${expected.reads}` },
      { name: 'all jobs, undisturbed', value: undisturbed / 1_000, unit: 's' },
      { name: 'all jobs, with the kill', value: round.ms / 1_000, unit: 's' },
      { name: 'with the kill / undisturbed', value: round.ms / undisturbed, unit: 'x' },
      longest('kill until the last step hit goes on, unique key', hit(true, 'started'), NOTICED_WITHIN_S),
      longest('kill to the end of the last step hit, unique key', hit(true, 'closed')),
      longest('kill to the end of the last step hit, others', hit(false, 'closed'), SETTLED_WITHIN_S),
    ];
    const title = `kill -9 of the worker amid ${JOBS} jobs, vendors answer after ${DELAY_MS} ms`;
    return [
      {
        title,
        figures,
        notes: [
          `seed ${seed}: killed at create ${killAt} of an ${KILL_AT_RESOURCE}; the next worker is started at once`,
          `a call’s deadline is ${DEADLINE_MS / 1_000} s`,
        ],
      },
    ];
  } finally {
    await system.vendors.setDelay(0);
  }
}

interface KilledRound {
  ms: number;
  /** By the clock of the machine, which is the server's. */
  killedAt: number;
  ledger: LedgerEntry[];
  /** The steps that were open at the kill and took a further attempt. */
  hits: (StepTimes & { unique: boolean })[];
  standing: Difference;
}

async function killedRound(system: BenchSystem, killAt: number): Promise<KilledRound> {
  const since = (await system.vendors.calls()).seq;
  const began = performance.now();
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, () => {
      const spec = nextSpec();
      return startJob(system.client, system.namespace, spec, system.plan(spec));
    }),
  );
  for (let sent = 0, from = since; sent < killAt;) {
    await pause(LOOK_EVERY_MS);
    const { ledger, seq } = await system.vendors.calls(from);
    sent += tally(ledger.filter(({ resource }) => resource === KILL_AT_RESOURCE)).creates;
    from = seq;
  }
  const killedAt = Date.now();
  for (const worker of system.workers()) worker.kill();
  await system.startWorker();
  await allEndedWell(
    system,
    jobs.map((job) => Promise.resolve(job)),
    LONGEST_MS,
  );
  const ms = performance.now() - began;
  const { ledger } = await system.vendors.calls(since);
  const hits = (await Promise.all(jobs.map((job) => hitsOf(system, job, killedAt)))).flat();
  const plans = jobs.map(({ plan }) => plan);
  return { ms, killedAt, ledger, hits, standing: standing(await system.vendors.objects(), plans) };
}

async function hitsOf(system: BenchSystem, job: Job, killedAt: number): Promise<KilledRound['hits']> {
  const { steps } = await jobTimes(system, job);
  return steps
    .filter(({ attempt, verb, scheduled, closed }) => {
      const open = scheduled < killedAt && closed > killedAt;
      return open && attempt > 1 && verb === 'ensure';
    })
    .map((step) => ({ ...step, unique: hasUniqueKey(job.plan, step.key) }));
}

function hasUniqueKey(plan: Plan, key: string): boolean {
  const node = plan.nodes.find((candidate) => candidate.key === key);
  if (!node) throw new Error(`the plan has no node ${key}`);
  const resource = vendorModule(node.vendor).resources.find(({ name }) => name === node.resource);
  // A condition makes nothing: it goes on as soon as one with a unique key.
  return resource?.exists === false || resource?.uniqueKey === true;
}

function tally(ledger: readonly LedgerEntry[]): { creates: number; reads: number } {
  const of = (...operations: LedgerEntry['operation'][]): number =>
    ledger.filter(({ operation }) => operations.includes(operation)).length;
  return { creates: of('create'), reads: of('list', 'get') };
}
