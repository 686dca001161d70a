import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { accountId, type JsonObject, type OnboardingSpec } from '#libs/contracts/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { startApi } from '#test/support/api.js';
import { ownedAtVendors, startEngine, type Engine, type Job } from '#test/support/engine.js';
import { startWorkerProcess } from '#test/support/processes.js';
import { egainConnections, startSandbox, tempFolder } from '#test/support/sandbox.js';
import { until } from '#test/support/until.js';

/** What stands of a minimal account. */
const WHOLE = ['egain.account', 'egain.channel', 'egain.clientApplication', 'egain.orchestration'];

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function engineWith(options: Parameters<typeof startEngine>[1]): Promise<Engine> {
  const engine = await startEngine(inject('temporal'), options);
  closers.push(() => engine.stop());
  return engine;
}

/** The smallest account, with a channel and an address that no other has. */
function minimal(tenant: string, number: number): OnboardingSpec {
  const spec = minimalEgainSpec({ tenant, account: `number-${number}` });
  const channels = (spec.egain?.channels ?? []).map((channel) => ({
    ...channel,
    type: `custom.${tenant}${number}`,
    account: { ...channel.account, address: `+1555${String(number).padStart(6, '0')}` },
  }));
  return { ...spec, ...(spec.egain ? { egain: { ...spec.egain, channels } } : {}) };
}

function startAll(engine: Engine, tenant: string, count: number): Promise<Job[]> {
  return Promise.all(Array.from({ length: count }, (_, number) => engine.start(minimal(tenant, number))));
}

/** Waits for all of them; `meanwhile` is called each time that one has ended. */
async function allSucceed(jobs: readonly Job[], meanwhile = (): void => undefined): Promise<void> {
  for (const job of jobs) {
    expect(await job.ended(), job.id).toBeUndefined();
    expect(await job.status(), job.id).toBe('succeeded');
    meanwhile();
  }
}

describe('the rate of a connection', () => {
  const RATE = 8;
  const JOBS = 32; // five steps each: 20 s at that rate
  const WINDOW_MS = 10_000;
  const FIRST_MS = 5_000;

  it('is kept by two workers together', { timeout: 180_000 }, async () => {
    const engine = await engineWith({
      requestsPerSecond: RATE,
      concurrency: 2,
      timeoutMs: 10_000, // calls wait for their turn within it
      giveUpAfterMs: 120_000,
    });
    await engine.startWorker();
    const jobs = await startAll(engine, 'paced', JOBS);
    await allSucceed(jobs);

    const steps = (await Promise.all(jobs.map(stepStarts))).flat();
    expect(steps.length).toBeGreaterThanOrEqual(JOBS * 5);
    const most = mostIn(WINDOW_MS, steadyPart(steps));
    expect(most).toBeLessThanOrEqual(RATE * 10 * 1.1);
    expect(most, 'the rate was met: fewer steps would be kept within any limit').toBeGreaterThan(RATE * 5);

    const { ledger } = engine.sandbox.state({ objects: false });
    const calls = steadyPart(ledger.map(({ at }) => Date.parse(at)));
    expect(mostIn(WINDOW_MS, calls), 'calls of two worker processes').toBeLessThanOrEqual(2 * RATE * 10 * 1.1);
    const creates = ledger.filter(({ operation }) => operation === 'create').map(({ at }) => Date.parse(at));
    expect(creates).toHaveLength(JOBS * WHOLE.length);
    expect(mostIn(WINDOW_MS, steadyPart(creates)), 'one for each step').toBeLessThanOrEqual(RATE * 10 * 1.1);
  });

  /** What is behind the first seconds, in which the server gives out what it has saved up. */
  function steadyPart(times: readonly number[]): number[] {
    const first = Math.min(...times);
    return times.filter((time) => time - first >= FIRST_MS).sort((a, b) => a - b);
  }
});

describe('a connection that never answers', () => {
  it('delays no other one', { timeout: 120_000 }, async () => {
    const { folder, remove } = tempFolder();
    closers.push(remove);
    const [dead, well] = await Promise.all([ownSandbox(), ownSandbox()]);
    dead.sandbox.setFaults([{ match: { vendor: 'egain' }, effect: { kind: 'hang' } }]);
    const file = egainConnections(folder, { 'limits-dead': dead.url, 'limits-well': well.url });
    const engine = await engineWith({ environment: { GANGWAY_CONNECTIONS: file } });
    const api = await startApi(engine);
    closers.push(() => api.close());
    const start = async (connection: string, number: number): Promise<string> => {
      const spec = minimal(connection, number);
      const { status, body } = await api.start(over(connection, spec));
      expect(status, JSON.stringify(body)).toBe(202);
      return accountId(spec);
    };
    const numbers = Array.from({ length: 8 }, (_, number) => number);
    const stuck = await Promise.all(numbers.map((number) => start('limits-dead', number)));
    await until(() => (hanging(dead.sandbox) > 0 ? true : undefined), 'the dead vendor to be called');

    const going = await Promise.all(numbers.map((number) => start('limits-well', number)));
    for (const id of going) {
      expect((await api.reached(id, 'succeeded', 'rolled-back')).status).toBe('succeeded');
      expect(ownedAtVendors(well.sandbox, id).sort()).toEqual(WHOLE);
    }
    for (const id of stuck) expect((await api.progress(id)).closedAt, `${id} waits for its vendor`).toBeNull();
    expect(dead.sandbox.state({ objects: false }).ledger.some(({ status }) => status !== null)).toBe(false);

    dead.sandbox.setFaults([]);
    for (const id of stuck) {
      expect((await api.reached(id, 'succeeded', 'rolled-back')).status).toBe('succeeded');
      expect(ownedAtVendors(dead.sandbox, id).sort()).toEqual(WHOLE);
    }
  });

  async function ownSandbox(): Promise<{ sandbox: Sandbox; url: string }> {
    const started = await startSandbox();
    closers.push(() => started.sandbox.close());
    return started;
  }

  function over(connection: string, spec: OnboardingSpec): JsonObject {
    return { ...specDocument(spec), connections: { egain: connection } };
  }

  function hanging(sandbox: Sandbox): number {
    return sandbox.state({ objects: false }).ledger.filter(({ fault, status }) => fault !== null && status === null)
      .length;
  }
});

