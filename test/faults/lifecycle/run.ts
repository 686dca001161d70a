import type { JobStatus } from '#libs/contracts/index.js';
import type { Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import { drawOf } from '../matrix/cells.js';
import { callsIn, type VendorCall } from '../matrix/chain.js';
import { writesSince } from '../matrix/checks.js';
import { FAULTS, HITS, type Fault, type Persistence } from '../matrix/faults.js';
import type { Lane } from '../matrix/lanes.js';
import { expectationOf, type Expectation } from './rules.js';
import { otherTexts, ownTexts } from './state.js';
import { BACK, FORTH, WAY_OF, WAYS, type WayName } from './ways.js';

/** One way, gone without a fault: its calls, and what the account's objects were and have become. */
export interface Recorded {
  way: WayName;
  calls: VendorCall[];
  /** As onboarded. */
  live: string[];
  before: string[];
  after: string[];
}

/** One fault on one kind of call of one operation. */
export interface Cell {
  id: string;
  recorded: Recorded;
  call: VendorCall;
  fault: Fault;
  persistence: Persistence;
  expected: Expectation;
}

const RULE = 'cell';
const LOOK_EVERY_MS = 75;
const END_WITHIN_MS = 120_000;
const ENDS: readonly JobStatus[] = ['succeeded', 'rolled-back', 'rollback-incomplete', 'failed', 'cancelled'];

let tenants = 0;

/** Goes every way once, side by side, and keeps what it takes. */
export async function recordWays(run: <T>(task: (lane: Lane) => Promise<T>) => Promise<T>): Promise<Recorded[]> {
  return Promise.all(WAYS.map((way) => run((lane) => record(lane, way))));
}

/** Every cell, in an order that mixes what is slow and what is quick; the same for the same seed. */
export function cellsOf(recorded: readonly Recorded[], seed: number): Cell[] {
  const cells = recorded.flatMap((each) =>
    each.calls.flatMap((call) =>
      FAULTS.filter((fault) => canMeet(fault, call)).flatMap((fault) =>
        fault.persistences.map((persistence): Cell => ({
          id: `${call.vendor}.${call.resource} ${call.operation} / ${fault.id} ${persistence} / ${each.way}`,
          recorded: each,
          call,
          fault,
          persistence,
          expected: expectationOf(each.way, call, fault, persistence),
        })),
      ),
    ),
  );
  const place = new Map(cells.map((cell) => [cell, drawOf(seed, cell.id)]));
  return cells.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}

/** Of every way each kind of call, and each kind of fault, at least once. */
export function quickSlice(cells: readonly Cell[]): Cell[] {
  const seen = new Set<string>();
  return cells.filter(({ recorded: { way }, call, fault, persistence }) => {
    const facets = [
      `${way} ${call.operation}`,
      `${way} ${persistence === 'for good' ? 'stays' : 'passes'}`,
      fault.kind,
    ];
    const isNew = facets.some((facet) => !seen.has(facet));
    if (isNew) for (const facet of facets) seen.add(facet);
    return isNew;
  });
}

/** Runs one cell in a lane. Returns everything that is not as expected; nothing when all is well. */
export async function runCell(cell: Cell, lane: Lane, seed: number): Promise<string[]> {
  const { recorded, expected } = cell;
  const { sandbox } = lane;
  const live = await startLive(lane, recorded.way);
  const found: string[] = [];
  const note = (what: string, seen: readonly string[], wanted: readonly string[]): void => {
    const gone = wanted.find((text) => !seen.includes(text));
    const come = seen.find((text) => !wanted.includes(text));
    if (seen.length !== wanted.length || gone !== undefined || come !== undefined) {
      found.push(
        `${what}: gone ${gone ?? 'nothing'}, come ${come ?? 'nothing'}, ${String(seen.length)} of ${String(wanted.length)}`,
      );
    }
  };
  try {
    const others = otherTexts(sandbox, live.id);
    const { job, seq } = await begin(lane, recorded.way, live, () => strike(cell, lane, seed));
    const end = await endOf(job);
    if (!expected.ends.includes(end)) found.push(`end: ${end}, expected ${expected.ends.join(' or ')}`);
    if (!sandbox.faults().some(({ id, hits }) => id === RULE && hits > 0)) found.push('the fault hit no call');
    if (expected.writesNothing) note('writes', writesSince(sandbox, seq), []);
    await sandbox.settled();
    sandbox.setFaults([]);
    const last = await goOn(recorded.way, live, job, end);
    const { seq: closed } = sandbox.state({ objects: false, ledger: false });
    await sandbox.settled();
    note(`objects once it is ${last}`, ownTexts(sandbox, live.id), objectsAt(recorded, last));
    note('objects of others', otherTexts(sandbox, live.id), others);
    note('writes after the end', writesSince(sandbox, closed), []);
    return found;
  } finally {
    await live.account.terminate('the cell is over').catch(() => undefined); // an offboarded account has ended by itself
  }
}

/** What stands of the account once its operation has come to an end. */
function objectsAt({ way, live, before, after }: Recorded, end: JobStatus): readonly string[] {
  if (end !== 'rolled-back') return after;
  return [...FORTH, ...BACK].includes(way) ? live : before;
}

/** Once the fault is gone: an operator asks again for what did not come to its end. */
async function goOn(way: WayName, live: Job, job: Job, end: JobStatus): Promise<JobStatus> {
  if (end === 'rollback-incomplete') {
    await job.command(way === 'offboard' ? 'retry' : 'rollback');
    return endOf(job, ['succeeded', 'rolled-back']);
  }
  if (end !== 'failed') return end;
  const again = await live.next({ kind: 'reconcile', mode: way === 'repair' ? 'repair' : 'observe' });
  return endOf(again);
}

async function record(lane: Lane, name: WayName): Promise<Recorded> {
  const { sandbox } = lane;
  const live = await startLive(lane, name);
  const made = ownTexts(sandbox, live.id);
  let before: string[] = [];
  const { job, seq } = await begin(lane, name, live, () => {
    before = ownTexts(sandbox, live.id);
    sandbox.setFaults([]);
  });
  const end = await endOf(job);
  if (end !== WAY_OF[name].well) throw new Error(`${name} ended as ${end} without a fault`);
  const recorded = { way: name, calls: callsIn(sandbox, seq), live: made, before, after: ownTexts(sandbox, live.id) };
  await live.account.terminate('recorded').catch(() => undefined); // an offboarded account has ended by itself
  return recorded;
}

async function startLive(lane: Lane, name: WayName): Promise<Job> {
  const way = WAY_OF[name];
  tenants += 1;
  lane.sandbox.reset();
  lane.sandbox.setKnobs(way.knobs ?? {});
  const live = await lane.start(way.live(`life${String(tenants)}`));
  const end = await endOf(live);
  if (end !== 'succeeded') throw new Error(`the onboarding ended as ${end} without a fault`);
  return live;
}

/** Begins an operation with the fault in force from its first call, or from the moment when it goes back. */
async function begin(lane: Lane, name: WayName, live: Job, strikes: () => void): Promise<{ job: Job; seq: number }> {
  const way = WAY_OF[name];
  const { sandbox } = lane;
  way.drift?.(sandbox, live.id);
  const operation = way.operation(lane.plan(way.amended(live.plan.tenant, way.hold ? 'hold' : 'rollback')));
  const now = (): number => sandbox.state({ objects: false, ledger: false }).seq;
  if (!way.hold) {
    sandbox.revokeTokens();
    strikes();
    const seq = now();
    return { job: await live.next(operation), seq };
  }
  sandbox.setFaults([way.hold]);
  const job = await live.next(operation);
  await endOf(job, ['held']);
  sandbox.revokeTokens();
  strikes();
  const seq = now();
  await job.command('rollback');
  return { job, seq };
}

function strike({ call, fault, persistence, id }: Cell, { sandbox, times }: Lane, seed: number): void {
  const settleMs = times.settleMs.reduce((sum, ms) => sum + ms, 0);
  const { vendor, resource, operation } = call;
  if (!fault.effect) throw new Error(`${fault.id} has no effect of its own`);
  const effect = fault.effect({ deadlineMs: times.timeoutMs, settleMs, draw: drawOf(seed, id) });
  const match = { vendor, resource, operation: operation as 'get' };
  sandbox.setFaults([{ id: RULE, match, ...(persistence === 'for good' ? {} : { times: HITS[persistence] }), effect }]);
}

function canMeet({ writesOnly, only, effect }: Fault, { operation }: VendorCall): boolean {
  if (only || !effect) return false;
  return writesOnly !== true || ['create', 'update', 'delete'].includes(operation);
}

async function endOf(job: Job, statuses = ENDS): Promise<JobStatus> {
  let last: JobStatus = 'queued';
  return until(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)); // many cells ask at the same time
      last = await job.status();
      return statuses.includes(last) ? last : undefined;
    },
    `the operation to be ${statuses.join(' or ')}`,
    END_WITHIN_MS,
  ).catch((error: unknown) => {
    throw new Error(`the operation stays ${last}`, { cause: error });
  });
}
