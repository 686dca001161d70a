import { randomUUID } from 'node:crypto';
import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import { dependants } from '#libs/planning/index.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { accountId, formatMarker, type JobStatus, type OnboardingSpec, type PlanNode } from '#libs/contracts/index.js';
import { chain12Spec, connectorManifest, livepersonSpec } from '#test/factories/index.js';
import { othersAtVendors, ownedAtVendors, type Engine, type Job } from '#test/support/engine.js';
import { until } from '#test/support/until.js';
import { blindCreates, creatablesOf } from '../blind-creates.js';
import type { Account } from '../matrix/chain.js';
import { GATE, gated, HELD, type Cell, type Target } from './points.js';
import { endsOf, isOver } from './ends.js';
import { SETTLE_MS, type Lanes } from './lanes.js';

const REACHED_WITHIN_MS = 60_000;
const TRIES = 3;

/** What became of a cell's job. */
export interface Outcome {
  status: JobStatus;
  /** Why it did not succeed. */
  reason: string | undefined;
  standing: string[];
  /** Whether everything else at the vendors is as it was, byte for byte. */
  othersUntouched: boolean;
  /** Second creates that nothing proved to be right. */
  blind: string[];
  /** The calls about the target, for whoever looks for the cause of a failure. */
  calls: string;
}

/** A cell in its lane. */
interface Placed {
  cell: Cell;
  engine: Engine;
}

interface Run extends Placed {
  job: Job;
  /** What stands of others when the job begins, and how success leaves it. */
  before: { asItWas: string[]; afterSuccess: string[] };
}

/** What a round's jobs begin with and do. */
export interface Scene {
  spec(tenant: string, target: Target): OnboardingSpec;
  /** Puts in place what stands when a job begins. */
  prepare(sandbox: Sandbox, account: Account): void;
  /** Whether the job makes or changes a node's object. */
  writes(node: PlanNode): boolean;
  /** How many objects it has made or changed; `before` stood of others when it began. */
  done(sandbox: Sandbox, id: string, before: readonly string[]): number;
  /** What stands and is not the account's, as texts; `changed`: as success makes it. */
  others(sandbox: Sandbox, id: string, changed: boolean): string[];
}

/** Nothing but the engine prevents a second app of a name. */
export const SECOND_APP_ACCEPTED: KnobChanges = { liveperson: { duplicateName: 'accepted' } };

/** Everything is made. */
const MAKING: Scene = {
  spec: (tenant, { chain }) => (chain === 'liveperson' ? markedAppSpec(tenant) : oneOfEach(tenant)),
  prepare: (sandbox) => void sandbox.setKnobs(SECOND_APP_ACCEPTED),
  writes: () => true,
  done: (sandbox, id) => ownedAtVendors(sandbox, id).length,
  others: (sandbox, id) => [othersAtVendors(sandbox, id)],
};

/** Several files run on one server. */
const RUN = randomUUID().slice(0, 8);
let count = 0;

/** What every job of the egain chain in a round makes, as `ownedAtVendors` tells it. */
export const WHOLE: readonly string[] = [
  'egain.account',
  'egain.authentication',
  'egain.channel',
  'egain.clientApplication',
  'egain.orchestration',
  'sinch.app',
  'sinch.webhook',
];

/** What stands once a cell's job, which makes everything, has ended as it shall. */
export function standingOf({ point, target }: Cell): readonly string[] {
  if (point.ends !== 'succeeded') return [];
  return target.chain === 'liveperson' ? ['liveperson.app'] : WHOLE;
}

/**
 * Brings a job in every lane to its cell's point, then lets `crash` happen, and waits for the ends. All workers end before
 * anything is counted, so that no stale call can come later.
 */
export async function crashRound(
  lanes: Lanes,
  cells: readonly Cell[],
  crash: () => Promise<void>,
  scene = MAKING,
): Promise<Outcome[]> {
  const placed = cells.map((cell, i): Placed => {
    const engine = lanes.engines[i];
    if (!engine) throw new Error(`there is no lane ${String(i)}`);
    return { cell, engine };
  });
  const runs = await allAtTheirPoints(placed, scene);
  const crashedAt = new Date().toISOString();
  const cancels = runs.filter(({ cell }) => cell.point.cancel).map(({ job }) => job.cancel());
  await Promise.all([crash(), ...cancels]);
  const statuses = await endsOf(runs.map(({ job }) => job));
  // The account takes the end in a task of its own, which needs a worker.
  const reasons = await Promise.all(runs.map(async ({ job }, i) => (isOver(statuses[i]) ? job.ended() : undefined)));
  await lanes.stopWorkers();
  await Promise.all(runs.map(({ engine }) => engine.sandbox.settled()));
  return runs.map(({ cell, engine, job, before }, i) => {
    const { sandbox } = engine;
    const { ledger } = sandbox.state({ objects: false });
    const others = statuses[i] === 'succeeded' ? before.afterSuccess : before.asItWas;
    const times = { timeoutMs: cell.point.hold.timeoutMs, settleMs: SETTLE_MS };
    return {
      status: statuses[i] ?? 'queued',
      reason: reasons[i],
      standing: ownedAtVendors(sandbox, job.id).sort(),
      othersUntouched: scene.others(sandbox, job.id, false).join('\n') === others.join('\n'),
      blind: blindCreates(ledger, creatablesOf(job.plan), times),
      calls: callsAbout(cell.target.resource, engine, crashedAt),
    };
  });
}

