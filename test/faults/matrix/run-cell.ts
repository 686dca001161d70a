import type { CommandVerb, JobStatus, OnboardingSpec } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import { handoffOf, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import { blindCreates } from '../blind-creates.js';
import type { Cell } from './cells.js';
import type { Account, Held } from './chain.js';
import { bodiesOf, kindsOf, standing, writesSince } from './checks.js';
import type { Lane } from './lanes.js';
import { lift, strike, wasMet } from './strike.js';

const FINAL: readonly JobStatus[] = ['succeeded', 'rolled-back', 'cancelled', 'interrupted'];
const ENDS: readonly JobStatus[] = [...FINAL, 'rollback-incomplete'];
const LOOK_EVERY_MS = 75;
const RETRY_EVERY_MS = 2_000;
/** On a machine that has much else to do. */
const MACHINE_MS = 120_000;
/** Waits of a step for what may still take effect, one after the other: of its attempts, its undo and those of what comes before it. */
const MOST_WAITS = 8;
/** What a finding about the job's end begins with. */
const END = 'end';
/** The finding of a job that ended before it came to the fault. */
const NOT_MET = 'the fault hit no call';
const TRIES = 3;

let tenants = 0;

/**
 * Runs one cell in a lane. Returns everything that is not as expected; nothing when all is well. A machine that stalls adds faults
 * of its own: a cell runs again whose job ended before it came to its fault, and one whose end alone is another one though the machine
 * is seen to have stalled. What stands at the vendor, and what was sent to it, always counts.
 */
export async function runCell(cell: Cell, lane: Lane, seed: number): Promise<string[]> {
  for (let tries = 1; ; tries += 1) {
    const { found, job } = await attempt(cell, lane, seed);
    if (found.length === 0 || tries === TRIES) return found;
    const endAlone = found.every((each) => each === NOT_MET || each.startsWith(END));
    if (!endAlone || !(found.includes(NOT_MET) || (await hasStalled(job, lane)))) return found;
  }
}

async function attempt(cell: Cell, lane: Lane, seed: number): Promise<{ found: string[]; job: Job }> {
  tenants += 1;
  const { chain, target } = cell;
  const spec = chain.spec(`cell${String(tenants)}`, target);
  const account: Account = { tenant: spec.tenant, account: spec.account, installation: lane.installation };
  const { sandbox } = lane;
  sandbox.reset();
  sandbox.setKnobs(chain.knobs);
  chain.prepare(sandbox, target.standing, account);
  const before = standing(sandbox);
  const job = await begin(cell, lane, spec, seed, { account, before });
  try {
    if (chain.person) await answer(cell, lane, job);
    return { found: await judge(cell, lane, job, { account, before }), job };
  } catch (error) {
    await abandon(job);
    throw error;
  }
}

/** How long a job may take to come to an end, by the pauses of its lane. */
function endWithinMs({ times: { timeoutMs, settleMs } }: Lane): number {
  return MACHINE_MS + MOST_WAITS * settleMs.reduce((sum, ms) => sum + ms, timeoutMs);
}

/** Whether a call outlasted its deadline without a fault, or a step did not show for 5 s that it lives. */
async function hasStalled(job: Job, { sandbox, times }: Lane): Promise<boolean> {
  const { ledger } = sandbox.state({ objects: false });
  const slow = ledger.some(({ fault, durationMs }) => fault === null && (durationMs ?? Infinity) >= times.timeoutMs);
  if (slow) return true;
  const { events } = await job.operation().fetchHistory();
  return (events ?? []).some(
    ({ activityTaskStartedEventAttributes: started }) => started?.lastFailure?.timeoutFailureInfo != null,
  );
}

/** Whose job it is, and what stood when it began. */
interface Before {
  account: Account;
  before: Held[];
}

/** Waits for the job's end and compares everything with the cell's expectation. */
async function judge(cell: Cell, lane: Lane, job: Job, { account, before }: Before): Promise<string[]> {
  const { chain, expected, target } = cell;
  const { sandbox, times } = lane;
  const found: string[] = [];
  const note = (what: string, seen: unknown, wanted: unknown): void => {
    const [a, b] = [seen, wanted].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    if (a !== b) found.push(`${what}: ${a ?? ''}, expected ${b ?? ''}`);
  };

  // A job that goes back, or on with a corrected spec, has been held; one that goes forward may come to be.
  const wasHeld = target.direction === 'back' || target.standing === 'corrected';
  const rests: readonly JobStatus[] = wasHeld ? [] : chain.person ? ['held', 'waiting'] : ['held'];
  let end = await endOf(job, lane, [...ENDS, ...rests]);
  note(END, end, expected.end);
  const isMet = wasMet(cell, sandbox);
  if (!isMet) found.push(NOT_MET);
  if (expected.writesNothing) note('writes', writesSince(sandbox, 0), []);
  const after = AFTER[end];
  if (after) {
    // What is still to come of the fault comes, then the vendor is well again.
    await sandbox.settled();
    lift(cell, sandbox);
    if (after.verb === 'handoff') await answer(cell, lane, job);
    else await job.command(after.verb);
    end = await endOf(job, lane, FINAL);
    note(`${END} after the fault is gone`, end, after.end);
  }
  const { seq } = sandbox.state({ objects: false, ledger: false });
  await sandbox.settled();

  const stands = standing(sandbox);
  const ours = chain.ours(stands, account, before);
  // A job that ended before it came to its fault may have ended before it wrote.
  const wroteNothing = expected.writesNothing || (!isMet && ours.length > 0);
  const left = wroteNothing ? kindsOf(chain.ours(before, account, before)) : [];
  const made = chain.expected(target.standing, account);
  note('ours at the end', kindsOf(ours), end === 'succeeded' ? kindsOf(made) : left);
  if (end === 'succeeded') {
    const [wanted, own] = [bodiesOf(made, chain), bodiesOf(ours, chain)];
    if (wanted.join('\n') !== own.join('\n')) found.push(`ours are not as planned: ${difference(wanted, own)}`);
  }
  const others = stands.filter((each) => !ours.includes(each));
  const stood = before.filter((each) => !chain.ours(before, account, before).includes(each));
  const [was, is] = [textsOf(cell, stood, end === 'succeeded'), textsOf(cell, others, false)];
  if (was.join('\n') !== is.join('\n')) found.push(`objects of others changed: ${difference(was, is)}`);
  note('writes after the end', writesSince(sandbox, seq), []);
  found.push(...blindCreates(sandbox.state({ objects: false }).ledger, chain.objects, times));
  return found;
}

/** What an operator says to a job that waits for one, or a person to one that asks again, once the fault is gone, and how it ends then. */
const AFTER: Partial<Record<JobStatus, { verb: CommandVerb; end: JobStatus }>> = {
  'rollback-incomplete': { verb: 'rollback', end: 'rolled-back' },
  held: { verb: 'retry', end: 'succeeded' },
  waiting: { verb: 'handoff', end: 'succeeded' },
};

/** Objects as texts, to be compared byte for byte; what a job may write to, field by field. `changed`: as success makes them. */
function textsOf({ chain, target }: Cell, held: readonly Held[], changed: boolean): string[] {
  return held.map((each) => {
    const taken = chain.takenOver?.(each, target.standing);
    if (!taken) return JSON.stringify(each);
    const { object } = changed ? taken : each;
    const fields = Object.entries(object).filter(([name]) => name !== chain.setByWrites);
    return `${each.kind} ${canonicalJson(Object.fromEntries(fields))}`;
  });
}

/** Starts the job with the fault in force: from its first call, or from the moment when it goes back or on. */
async function begin(cell: Cell, lane: Lane, spec: OnboardingSpec, seed: number, scene: Before): Promise<Job> {
  const { chain, target } = cell;
  const corrected = target.standing === 'corrected' ? chain.corrected?.(spec.tenant) : undefined;
  if (target.direction === 'forward' && !corrected) {
    strike(cell, lane, seed);
    return lane.start(spec);
  }
  const job = await heldAtItsLastStep(cell, lane, spec, scene);
  strike(cell, lane, seed);
  if (corrected) await job.command('retry', { plan: lane.plan(corrected) });
  else await job.command('rollback');
  return job;
}

/** A job that has made as much as it can without ending, and is held: whatever it calls from now on belongs to its undo. */
async function heldAtItsLastStep(
  { chain, target }: Cell,
  lane: Lane,
  spec: OnboardingSpec,
  scene: Before,
): Promise<Job> {
  const { sandbox } = lane;
  const { account, before } = scene;
  const hold = chain.hold(account, target.standing);
  sandbox.setFaults([hold.rule]);
  const job = await lane.start(spec);
  // Other branches may not have begun when it was refused: a retry brings them on.
  let askedAt = 0;
  let seen = '';
  const held = until(
    async () => {
      const status = await pausedStatus(job);
      const stands = standing(sandbox);
      const texts = new Set(stands.map((each) => JSON.stringify(each)));
      const changed = before.filter((each) => !texts.has(JSON.stringify(each)));
      const done = [...chain.ours(stands, account, before), ...changed];
      seen = `${status}, with ${kindsOf(done).join(' ')}`;
      if (status !== 'held') return undefined;
      if (done.length === hold.done) return true;
      if (Date.now() - askedAt < RETRY_EVERY_MS) return undefined;
      askedAt = Date.now();
      await job.command('retry');
      return undefined;
    },
    'the job to be held at its last step',
    endWithinMs(lane),
  );
  await held.catch(async (error: unknown) => {
    await abandon(job);
    throw new Error(`the job is not held at its last step; it is ${seen}`, { cause: error });
  });
  return job;
}

/** Hands back what the person of a chain has, once the job asks for it. */
async function answer({ chain }: Cell, lane: Lane, job: Job): Promise<void> {
  const asked = async (): Promise<true | undefined> => {
    if ((await pausedStatus(job)) !== 'waiting') return undefined;
    return (await handoffOf(job))?.state === 'open' ? true : undefined;
  };
  await until(asked, 'the job to ask a person', endWithinMs(lane));
  const values = chain.person?.(lane.sandbox);
  if (values) await lane.answer(job, values);
}

/** A person who has answered is asked again. */
async function isAskedAgain(job: Job): Promise<boolean> {
  const handoff = await handoffOf(job);
  return handoff?.state === 'open' && handoff.refusals > 0;
}

/** Ends a job that did not come to its end, so that the lane's next cell has it to itself. */
async function abandon(job: Job): Promise<void> {
  await Promise.allSettled([job.account.terminate('given up by the fault matrix'), job.operation().terminate()]);
}

async function endOf(job: Job, lane: Lane, statuses: readonly JobStatus[]): Promise<JobStatus> {
  let last: JobStatus = 'queued';
  const reached = async (): Promise<JobStatus | undefined> => {
    last = await pausedStatus(job);
    if (last === 'waiting' && statuses.includes(last) && !(await isAskedAgain(job))) return undefined;
    return statuses.includes(last) ? last : undefined;
  };
  return until(reached, `the job to be ${statuses.join(' or ')}`, endWithinMs(lane)).catch((error: unknown) => {
    throw new Error(`the job stays ${last}`, { cause: error });
  });
}

/** The job's status after a pause: many cells ask at the same time. */
async function pausedStatus(job: Job): Promise<JobStatus> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  return job.status();
}

/** The first text that is in one list only, on each side. */
function difference(was: readonly string[], is: readonly string[]): string {
  const gone = was.find((text) => !is.includes(text));
  const come = is.find((text) => !was.includes(text));
  return `gone ${gone ?? 'nothing'}, come ${come ?? 'nothing'}`;
}
