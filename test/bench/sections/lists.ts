import { VendorError, type OnboardingSpec } from '#libs/contracts/index.js';
import { weigh } from '#libs/readings/weight.js';
import { egainModule, type EgainClient } from '#libs/vendors/egain/index.js';
import type { EgainConnection } from '#libs/vendors/egain/index.js';
import { account } from '#libs/vendors/egain/resources/account.js';
import { authentication } from '#libs/vendors/egain/resources/authentication.js';
import { channel } from '#libs/vendors/egain/resources/channel.js';
import { clientApplication } from '#libs/vendors/egain/resources/client-application.js';
import { orchestration } from '#libs/vendors/egain/resources/orchestration.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { startEngine, type Engine, type Job } from '#test/support/engine.js';
import type { Figure, Report } from '../figures.js';
import { median, timed } from '../measure.js';
import type { Bench } from '../section.js';
import type { BenchSystem } from '../system.js';

/** Calls a second in place of eGain's 2: ten times as fast, so waits for Temporal count ten times as much. */
const RATE = 20;
const FULL_SPEED = 2_000;
const CONCURRENCY = 2;
const MANY = 1_000;
const VERY_MANY = 10_000;
const FEW = 25;
/** Objects of an account. */
const CREATES = 4;
/** The kinds that its look reads. */
const KINDS = [clientApplication, channel, orchestration, account];
/** Looks with failing calls. */
const LOOKS = 5;
const LONGEST_JOB_MS = 900_000;

let jobs = 0;

/** What reading the vendors' lists costs an onboarding, an undo and a batch, where others have many objects. */
export async function lists({ system, rounds, progress }: Bench): Promise<Report[]> {
  const bench = { system, progress };
  return [await calls(bench), await batches(bench), await single(bench, rounds ?? 3), await readings(bench)];
}

interface ListsBench {
  system: BenchSystem;
  progress: (line: string) => void;
}

/** List calls of one job after the other. */
async function calls({ system, progress }: ListsBench): Promise<Report> {
  const figures: Figure[] = [];
  await withEngine(system, MANY, FULL_SPEED, async (engine) => {
    progress(`lists: onboardings, ${MANY} objects a kind`);
    const count = (name: string, value: number, atMost?: number): number =>
      figures.push({ name, value, unit: '', ...(atMost === undefined ? {} : { aim: { atMost } }) });
    count('first onboarding after a start of the worker', await listCallsOf(engine, 1), 112);
    count('the next one', await listCallsOf(engine, 1));
    count('ten at once', await listCallsOf(engine, 10));
    progress(`lists: undo, ${MANY} objects a kind`);
    count('undo of three objects, beside the look’s', await undoCalls(engine, 1), 112);
    count('six of them at once', await undoCalls(engine, 6), 336);
  });
  await withEngine(system, FEW, FULL_SPEED, async (engine) => {
    await listCallsOf(engine, 1);
    const value = await listCallsOf(engine, 1);
    figures.push({ name: `one onboarding at ${FEW} a kind`, value, unit: '', aim: { atMost: 4 } });
  });
  return { title: `List calls, chain of ${CREATES} objects, ${MANY} objects of others a kind`, figures, notes: [] };
}

/** Batches at the pace of a vendor, beside their creates alone. */
async function batches({ system, progress }: ListsBench): Promise<Report> {
  const figures: Figure[] = [];
  const cases = [
    { accounts: 10, objects: FEW, most: 1.5 },
    { accounts: 10, objects: MANY },
    { accounts: 100, objects: MANY, most: 1.7, mostCalls: 7 },
  ];
  for (const { accounts, objects, most, mostCalls } of cases) {
    await withEngine(system, objects, RATE, async (engine) => {
      progress(`lists: ${accounts} accounts at once, ${objects} objects a kind`);
      const name = `${accounts} at once, ${objects} objects a kind`;
      const { ms } = await timed(() => succeed(engine, accounts));
      const { ledger } = engine.sandbox.state({ objects: false });
      const ofVendor = ledger.filter(({ operation }) => operation !== 'token').length;
      const alone = (accounts * CREATES * 1_000) / RATE;
      figures.push(
        {
          name: `${name}: calls an account`,
          value: Number((ofVendor / accounts).toFixed(1)),
          unit: '',
          ...(mostCalls === undefined ? {} : { aim: { atMost: mostCalls } }),
        },
        {
          name: `${name}: time / creates alone`,
          value: ms / alone,
          unit: 'x',
          ...(most === undefined ? {} : { aim: { atMost: most } }),
          note: `${(ms / 1_000).toFixed(1)} s`,
        },
      );
    });
  }
  const pace = `at ${RATE} calls a second in place of eGain’s 2, ${CONCURRENCY} at a time`;
  return { title: `Accounts of ${CREATES} objects started at once`, figures, notes: [pace] };
}

