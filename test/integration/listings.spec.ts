import { WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import type { HeartbeatDetails, OnboardingSpec } from '#libs/contracts/index.js';
import { loadedDataConverter } from '#libs/temporal/data-converter.js';
import { createDecoder } from '#libs/temporal/decode.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { ownedAtVendors, startEngine, type Engine, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

const { PENDING_ACTIVITY_STATE_STARTED } = proto.temporal.api.enums.v1.PendingActivityState;
/** Objects of others of each kind: three pages. */
const FOREIGN = 200;
const PAGES = 3;
/** There and back; the last page is read once. */
const READING = 2 * PAGES - 1;
/** The kinds of a minimal account. */
const KINDS = 4;
/** What stands of a minimal account. */
const WHOLE = ['egain.account', 'egain.channel', 'egain.clientApplication', 'egain.orchestration'];

let engine: Engine;
let count = 0;
beforeEach(async () => {
  count += 1;
  engine = await startEngine(inject('temporal'), { concurrency: 2, timeoutMs: 5_000, giveUpAfterMs: 60_000 });
  engine.sandbox.setKnobs({ egain: { foreignObjects: FOREIGN } });
  engine.sandbox.reset({ keepKnobs: true });
});
afterEach(() => engine.stop());

/** The smallest account, with a channel and an address that no other has. */
function minimal(number: number): OnboardingSpec {
  const spec = minimalEgainSpec({ tenant: `lists${count}`, account: `number-${number}` });
  const channels = (spec.egain?.channels ?? []).map((channel) => ({
    ...channel,
    type: `custom.lists${number}`,
    account: { ...channel.account, address: `+1555${String(number).padStart(6, '0')}` },
  }));
  return { ...spec, ...(spec.egain ? { egain: { ...spec.egain, channels } } : {}) };
}

function startAll(jobs: number): Promise<Job[]> {
  return Promise.all(Array.from({ length: jobs }, (_, number) => engine.start(minimal(number))));
}

async function allSucceed(jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    expect(await job.ended(), job.id).toBeUndefined();
    expect(ownedAtVendors(engine.sandbox, job.id).sort(), job.id).toEqual(WHOLE);
  }
}

function listCalls(): LedgerEntry[] {
  return engine.sandbox.state({ objects: false }).ledger.filter(({ operation }) => operation === 'list');
}

/** How often the look of a job was tried. */
async function looks(job: Job): Promise<number[]> {
  const { events = [] } = await job.operation().fetchHistory();
  const scheduled = events?.filter(({ activityTaskScheduledEventAttributes: facts }) =>
    facts?.activityId?.endsWith('look'),
  );
  const ids = new Set(scheduled?.map(({ eventId }) => String(eventId)));
  return (events ?? []).flatMap(({ activityTaskStartedEventAttributes: facts }) =>
    facts && ids.has(String(facts.scheduledEventId)) ? [facts.attempt ?? 0] : [],
  );
}

/** What the look of a job has last told the server. */
async function heartbeat(job: Job): Promise<Partial<HeartbeatDetails>> {
  const decoder = createDecoder(
    loadedDataConverter(engine.settings.keyRing, inject('temporal').namespace),
    inject('temporal').namespace,
  );
  try {
    const { raw } = await job.operation().describe();
    const details = await decoder.value(raw.pendingActivities?.[0]?.heartbeatDetails);
    return details ?? {};
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return {}; // its account has not begun it yet
    throw error;
  }
}

