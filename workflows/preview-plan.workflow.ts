import { CancellationScope, condition, defineSignal, isCancellation, setHandler } from '@temporalio/workflow';
import {
  isHandedOff,
  PREVIEW_READ_SIGNAL,
  UNREAD,
  type BasedOn,
  type ForeseenNode,
  type ForeseenStep,
  type Plan,
  type PlanNode,
  type PreviewInput,
  type PreviewResult,
} from '#libs/contracts/index.js';
import { closing } from './interpreter/closing.js';
import { begin } from './interpreter/begin.js';
import { foreseeRemovals } from './interpreter/foresee-removals.js';
import { ignoredFields, inspectStanding, type Inspection } from './interpreter/inspect.js';
import { Outlook, PREVIEW_URGENCY } from './interpreter/outlook.js';
import { removable, repairable } from './interpreter/repair-scope.js';
import { readStepFailure } from './interpreter/step-failure.js';

/** For so long a dry run goes on unread. Milliseconds. */
const UNREAD_FOR_MS = 600_000;

/**
 * What an operation would do now, told by the interpreter that does it: it begins from the same records, looks by the same activities
 * and goes no further. Writes nothing; a vendor's fault ends it at once, and so do ten minutes in which nobody reads how far it is.
 * @throws ApplicationFailure with the code of the fault
 */
export async function previewPlan(input: PreviewInput): Promise<PreviewResult> {
  const work = new CancellationScope();
  const watch = new CancellationScope();
  const unread = watch
    .run(() => untilUnread(input.unreadForMs ?? UNREAD_FOR_MS))
    .then(
      () => {
        work.cancel();
        return true;
      },
      () => false, // it has ended before
    );
  try {
    return await work.run(() => toldOf(input));
  } catch (error) {
    if (isCancellation(error) && (await unread)) throw closing(UNREAD, 'Nobody has read for long how far it is.');
    const failure = readStepFailure(error);
    throw closing(failure.code, failure.message);
  } finally {
    watch.cancel();
  }
}

/** Returns once nobody has read how far it is for too long. */
async function untilUnread(forMs: number): Promise<void> {
  let reads = 0;
  setHandler(defineSignal(PREVIEW_READ_SIGNAL), () => {
    reads += 1;
  });
  let seen: number;
  do seen = reads;
  while (await condition(() => reads !== seen, forMs));
}

async function toldOf(input: PreviewInput): Promise<PreviewResult> {
  const basedOn = connectionsOf(input);
  switch (input.operation) {
    case 'onboard':
    case 'amend':
      return { ...(await applying(input)), basedOn };
    case 'offboard':
      return { nodes: [], steps: await leaving(input), basedOn };
    case 'repair':
      return { nodes: [], steps: await repairing(input), basedOn };
  }
}

/** The connections that a look asks; whatever it reads was read from now on. */
function connectionsOf({ from, to }: PreviewInput): BasedOn[] {
  const at = new Date().toISOString();
  const nodes = [...(from?.plan.nodes ?? []), ...(to?.nodes ?? [])].filter((node) => !isHandedOff(node));
  return [...new Set(nodes.map(({ connection }) => connection))].map((connection) => ({ connection, at }));
}

async function applying(input: PreviewInput): Promise<Omit<PreviewResult, 'basedOn'>> {
  const nodes = begin(input);
  const foreseen = await new Outlook(nodes, input).look();
  // What becomes another node's object is not removed.
  const dropped = nodes.dropped.filter(({ carrier }) => carrier === null).map(({ run }) => run);
  const removals = await foreseeRemovals(nodes, dropped.reverse(), false);
  return { nodes: foreseen, steps: [...unmade(input), ...removals] };
}