/** How long one onboarding takes by the number of objects of others. */
async function single({ system, progress }: ListsBench, rounds: number): Promise<Report> {
  const figures: Figure[] = [];
  for (const objects of [0, MANY, VERY_MANY]) {
    await withEngine(system, objects, FULL_SPEED, async (engine) => {
      progress(`lists: one onboarding, ${objects} objects a kind`);
      const took: number[] = [];
      for (let round = 0; round < rounds; round++) took.push((await timed(() => succeed(engine, 1))).ms);
      figures.push({ name: `${objects} objects a kind, p50`, value: median(took), unit: 'ms' });
    });
  }
  const notes = [`vendors answer at once, ${CONCURRENCY} calls at a time, ${rounds} rounds`];
  return { title: `One onboarding of ${CREATES} objects by the objects of others`, figures, notes };
}

/** Readings by themselves: how sturdy they are, what a write waits beside them, what they take of memory. */
async function readings({ system, progress }: ListsBench): Promise<Report> {
  const figures: Figure[] = [];
  await withEngine(system, VERY_MANY, FULL_SPEED, async (engine) => {
    progress(`lists: looks with failing calls, ${VERY_MANY} objects a kind`);
    let failed = 0;
    const busy = { kind: 'status', status: 503 } as const;
    for (let seed = 1; seed <= LOOKS; seed++) {
      engine.sandbox.setFaults([{ match: { operation: 'list' }, share: 0.01, seed, effect: busy }]);
      if (!(await withClient(engine, FULL_SPEED, readsAll))) failed += 1;
    }
    engine.sandbox.setFaults([]);
    const name = `looks that fail at their first attempt, 1 % of the calls failing, ${VERY_MANY} objects a kind`;
    figures.push({ name, value: failed, unit: '', aim: { atMost: 0 }, note: `of ${LOOKS}` });
    const bytes = await withClient(engine, FULL_SPEED, async (client) => {
      const perKind = await Promise.all(
        KINDS.map(async (kind) => weigh(await kind.list(client, undefined, {})).then((all) => all / VERY_MANY)),
      );
      return Math.max(...perKind);
    });
    figures.push({
      name: 'memory of a listed object, bytes',
      value: Math.round(bytes),
      unit: '',
      aim: { atMost: 300 },
    });
    progress('lists: a write beside a reading');
    const waits = await withClient(engine, CONCURRENCY, writesBesideReading);
    const turnMs = 1_000 / CONCURRENCY;
    figures.push({
      name: `a write’s wait while a reading runs at ${CONCURRENCY} calls a second`,
      value: Math.max(...waits),
      unit: 'ms',
      aim: { atMost: turnMs * 1.1 },
      note: 'a call’s turn is 500 ms',
    });
  });
  return { title: 'Readings', figures, notes: [] };
}

/** Whether all kinds of a look can be read at the first attempt. */
async function readsAll(client: EgainClient): Promise<boolean> {
  try {
    await Promise.all(KINDS.map((kind) => kind.list(client, undefined, {})));
    return true;
  } catch (error) {
    if (error instanceof VendorError) return false;
    throw error;
  }
}

/** How long writes take from being asked for to their answer, in milliseconds, one after the other while pages wait. */
async function writesBesideReading(client: EgainClient): Promise<number[]> {
  const controller = new AbortController();
  const reading = Promise.allSettled(KINDS.map((kind) => kind.list(client, undefined, { signal: controller.signal })));
  const waits: number[] = [];
  for (let n = 0; n < 5; n++) {
    const body = { name: `bench-${n}`, type: 'basic', basicAuth: { username: 'u', password: 'p' }, active: true };
    waits.push((await timed(() => authentication.create(client, body))).ms);
  }
  controller.abort(new Error('measured'));
  await reading;
  return waits;
}

