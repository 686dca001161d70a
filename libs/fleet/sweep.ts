import {
  formatMarker,
  VendorError,
  type SweepLook,
  type SweepOutcome,
  type SweepStepInput,
  type SweepTarget,
} from '#libs/contracts/index.js';
import { inFlightMs, type ReadOptions, type Resource, type SeenObject, type Timing } from '#libs/resources/index.js';
import { patiently, type ScanPace } from './scan-pages.js';

/** What a sweep works with. */
export interface SweepDeps<C> {
  resources: readonly Resource<C>[];
  client: C;
  installation: string;
  timing: Timing;
  pace: ScanPace;
}

/** Why an orphan stays. Undefined: nothing speaks against its removal. */
type Objection = string | undefined;

/**
 * The first look at orphans that are to go, and how long the second must wait: until no write of a job that was cut off can still land.
 * What the vendor does not show stays.
 */
export async function lookAtOrphans<C>(deps: SweepDeps<C>, input: SweepStepInput): Promise<SweepLook> {
  const outcomes: SweepOutcome[] = [];
  const inspect = stayingOnFault(deps, input);
  for (const target of input.targets) {
    const { objection } = await inspect(target);
    if (objection !== undefined) outcomes.push(outcomeOf(target, false, objection));
  }
  const settleMs = deps.timing.settleMs.reduce((sum, ms) => sum + ms, 0);
  return { outcomes, waitMs: inFlightMs(deps.timing) + settleMs };
}

/**
 * Looks once more, removes what still has no account, what refers to others first, and proves by a reading that it is gone. What the
 * vendor does not show stays, and is told beside what was removed before.
 */
export async function removeOrphans<C>(deps: SweepDeps<C>, input: SweepStepInput): Promise<SweepOutcome[]> {
  const { resources, client, pace } = deps;
  const order = resources.map(({ name }) => name);
  const targets = [...input.targets].sort((a, b) => order.indexOf(b.resource) - order.indexOf(a.resource));
  const outcomes: SweepOutcome[] = [];
  const inspect = stayingOnFault(deps, input);
  for (const target of targets) {
    pace.signal.throwIfAborted();
    const { objection, resource, seen } = await inspect(target);
    if (objection !== undefined || !resource || !seen) {
      outcomes.push(outcomeOf(target, false, objection ?? 'it is gone'));
      continue;
    }
    // A write is sent once: whatever it answers, the reading that follows decides.
    const refusal = await resource.remove(client, seen.id).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : 'the vendor refused it'),
    );
    const left = await told(() => patiently(pace, () => resource.get(client, seen.id, readOf(pace))));
    if (left.fault !== undefined) {
      outcomes.push(outcomeOf(target, false, `its removal was asked for and could not be proved: ${left.fault}`));
      continue;
    }
    const gone = left.value === null;
    outcomes.push(outcomeOf(target, gone, gone ? null : (refusal ?? 'it still stands after its removal')));
  }
  return outcomes;
}

type Inspected<C> = { objection: Objection; resource?: Resource<C>; seen?: SeenObject };

/** Inspects orphans one after the other; once the vendor has not answered for long, none of the others is asked for. */
function stayingOnFault<C>(deps: SweepDeps<C>, input: SweepStepInput): (target: SweepTarget) => Promise<Inspected<C>> {
  let fault: string | undefined;
  return async (target) => {
    if (fault !== undefined) return { objection: fault };
    const { value, fault: now } = await told(() => inspectOrphan(deps, input, target));
    if (value) return value;
    fault = `it could not be read: ${now ?? ''}`;
    return { objection: fault };
  };
}

/** A vendor's fault as what it says; anything else is thrown. */
async function told<T>(read: () => Promise<T>): Promise<{ value?: T; fault?: string }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    return { fault: error.fault.message };
  }
}

async function inspectOrphan<C>(
  { resources, client, installation, pace }: SweepDeps<C>,
  { account }: SweepStepInput,
  target: SweepTarget,
): Promise<Inspected<C>> {
  const resource = resources.find(({ name }) => name === target.resource);
  if (!resource) return { objection: `this worker does not know the kind ${target.resource}` };
  const seen = await patiently(pace, () => resource.get(client, target.externalId, readOf(pace)));
  if (!seen) return { objection: 'it is gone', resource };
  const wanted = formatMarker({ installation, account, node: target.key });
  if (!seen.marker || formatMarker(seen.marker) !== wanted) {
    return { objection: 'it does not carry the marker any more with which it was listed', resource, seen };
  }
  const referrers = await patiently(
    pace,
    async () => (await resource.referrers?.(client, seen.id, readOf(pace))) ?? [],
  );
  const others = referrers.filter(({ externalId }) => externalId !== seen.id);
  const [first] = others;
  if (!first) return { objection: undefined, resource, seen };
  return { objection: `${first.resource} ${first.name} (${first.externalId}) refers to it`, resource, seen };
}

function readOf({ signal }: ScanPace): ReadOptions {
  return { signal, lane: 'fleet' };
}

function outcomeOf({ resource, externalId }: SweepTarget, removed: boolean, reason: string | null): SweepOutcome {
  return { resource, externalId, removed, reason };
}