describe('the lists of a connection', () => {
  it(
    'are read twice at most for ten accounts that are started at once, and once more by who made what may clash',
    { timeout: 120_000 },
    async () => {
      await allSucceed(await startAll(10));
      // The first list of all is asked for without parameters too.
      // Of a kind that may clash, whoever has made one reads once more.
      const readings = 2 * KINDS + 10;
      expect(listCalls().length).toBeLessThanOrEqual(1 + readings * READING);
      const twice = listCalls().filter(({ query }) => query['$pagenum'] === '1');
      expect(twice.length).toBeLessThanOrEqual(2 * readings);
    },
  );

  it('are read at the first attempt though one call in ten fails', { timeout: 120_000 }, async () => {
    const busy = { kind: 'status', status: 503 } as const;
    engine.sandbox.setFaults([{ match: { operation: 'list' }, share: 0.1, effect: busy }]);
    const [job] = await startAll(1);
    if (!job) throw new Error('a job was started');
    await allSucceed([job]);
    expect(engine.sandbox.faults()[0]?.hits).toBeGreaterThan(0);
    expect(await looks(job)).toEqual([1]);
  });

  it('are read on when their token is revoked meanwhile', { timeout: 120_000 }, async () => {
    engine.sandbox.setKnobs({ egain: { delayMs: 30 } });
    const jobs = await startAll(2);
    await until(() => (listCalls().length > 4 ? true : undefined), 'the reading to be under way');
    engine.sandbox.revokeTokens('egain');
    await allSucceed(jobs);
    expect(listCalls().some(({ status }) => status === 401)).toBe(true);
    for (const job of jobs) expect(await looks(job)).toEqual([1]);
  });

  it('are read on for the others when one who waits is cancelled', { timeout: 120_000 }, async () => {
    engine.sandbox.setKnobs({ egain: { delayMs: 200 } });
    const [leaving, ...staying] = await startAll(3);
    await until(() => (listCalls().length > 2 ? true : undefined), 'the reading to be under way');
    await leaving?.cancel();
    expect(await leaving?.reached('cancelled', 'succeeded', 'rolled-back')).toBe('cancelled');
    engine.sandbox.setKnobs({ egain: { delayMs: 0 } });
    await allSucceed(staying);
    const calls = (account: boolean): number =>
      listCalls().filter(({ resource }) => (resource === 'account') === account).length;
    expect(calls(false)).toBeLessThanOrEqual(1 + 2 * (KINDS - 1) * READING);
    // Accounts may clash, so whoever has made one reads them once more; many share a reading all the same.
    expect(calls(true)).toBeLessThanOrEqual((2 + 10) * READING);
  });

  it(
    'are told of in the heartbeats of who waits: which, how far, and what fails since when',
    { timeout: 120_000 },
    async () => {
      const busy = { kind: 'status', status: 503 } as const;
      // Three of its pages are read, and then none for a while.
      engine.sandbox.setFaults([{ match: { resource: 'channel', operation: 'list' }, from: 4, effect: busy }]);
      const began = Date.now();
      const [job] = await startAll(1);
      if (!job) throw new Error('a job was started');
      const reading = await until(async () => {
        const { readings = [] } = await heartbeat(job);
        return readings.find(({ kind, fault }) => kind === 'channel' && fault !== null);
      }, 'the heartbeats to tell of the failing list');
      expect(reading).toMatchObject({ page: 3, fault: { code: 'VENDOR_UNAVAILABLE', httpStatus: 503 } });
      expect(reading.of).toBeGreaterThanOrEqual(READING);
      expect(Date.parse(reading.fault?.since ?? '')).toBeGreaterThanOrEqual(began);
      engine.sandbox.setFaults([]);
      await allSucceed([job]);
    },
  );

  it('are waited for by more accounts than may work at a time', { timeout: 120_000 }, async () => {
    engine.sandbox.setFaults([{ match: { operation: 'list' }, effect: { kind: 'delay', ms: 300 } }]);
    const jobs = await startAll(20);
    const waiting = async (job: Job): Promise<boolean> =>
      job
        .operation()
        .describe()
        .then(
          ({ raw }) => (raw.pendingActivities ?? []).some(({ state }) => state === PENDING_ACTIVITY_STATE_STARTED),
          () => false, // its account has not begun it yet
        );
    await until(
      async () => (await Promise.all(jobs.map(waiting))).filter(Boolean).length >= 10 || undefined,
      'half of the accounts to wait for the lists at the same time',
    );
    engine.sandbox.setFaults([]);
    await allSucceed(jobs);
  });
});