function callsAbout(resource: string, { sandbox }: Engine, crashedAt: string): string {
  const calls = sandbox
    .state({ objects: false })
    .ledger.filter((entry) => entry.resource === resource && entry.fault !== GATE)
    .map(({ at, operation, status, fault, applied, objectId }) =>
      [at, operation, status, fault, applied ? 'applied' : '', objectId].join(' '),
    );
  return [`crash at ${crashedAt}`, ...calls].join('\n');
}

/** On a machine so slow that a hold is over before the last lane is at its point, all begin anew. */
async function allAtTheirPoints(placed: readonly Placed[], scene: Scene): Promise<Run[]> {
  for (let tries = 1; ; tries += 1) {
    const runs = await Promise.all(placed.map((each) => begin(each, scene)));
    await until(
      () => runs.every((run) => isAtGate(run, scene)) || undefined,
      'every job to be at its gate',
      REACHED_WITHIN_MS,
    );
    await release(runs.filter(({ cell }) => !cell.point.hold.last));
    await release(runs.filter(({ cell }) => cell.point.hold.last));
    const missed = runs.filter((run) => !isOpen(heldCall(run)));
    if (missed.length === 0) return runs;
    if (tries === TRIES) {
      const names = missed.map(({ cell: { point, target } }) => `${point.name}: ${target.name}`);
      throw new Error(`not held at the same time as the others: ${names.join('; ')}`);
    }
    await endsOf(runs.map(({ job }) => job));
  }
}

async function begin({ cell, engine }: Placed, scene: Scene): Promise<Run> {
  count += 1;
  const { sandbox, installation } = engine;
  const spec = scene.spec(`crash-${RUN}-${String(count)}`, cell.target);
  sandbox.reset();
  scene.prepare(sandbox, { tenant: spec.tenant, account: spec.account, installation });
  sandbox.setFaults([gated(cell.point, cell.target)]);
  const id = accountId(spec);
  const before = { asItWas: scene.others(sandbox, id, false), afterSuccess: scene.others(sandbox, id, true) };
  return { cell, engine, job: await engine.start(spec), before };
}

/** An app with a marker in its name, by which `ownedAtVendors` knows it. */
export function markedAppSpec(tenant: string): OnboardingSpec {
  const ref = { tenant, account: 'support' };
  const name = formatMarker({ installation: 'test', account: ref, node: 'liveperson.app' });
  return livepersonSpec({
    ...ref,
    connections: { liveperson: 'liveperson-main' },
    liveperson: { manifest: connectorManifest({ client_name: name }) },
  });
}

/** One of everything: nothing is under way beside a gate, so that a crash hits the held call alone. */
export function oneOfEach(tenant: string): OnboardingSpec {
  const { egain, ...whole } = chain12Spec({ tenant, account: 'support' });
  if (!egain) throw new Error('the factory makes an eGain section');
  const { bot: _bot, ...rest } = egain;
  return { ...whole, egain: { ...rest, channels: egain.channels.slice(0, 1) } };
}

/** All stands that needs nothing of the gated call. */
function isAtGate({ cell, engine, job, before }: Run, scene: Scene): boolean {
  const { sandbox } = engine;
  if (!sandbox.state({ objects: false }).ledger.some((entry) => entry.fault === GATE)) return false;
  const { resource, operation } = cell.point.gate(cell.target);
  if (operation === 'list') return true;
  const { nodes } = job.plan;
  const gatedNodes = nodes.filter((node) => node.resource === resource).map((node) => node.key);
  const later = new Set([...gatedNodes, ...gatedNodes.flatMap((key) => dependants(job.plan, key))]);
  const ready = nodes.filter((node) => node.waits !== true && !later.has(node.key) && scene.writes(node));
  return scene.done(sandbox, job.id, before.asItWas) === ready.length;
}

/** Opens the gates and waits until every call is held, or the first of them no longer can be. */
async function release(runs: readonly Run[]): Promise<void> {
  for (const { cell, engine } of runs) engine.sandbox.setFaults(cell.point.rules(cell.target));
  const end = Date.now() + Math.max(...runs.map(({ cell }) => cell.point.hold.holdMs));
  await until(
    () => runs.every((run) => heldCall(run) !== undefined) || Date.now() > end || undefined,
    'every job to be at its point',
    REACHED_WITHIN_MS,
  );
}

function heldCall({ engine }: Run): LedgerEntry | undefined {
  return engine.sandbox.state({ objects: false }).ledger.find((entry) => entry.fault === HELD);
}

function isOpen(call: LedgerEntry | undefined): boolean {
  return call?.status === null && call.durationMs === null;
}
