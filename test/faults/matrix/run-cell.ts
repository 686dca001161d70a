import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import { formatMarker, type JobStatus, type OnboardingSpec } from '#libs/contracts/index.js';
import { dependants } from '#libs/planning/index.js';
import { chain12Spec } from '#test/factories/index.js';
import type { Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import { drawOf, type Cell } from './cells.js';
import { putChain, putNeighbour, putShared, type ChainObject, type RecordedChain } from './chain.js';
import { blindCreates, standing, writesSince, type Account } from './checks.js';
import type { Lane } from './lanes.js';

const ENDS: readonly JobStatus[] = ['succeeded', 'rolled-back', 'cancelled', 'interrupted', 'rollback-incomplete'];
const LOOK_EVERY_MS = 75;
const RETRY_EVERY_MS = 2_000;
const END_WITHIN_MS = 120_000;

let tenants = 0;

/** Runs one cell in a lane. Answers everything that is not as expected; nothing when all is well. */
export async function runCell(cell: Cell, lane: Lane, chain: RecordedChain, seed: number): Promise<string[]> {
  tenants += 1;
  const spec = specOf(cell, `cell${String(tenants)}`);
  const account: Account = { tenant: spec.tenant, account: spec.account, installation: lane.installation };
  const { sandbox } = lane;
  sandbox.reset();
  prepare(cell, lane, chain, account);
  const before = standing(sandbox, account);
  const job = await begin(cell, lane, chain, spec, seed);
  try {
    return await judge(cell, lane, chain, { job, account, before });
  } catch (error) {
    await abandon(job);
    throw error;
  }
}

/** What a cell looks like before its end. */
interface Scene {
  job: Job;
  account: Account;
  before: ReturnType<typeof standing>;
}

/** Waits for the job's end and compares everything with the cell's expectation. */
async function judge(cell: Cell, { sandbox }: Lane, chain: RecordedChain, scene: Scene): Promise<string[]> {
  const { job, account, before } = scene;
  const found: string[] = [];
  const note = (what: string, seen: unknown, wanted: unknown): void => {
    const [a, b] = [seen, wanted].map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    if (a !== b) found.push(`${what}: ${a ?? ''}, expected ${b ?? ''}`);
  };

  const end = await endOf(job, ENDS);
  note('end', end, cell.expected.end);
  if ((sandbox.faults()[0]?.hits ?? 0) === 0) found.push('the fault hit no call');
  if (end === 'rollback-incomplete') {
    // What is still to come of the fault comes, then the vendor is well again.
    await sandbox.settled();
    sandbox.setFaults([]);
    await job.command('rollback');
    note(
      'end after the fault is gone',
      await endOf(job, ['succeeded', 'rolled-back', 'cancelled', 'interrupted']),
      'rolled-back',
    );
  }
  const { seq } = sandbox.state({ objects: false, ledger: false });
  await sandbox.settled();

  const after = standing(sandbox, account);
  note('ours at the end', after.ours, end === 'succeeded' ? expectedObjects(cell, chain) : []);
  if (after.others !== before.others)
    found.push(`objects of others changed: ${difference(before.others, after.others)}`);
  note('writes after the end', writesSince(sandbox, seq), []);
  if (cell.expected.writesNothing) note('writes', writesSince(sandbox, 0), []);
  found.push(...blindCreates(sandbox, chain.objects));
  return found;
}

function specOf({ target }: Cell, tenant: string): OnboardingSpec {
  return chain12Spec({ tenant, onFailure: target.direction === 'back' ? 'hold' : 'rollback' });
}

function prepare(
  { target: { standing: form } }: Cell,
  { sandbox }: Lane,
  chain: RecordedChain,
  account: Account,
): void {
  putNeighbour(sandbox, chain, account.installation);
  if (form === 'shared') putShared(sandbox, chain);
  if (form === 'changed') putChain(sandbox, chain, account, 'changed');
  if (form === 'spares') {
    putChain(sandbox, chain, account, 'stored');
    putChain(sandbox, chain, account, 'spare');
  }
}

/** Starts the job with the fault in force: from its first call, or from the moment when it goes back. */
async function begin(cell: Cell, lane: Lane, chain: RecordedChain, spec: OnboardingSpec, seed: number): Promise<Job> {
  const { sandbox } = lane;
  const rule = ruleOf(cell, lane, seed);
  if (cell.target.direction === 'forward') {
    sandbox.setFaults([rule]);
    return lane.start(spec);
  }
  const job = await heldAtItsLastStep(lane, chain, spec);
  if (cell.target.operation === 'token') sandbox.revokeTokens();
  sandbox.setFaults([rule]);
  await job.command('rollback');
  return job;
}

/** A job that has made everything but its last object, and is held: whatever it calls from now on belongs to its undo. */
async function heldAtItsLastStep(lane: Lane, chain: RecordedChain, spec: OnboardingSpec): Promise<Job> {
  const { sandbox, installation } = lane;
  const { node } = lastObject(chain);
  const match = {
    vendor: node.vendor,
    resource: node.resource,
    operation: 'create' as const,
    bodyContains: formatMarker({ installation, account: spec, node: node.key }),
  };
  sandbox.setFaults([{ match, effect: { kind: 'status', status: 400 } }]);
  const job = await lane.start(spec);
  // Other branches may not have begun when it was refused: a retry brings them on.
  let askedAt = 0;
  let seen = '';
  const held = until(
    async () => {
      const status = await pausedStatus(job);
      const { ours } = standing(sandbox, { ...spec, installation });
      seen = `${status}, with ${ours.join(' ')}`;
      if (status !== 'held') return undefined;
      if (ours.length === chain.objects.length - 1) return true;
      if (Date.now() - askedAt < RETRY_EVERY_MS) return undefined;
      askedAt = Date.now();
      await job.command('retry');
      return undefined;
    },
    'the job to be held at its last step',
    END_WITHIN_MS,
  );
  await held.catch(async (error: unknown) => {
    await abandon(job);
    throw new Error(`the job is not held at its last step; it is ${seen}`, { cause: error });
  });
  return job;
}

/** Ends a job that did not come to its end, so that the lane's next cell has it to itself. */
async function abandon(job: Job): Promise<void> {
  await Promise.allSettled([job.account.terminate('given up by the fault matrix'), job.operation().terminate()]);
}

/** The object that most others come before, and that nothing needs. */
function lastObject({ plan, objects }: RecordedChain): ChainObject {
  const depth = (key: string): number => {
    const needs = plan.nodes.find((node) => node.key === key)?.needs ?? [];
    return needs.length === 0 ? 0 : 1 + Math.max(...needs.map(depth));
  };
  const [last] = objects
    .filter(({ node, resource }) => resource.marked && dependants(plan, node.key).length === 0)
    // Its marker is looked for in bodies: it must not be the beginning of another node's.
    .filter(({ node }) => !plan.nodes.some(({ key }) => key !== node.key && key.startsWith(node.key)))
    .sort((a, b) => depth(b.node.key) - depth(a.node.key));
  if (!last) throw new Error('the chain has no last object');
  return last;
}

function ruleOf({ id, target, fault, persistence }: Cell, { times }: Lane, seed: number): FaultRuleInput {
  const { vendor, resource, operation } = target;
  const settleMs = times.settleMs.reduce((sum, ms) => sum + ms, 0);
  const times_ = { once: 1, burst: 3 };
  return {
    id: 'cell',
    match: { vendor, resource, operation } as FaultRuleInput['match'],
    ...(persistence === 'for good' ? {} : { times: times_[persistence] }),
    effect: fault.effect({ deadlineMs: times.timeoutMs, settleMs, draw: drawOf(seed, id) }),
  };
}

/** What of the account stands when its job has succeeded: one object for every node, but for those that use a shared one. */
function expectedObjects({ target }: Cell, { objects }: RecordedChain): string[] {
  return objects
    .filter(({ resource }) => !(resource.shared && target.standing === 'shared'))
    .map(({ node }) => `${node.vendor}.${node.resource}`)
    .sort();
}

async function endOf(job: Job, statuses: readonly JobStatus[]): Promise<JobStatus> {
  let last: JobStatus = 'queued';
  const reached = async (): Promise<JobStatus | undefined> => {
    last = await pausedStatus(job);
    return statuses.includes(last) ? last : undefined;
  };
  return until(reached, `the job to be ${statuses.join(' or ')}`, END_WITHIN_MS).catch((error: unknown) => {
    throw new Error(`the job stays ${last}`, { cause: error });
  });
}

/** The job's status after a pause: many cells ask at the same time. */
async function pausedStatus(job: Job): Promise<JobStatus> {
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  return job.status();
}

/** The first line in which two texts differ. */
function difference(before: string, after: string): string {
  const [was, is] = [before.split('\n'), after.split('\n')];
  const gone = was.find((line) => !is.includes(line));
  const come = is.find((line) => !was.includes(line));
  return `gone ${gone ?? 'nothing'}, come ${come ?? 'nothing'}`;
}
