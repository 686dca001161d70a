import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { Plan, Standing } from '#libs/contracts/index.js';
import { Transition } from '#workflows/interpreter/transition.js';
import { otherTexts, ownTexts } from '#test/faults/lifecycle/state.js';
import { WAY_OF, type WayName } from '#test/faults/lifecycle/ways.js';
import { FAULTS, HITS, type Fault, type Persistence } from '#test/faults/matrix/faults.js';
import { planOf } from '#test/factories/index.js';
import { LocalActivities } from '#test/support/local-activities.js';
import { connectionsFile, connectionsOf, startSandbox, tempFolder } from '#test/support/sandbox.js';

/** What the interpreter schedules runs here, without a server of Temporal's: the vendors alone are asked. */
const local = vi.hoisted(() => ({ activities: undefined as LocalActivities | undefined }));
vi.mock('@temporalio/workflow', () => ({
  CancellationScope: class {
    static current(): object {
      return { consideredCancelled: false };
    }
    run<T>(run: () => Promise<T>): Promise<T> {
      return run();
    }
    cancel(): void {
      // what runs beside a fault ends by itself
    }
  },
  scheduleActivity: (type: string, args: [unknown]) => local.activities?.schedule(type, args),
}));

const TIMES = { timeoutMs: 150, settleMs: [10, 20], initialIntervalMs: 10 };
/** Outlives what passes; a fault for good is given up sooner. */
const PATIENT = { ...TIMES, giveUpAfterMs: 5_000 };
const BRIEF = { ...TIMES, giveUpAfterMs: 400 };
const CELL_TIMEOUT_MS = 60_000;

/** Calls by which objects are carried over, exchanged, and brought back. */
const CALLS = [
  { vendor: 'sinch', resource: 'webhook' },
  { vendor: 'egain', resource: 'account' },
].flatMap((each) =>
  (['get', 'list', 'update', 'create', 'delete'] as const).map((operation) => ({ ...each, operation })),
);

/** Of those, what each way makes; what it does not make cannot fail. */
const MAKES: Partial<Record<WayName, readonly string[]>> = {
  'carry over': ['get', 'list', 'update'],
  'carry over and back': ['get', 'list', 'update'],
  exchange: ['get', 'list', 'update', 'create', 'delete'],
  'exchange and back': ['get', 'list', 'create', 'delete'],
};

interface Cell {
  way: WayName;
  call: (typeof CALLS)[number];
  fault: Fault;
  persistence: Persistence;
}

/** `GANGWAY_FAULTS=all` runs every cell; otherwise of each call what a worker meets most, and what is hardest. */
const USUAL = ['reply lost once', '400 for good', 'effect after the deadline once'];
const all = process.env['GANGWAY_FAULTS'] === 'all';
const only = process.env['GANGWAY_FAULT_CELL'];

const CELLS: Cell[] = (Object.keys(MAKES) as WayName[]).flatMap((way) =>
  CALLS.filter(({ operation }) => MAKES[way]?.includes(operation) === true).flatMap((call) =>
    FAULTS.filter(({ only: calls, effect, writesOnly }) => {
      return !calls && effect && (writesOnly !== true || !['get', 'list'].includes(call.operation));
    }).flatMap((fault) => fault.persistences.map((persistence) => ({ way, call, fault, persistence }))),
  ),
);

function idOf({ way, call, fault, persistence }: Cell): string {
  return `${call.vendor}.${call.resource} ${call.operation} / ${fault.id} ${persistence} / ${way}`;
}

const chosen = CELLS.filter((cell) => {
  if (only !== undefined) return new RegExp(only).test(idOf(cell));
  return all || USUAL.includes(`${cell.fault.id} ${cell.persistence}`);
});

let sandbox: Sandbox;
const closers: (() => Promise<void> | void)[] = [];
const activities = new Map<object, LocalActivities>();
let count = 0;

