import { setImmediate } from 'node:timers/promises';
import { seededRandom, type Random } from '#apps/sandbox/src/random.js';
import { VendorError } from '#libs/contracts/index.js';
import { KeptReadings, Readings } from '#libs/readings/index.js';
import { VirtualClock } from '#libs/readings/virtual-clock.fixture.js';
import { KINDS, ModelVendor, type Habits, type Kind, type ModelCall } from './vendor.js';

/** Random happenings of one run, before everything is answered. */
const HAPPENINGS = 200;
/** Calls that may still be made when nothing fails and nothing changes any more; more means that somebody reads without end. */
const LAST_CALLS = 2_000;

/** What a run has shown. */
export interface RunOutcome {
  /** What must never be, as sentences. */
  broken: string[];
  /** Questions that were answered. */
  answered: number;
  /** Those of them that another's reading answered. */
  shared: number;
  /** Calls that failed and were made again. */
  repeated: number;
}

/** One who asks, and what they must get. */
interface Asker {
  kind: Kind;
  askedAt: number;
  begunAfter: number;
  controller: AbortController;
  settled: boolean;
}

/**
 * A run of the model: askers come and leave, others and we make, remove and rename objects, pages shift, calls wait, fail and are
 * answered, all in an order that follows from the seed.
 */
export async function runModel(seed: number): Promise<RunOutcome> {
  const run = new ModelRun(seed);
  return run.outcome();
}

/** The habits of a seed's vendor. */
export function habitsOf(random: Random): Habits {
  const order = pick(random, ['oldest', 'newest', 'none'] as const);
  const hasCount = random() < 0.75;
  return {
    order,
    // Without a count a page of fewer than ten is the last one.
    pageSize: hasCount ? 4 + Math.floor(random() * 5) : 10,
    takesSize: random() < 0.5,
    hasCount,
    // A list without any order can only be told by its times.
    hasTimes: order === 'none' || random() < 0.8,
  };
}