describe('of the steps that wait for a connection', () => {
  /** How many accounts are begun before the next step of one is scheduled does not grow with the number of jobs. */
  const JOBS = 60;

  it('those further along go first: few accounts are half made at a time', { timeout: 180_000 }, async () => {
    const engine = await engineWith({ worker: false, concurrency: 2 });
    const planner = await startWorkerProcess(engine, { GANGWAY_TASK_QUEUES: 'workflows' });
    closers.push(() => planner.stop());
    const jobs = await startAll(engine, 'order', JOBS);
    const looks = async (job: Job): Promise<boolean> =>
      job
        .operation()
        .describe()
        .then(
          ({ raw }) => (raw.pendingActivities ?? []).length > 0,
          () => false, // its account has not begun it yet
        );
    await until(async () => (await Promise.all(jobs.map(looks))).every(Boolean) || undefined, 'all looks to wait');

    const performer = await startWorkerProcess(engine, { GANGWAY_TASK_QUEUES: 'egain' });
    closers.push(() => performer.stop());
    await allSucceed(jobs);
    expect(mostHalfMade(engine, jobs)).toBeLessThan(JOBS / 2);
  });
});

describe('two hundred jobs at once', () => {
  const JOBS = 200;
  /**
   * What they may add to a worker that has done one job: twice of what was measured (280 MB), which is the cache of runs
   * (`MAX_CACHED_WORKFLOWS`, 300) and what the garbage collector has not given back yet. Neither grows with the number of jobs.
   */
  const GROWTH_MB = 560;

  it('end well through one worker of bounded memory', { timeout: 420_000 }, async () => {
    const engine = await engineWith({ worker: false });
    const worker = await startWorkerProcess(engine);
    closers.push(() => worker.stop());
    const [first] = await startAll(engine, 'warm', 1);
    await allSucceed(first ? [first] : []);
    const warm = residentMb(worker.pid);

    let peak = warm;
    const jobs = await startAll(engine, 'crowd', JOBS);
    await allSucceed(jobs, () => {
      peak = Math.max(peak, residentMb(worker.pid));
    });
    for (const job of jobs) expect(ownedAtVendors(engine.sandbox, job.id).sort(), job.id).toEqual(WHOLE);
    const { ledger } = engine.sandbox.state({ objects: false });
    expect(ledger.filter(({ operation }) => operation === 'create')).toHaveLength((JOBS + 1) * WHOLE.length);
    const halfMade = mostHalfMade(engine, jobs);
    expect(halfMade, 'accounts half made at the same time').toBeLessThan(JOBS / 2);
    expect(peak - warm, `of ${warm} MB to ${peak} MB`).toBeLessThan(GROWTH_MB);
  });

  function residentMb(pid: number): number {
    const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return Math.round(Number(kilobytes) / 1024);
  }
});

/** How many jobs at most had made something and not yet their last object. */
function mostHalfMade({ sandbox }: Engine, jobs: readonly Job[]): number {
  const { objects, ledger } = sandbox.state();
  const madeAt = new Map(
    ledger.filter(({ operation }) => operation === 'create').map(({ objectId, seq }) => [objectId, seq]),
  );
  const all = Object.values(objects).flatMap((kinds) => Object.values(kinds).flat());
  const changes = jobs.flatMap(({ id }) => {
    const own = all.filter((object) => JSON.stringify(object).includes(`:${id}:`));
    const times = own.flatMap(({ id: objectId }) => (typeof objectId === 'string' ? (madeAt.get(objectId) ?? []) : []));
    expect(times, id).toHaveLength(WHOLE.length);
    return [
      { at: Math.min(...times), by: 1 },
      { at: Math.max(...times), by: -1 },
    ];
  });
  let halfMade = 0;
  return Math.max(...changes.sort((a, b) => a.at - b.at).map(({ by }) => (halfMade += by)));
}

/** When the steps of a job began, in milliseconds. */
async function stepStarts(job: Job): Promise<number[]> {
  const { events } = await job.operation().fetchHistory();
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes, eventTime }) =>
    activityTaskStartedEventAttributes
      ? [Number(eventTime?.seconds ?? 0) * 1_000 + Math.round((eventTime?.nanos ?? 0) / 1e6)]
      : [],
  );
}

/** The most of these rising times in any window of this length. */
function mostIn(windowMs: number, times: readonly number[]): number {
  let from = 0;
  return times.reduce((most, time, at) => {
    while (time - (times[from] ?? time) >= windowMs) from += 1;
    return Math.max(most, at - from + 1);
  }, 0);
}