beforeAll(async () => {
  const { sandbox: started, url } = await startSandbox();
  sandbox = started;
  closers.push(() => started.close());
  for (const times of [PATIENT, BRIEF]) {
    const { folder, remove } = tempFolder();
    const made = new LocalActivities(connectionsOf(connectionsFile(folder, url, times)));
    activities.set(times, made);
    closers.push(remove, () => made.close());
  }
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

function transition(from: Standing | null, to: Plan): Transition {
  return new Transition({ from, to, changed: () => undefined });
}

/** An account that stands as a way begins, and what it is to become. */
async function begin(way: WayName): Promise<{ id: string; from: Standing; to: Plan; live: string[] }> {
  const gone = WAY_OF[way];
  count += 1;
  const tenant = `cells${String(count)}`;
  sandbox.reset();
  sandbox.setKnobs(gone.knobs ?? {});
  local.activities = activities.get(PATIENT);
  const plan = planOf(gone.live(tenant));
  const onboarding = transition(null, plan);
  expect(await onboarding.apply(true)).toBeNull();
  const id = `${tenant}.${plan.account}`;
  const from = { plan, resources: onboarding.resources() };
  return { id, from, to: planOf(gone.amended(tenant, 'rollback')), live: ownTexts(sandbox, id) };
}

const expected = new Map<string, Promise<string[]>>();

/** What stands once a way has been gone without a fault. */
function wanted(way: WayName): Promise<string[]> {
  const forth = way.replace(' and back', '') as WayName;
  const known = expected.get(forth);
  if (known) return known;
  const made = begin(forth).then(async ({ id, from, to }) => {
    expect(await transition(from, to).apply(true)).toBeNull();
    return ownTexts(sandbox, id);
  });
  expected.set(forth, made);
  return made;
}

/** Puts the fault of a cell in force from now on. */
function strike({ call, fault, persistence }: Cell): void {
  const settleMs = TIMES.settleMs.reduce((sum, ms) => sum + ms, 0);
  const effect = fault.effect?.({ deadlineMs: TIMES.timeoutMs, settleMs, draw: 0.5 });
  if (!effect) throw new Error(`${fault.id} has no effect of its own`);
  const times = persistence === 'for good' ? {} : { times: HITS[persistence] };
  sandbox.setFaults([{ match: call, ...times, effect }]);
  local.activities = activities.get(persistence === 'for good' ? BRIEF : PATIENT);
}

async function lift(): Promise<void> {
  await sandbox.settled();
  sandbox.setFaults([]);
  local.activities = activities.get(PATIENT);
}

/** Goes one cell's way. Returns where the account stands at its end: by its new spec, or by the one that it had. */
async function go(cell: Cell, amendment: Transition): Promise<'new' | 'former'> {
  const { hold } = WAY_OF[cell.way];
  if (hold) {
    sandbox.setFaults([hold]);
    expect(await amendment.apply(false)).not.toBeNull();
  }
  strike(cell);
  if (!hold && (await amendment.apply(true)) === null) {
    await lift();
    return 'new';
  }
  const left = await amendment.undo();
  await lift();
  if (left.length > 0) expect(await amendment.undo(), 'undo goes on once the fault is gone').toEqual([]);
  return 'former';
}

describe('objects that cannot stand beside their successors', () => {
  it('has cells for each call of each way', () => {
    expect(CELLS.length).toBeGreaterThan(700);
    expect(new Set(CELLS.map(idOf)).size).toBe(CELLS.length);
    for (const { way, call } of CELLS)
      expect(chosen.some((cell) => only ?? (cell.way === way && cell.call === call))).toBeTruthy();
  });

  it.each(chosen.map((cell) => [idOf(cell), cell] as const))('%s', { timeout: CELL_TIMEOUT_MS }, async (_id, cell) => {
    const after = await wanted(cell.way);
    const { id, from, to, live } = await begin(cell.way);
    const others = otherTexts(sandbox, id);
    const amendment = transition(from, to);
    const end = await go(cell, amendment);
    expect(ownTexts(sandbox, id)).toEqual(end === 'new' ? after : live);
    expect(otherTexts(sandbox, id)).toEqual(others);
    const recorded = end === 'new' ? amendment.resources() : amendment.standing();
    expect(recorded.map(({ key }) => key).sort()).toEqual(
      (end === 'new' ? to : from.plan).nodes.map(({ key }) => key).sort(),
    );
    const standing = sandbox.state({ ledger: false }).objects;
    const ids = new Set(
      Object.values(standing).flatMap((kinds) =>
        Object.values(kinds)
          .flat()
          .map((each) => each['id']),
      ),
    );
    expect(
      recorded.filter(({ externalId }) => !ids.has(externalId)),
      'each recorded object stands under its id',
    ).toEqual([]);
    // Where the vendor refuses every such update, one refusal that cannot be read is none to go by: the amendment is undone.
    const unreadable = cell.way === 'exchange' && cell.call.operation === 'update' && cell.fault.kind === 'unreadable';
    if (cell.persistence !== 'for good' && !unreadable)
      expect(end, 'what passes is outlived').toBe(WAY_OF[cell.way].hold ? 'former' : 'new');
  });
});