class ModelRun {
  private readonly random: Random;
  private readonly clock = new VirtualClock();
  private readonly vendor: ModelVendor;
  private readonly readings: Readings;
  private readonly askers: Asker[] = [];
  private readonly provedGone = new Map<string, number>();
  private readonly result: RunOutcome = { broken: [], answered: 0, shared: 0, repeated: 0 };
  /** How restless this run is: shares of happenings that change the vendor, and of calls that fail. */
  private readonly changes: number;
  private readonly failures: number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    const { random, result } = this;
    this.vendor = new ModelVendor(habitsOf(random), random);
    this.changes = pick(random, [0, 0.05, 0.15, 0.3, 0.45] as const);
    this.failures = pick(random, [0, 0.1, 0.3] as const);
    this.readings = new Readings({
      clock: this.clock,
      kept: new KeptReadings(),
      times: { initialIntervalMs: 4, maximumIntervalMs: 30, giveUpAfterMs: 1_000 },
      meter: {
        begun: () => undefined,
        shared: () => (result.shared += 1),
        repeated: () => (result.repeated += 1),
      },
    });
  }

  async outcome(): Promise<RunOutcome> {
    for (const kind of KINDS) {
      const count = 12 + Math.floor(this.random() * 30);
      for (let n = 0; n < count; n++) {
        this.vendor.create(kind, this.clock.now());
        await this.clock.pass(1);
      }
      // What has been changed since it was made shows by what a list is sorted.
      for (const standing of this.vendor.standing(kind)) {
        if (this.random() < 0.3) this.vendor.rename(standing, this.clock.now());
        await this.clock.pass(1);
      }
    }
    for (let n = 0; n < HAPPENINGS; n++) {
      await this.clock.pass(1);
      this.happening();
      await setImmediate();
    }
    await this.answerAll();
    return this.result;
  }

  private happening(): void {
    const { random } = this;
    const changes = random() < this.changes;
    const what = random();
    if (changes) this.change();
    else if (what < 0.12) this.ask();
    else if (what < 0.16) pick(random, this.open())?.controller.abort(new Error('left'));
    else this.call(this.failures);
  }

  /** Others, or we, make, rename or remove something. */
  private change(): void {
    const { random, vendor, clock } = this;
    const kind = pick(random, KINDS);
    const what = random();
    const one = pick(random, vendor.standing(kind));
    if (what < 0.45 || !one) vendor.create(kind, clock.now());
    else if (what < 0.6) vendor.rename(one, clock.now());
    else {
      one.deletedAt = clock.now();
      if (what < 0.8) return; // somebody else's doing
      const { id } = one;
      this.readings.removed(kind, id);
      this.readings.missing(kind, id);
      this.provedGone.set(id, clock.now());
    }
  }

  private ask(): void {
    const { random, clock } = this;
    const kind = pick(random, KINDS);
    const askedAt = clock.now();
    // Open since some time ago, as an undo's question is, or since just now.
    const begunAfter = random() < 0.3 ? askedAt - Math.floor(random() * 60) : askedAt;
    const asker: Asker = { kind, askedAt, begunAfter, controller: new AbortController(), settled: false };
    this.askers.push(asker);
    const { signal } = asker.controller;
    void this.readings.whole(this.vendor.listing(kind), { begunAfter, signal, endedWithinMs: 60 }).then(
      (items) => this.judge(asker, new Set(items.map(({ id }) => id))),
      (error: unknown) => this.judgeError(asker, error),
    );
  }

  /** Sends or answers one of the waiting calls, or lets it fail. */
  private call(failures: number): void {
    const { random } = this;
    const call = pick(random, this.vendor.calls);
    if (!call) return;
    if (!call.isSent || random() < 0.02) call.send();
    else if (random() >= failures) call.answer();
    else this.fail(call);
  }

  private fail(call: ModelCall): void {
    const what = this.random();
    if (what < 0.03) call.fail(403);
    else if (what < 0.3) call.fail(429, { 'retry-after': '0.003' });
    else call.fail(what < 0.6 ? 503 : null);
  }

  private judge(asker: Asker, ids: ReadonlySet<string>): void {
    asker.settled = true;
    this.result.answered += 1;
    const { kind, begunAfter, askedAt } = asker;
    const asked = `asked for ${kind} at ${askedAt}, open since ${begunAfter}, answered at ${this.clock.now()}`;
    for (const { id, createdAt, deletedAt } of this.vendor.objects[kind]) {
      const stoodThroughout = createdAt < begunAfter && deletedAt === null;
      if (stoodThroughout && !ids.has(id)) this.result.broken.push(`${asked}: ${id} stood throughout and is missing`);
      if (deletedAt !== null && deletedAt < begunAfter && ids.has(id)) {
        this.result.broken.push(`${asked}: ${id} was gone at ${deletedAt}, so the reading began too early`);
      }
      const proved = this.provedGone.get(id);
      if (proved !== undefined && proved < askedAt && ids.has(id)) {
        this.result.broken.push(`${asked}: ${id} was proved gone at ${proved} and is listed`);
      }
    }
  }

  private judgeError(asker: Asker, error: unknown): void {
    asker.settled = true;
    if (asker.controller.signal.aborted) return;
    if (error instanceof VendorError) return; // the vendor's, or the list kept changing
    const text = error instanceof Error ? error.message : String(error);
    this.result.broken.push(`who asked for ${asker.kind} at ${asker.askedAt} got an error of somebody else: ${text}`);
  }

  /** From now on the vendor answers, and nothing changes: whoever waits must be served. */
  private async answerAll(): Promise<void> {
    for (let n = 0; this.open().length > 0; n++) {
      if (n > LAST_CALLS) {
        this.result.broken.push(`${this.open().length} of ${this.askers.length} are never answered`);
        return;
      }
      this.call(0);
      await this.clock.pass(2);
    }
    if (this.vendor.calls.length > 0) this.result.broken.push('calls are made for nobody');
  }

  private open(): Asker[] {
    return this.askers.filter(({ settled, controller }) => !settled && !controller.signal.aborted);
  }
}

function pick<T>(random: Random, from: readonly [T, ...T[]]): T;
function pick<T>(random: Random, from: readonly T[]): T | undefined;
function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)];
}