/** Runs something over a sandbox with so many objects of others, and a worker that has not called it yet. */
async function withEngine(
  { settings, namespace, encryptionKeys }: BenchSystem,
  foreignObjects: number,
  requestsPerSecond: number,
  run: (engine: Engine) => Promise<void>,
): Promise<void> {
  const { address } = settings.temporal;
  const engine = await startEngine(
    { address, namespace, dataDir: '', encryptionKeys, postgres: null },
    {
      requestsPerSecond,
      concurrency: CONCURRENCY,
      timeoutMs: 10_000,
      giveUpAfterMs: LONGEST_JOB_MS,
      // The worker of the system performs the workflows.
      environment: { GANGWAY_TASK_QUEUES: 'egain' },
    },
  );
  try {
    engine.sandbox.setKnobs({ egain: { foreignObjects, token: { lifetimeSeconds: 3_600 } } });
    engine.sandbox.reset({ keepKnobs: true });
    await run(engine);
  } finally {
    await engine.stop();
  }
}

/** A client of its own on the vendor of an engine, which has learned nothing yet. */
async function withClient<T>(
  { settings }: Engine,
  requestsPerSecond: number,
  run: (client: EgainClient) => Promise<T>,
): Promise<T> {
  const found = settings.connections.find(({ vendor }) => vendor === 'egain') as EgainConnection | undefined;
  if (!found) throw new Error('there is no connection of eGain');
  const limits = { ...found.limits, requestsPerSecond };
  const connected = egainModule.connect({ ...found, limits });
  try {
    return await run(connected.client);
  } finally {
    await connected.close();
  }
}

/** Runs so many jobs at once to their good ends. */
async function succeed(engine: Engine, count: number): Promise<void> {
  const started = await Promise.all(Array.from({ length: count }, () => engine.start(nextAccount())));
  await Promise.all(started.map(endedWell));
}

async function endedWell(job: Job): Promise<void> {
  const fault = await job.ended();
  if (fault !== undefined) throw new Error(`${job.id}: ${fault} (status ${await job.status()})`);
}

async function listCallsOf(engine: Engine, count: number): Promise<number> {
  const { seq } = engine.sandbox.state({ ledger: false, objects: false });
  await succeed(engine, count);
  return listCalls(engine, seq);
}

/** List calls from the moment at which the last object of so many jobs is refused, of which each has made three. */
async function undoCalls(engine: Engine, count: number): Promise<number> {
  const refused = {
    kind: 'status',
    status: 403,
    body: { code: '403-105', developerMessage: 'refused', details: [] },
  } as const;
  engine.sandbox.setFaults([{ id: 'refused', match: { resource: 'account', operation: 'create' }, effect: refused }]);
  const { seq } = engine.sandbox.state({ ledger: false, objects: false });
  const started = await Promise.all(Array.from({ length: count }, () => engine.start(nextAccount())));
  await Promise.all(started.map((job) => job.ended()));
  engine.sandbox.setFaults([]);
  const { ledger } = engine.sandbox.state({ objects: false, since: seq });
  const first = ledger.find(({ fault }) => fault === 'refused');
  if (!first) throw new Error('no job came to its last object');
  return listCalls(engine, first.seq);
}

function listCalls(engine: Engine, since: number): number {
  return engine.sandbox.state({ objects: false, since }).ledger.filter(({ operation }) => operation === 'list').length;
}

/** The smallest account, with a channel and an address of its own. */
function nextAccount(): OnboardingSpec {
  jobs += 1;
  const spec = minimalEgainSpec({ tenant: 'lists', account: `account-${jobs}` });
  if (!spec.egain) throw new Error('the smallest account has an eGain section');
  const channels = spec.egain.channels.map((each) => ({
    ...each,
    type: `custom.lists-${jobs}`,
    account: { ...each.account, address: `+1666${String(jobs).padStart(6, '0')}` },
  }));
  return { ...spec, egain: { ...spec.egain, channels } };
}