/** What operations in line before would make, and this one would remove: nothing of it stands yet. */
function unmade({ from, to, inLine = [] }: PreviewInput): ForeseenStep[] {
  const kept = new Set(to?.nodes.map(({ key }) => key));
  const recorded = new Set(from?.resources.map(({ key }) => key));
  const gone = (from?.plan.nodes ?? []).filter(({ key, waits }) => {
    return waits !== true && inLine.includes(key) && !kept.has(key) && !recorded.has(key);
  });
  const reason = 'is made by an operation in line before';
  return gone.reverse().map((node) => step(node, { action: 'remove', reason }));
}

async function leaving(input: PreviewInput): Promise<ForeseenStep[]> {
  const nodes = begin(input);
  const standing = [...nodes.all, ...nodes.leftBehind].filter((run) => run.node.waits !== true);
  return foreseeRemovals(nodes, standing.reverse(), true);
}

async function repairing({ from, inLine = [] }: PreviewInput): Promise<ForeseenStep[]> {
  if (!from) return [];
  const { found } = await inspectStanding(from, PREVIEW_URGENCY, { once: true, keys: keysBut(from.plan, inLine) });
  const mandate = { person: true, rewriteSecrets: false };
  const wanted = repairable(found, from, mandate);
  const nodes = begin({ from, to: from.plan });
  for (const run of nodes.all) if (wanted.has(run.node.key)) nodes.open(run);
  const foreseen = await new Outlook(nodes, { from, inLine }, ignoredFields(from.plan.spec)).look();
  const steps = foreseen.map((each, i) => repairOf(from.plan.nodes[i], each, found, inLine));
  return [...steps.flat(), ...duplicates(from.plan, found, removable(found, from, mandate))];
}

function keysBut({ nodes }: Plan, out: readonly string[]): ReadonlySet<string> {
  return new Set(nodes.map(({ key }) => key).filter((key) => !out.includes(key)));
}

/** What a repair would do with one node: only what is missing or changed, and what refers to it, is written. */
function repairOf(
  node: PlanNode | undefined,
  foreseen: ForeseenNode,
  found: Inspection['found'],
  inLine: readonly string[],
): ForeseenStep[] {
  if (!node) return [];
  if (inLine.includes(node.key))
    return [step(node, { action: 'none', reason: 'an operation in line before changes it' })];
  const { action, reason, externalId, changes } = foreseen;
  const ill = found.find(({ key, kind }) => key === node.key && kind === 'not-ready');
  const facts = { externalId, reason, changes };
  switch (action) {
    case 'create':
    case 'update':
      return [step(node, { ...facts, action: isHandedOff(node) ? 'person' : action })];
    case 'adopt':
      return [step(node, { ...facts, action: 'update' })];
    case 'conflict':
      return [step(node, { ...facts, action: 'none', reason: `cannot be repaired: ${reason}` })];
    case 'wait':
      return [
        step(node, { ...facts, action: 'none', reason: 'is waited for again, since what it hangs on is changed' }),
      ];
    case 'shared':
    case 'unchanged': {
      const sick = `${ill?.reason ?? ''}; a repair writes nothing for that`;
      return [step(node, { ...facts, action: 'none', reason: ill ? sick : 'stands as recorded' })];
    }
  }
}

/** Objects that carry the account's marker and are not recorded. */
function duplicates({ nodes }: Plan, found: Inspection['found'], gone: ReadonlySet<string>): ForeseenStep[] {
  return found.flatMap(({ key, kind, externalId = null, reason = '' }) => {
    const node = nodes.find((each) => each.key === key);
    if (kind !== 'duplicate' || !node) return [];
    return [step(node, { action: gone.has(key) ? 'remove' : 'none', externalId, reason })];
  });
}

type StepFacts = Pick<ForeseenStep, 'action' | 'reason'> & Partial<Pick<ForeseenStep, 'externalId' | 'changes'>>;

function step(
  { key, vendor, resource }: PlanNode,
  { action, reason, externalId = null, changes = [] }: StepFacts,
): ForeseenStep {
  return { key, vendor, resource, externalId, action, reason, changes };
}
