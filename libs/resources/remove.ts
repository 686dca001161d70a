import {
  type Issued,
  type JsonObject,
  type Knowledge,
  type OwnedResource,
  type RemoveInput,
  type RemoveResult,
  type VendorError,
} from '#libs/contracts/index.js';
import type { Referrer, Resource, SeenObject } from './contract.js';
import { nodeFault } from './faults.js';
import { Revocation } from './revocation.js';
import { oursIn } from './sighting.js';
import type { StepContext } from './step-context.js';
import { inFlightMs } from './timing.js';

/**
 * Takes one node back (`RemoveGoal`): to what the account recorded before the operation, or to nothing. Removes what is ours and must
 * go, whoever made it; puts back the former body of what was taken over; leaves alone what is somebody else's. Waits first while a
 * create may still take effect, reads again at the end to prove it, and asks whether what was issued for it still works. A second
 * call finds nothing to do.
 * @throws VendorError `STILL_REFERENCED` when something that stands refers to it; any other fault of the vendor
 */
export async function remove<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  input: RemoveInput,
): Promise<RemoveResult> {
  const { node } = input;
  if (!resource.exists) return { outcome: 'absent', removed: [], message: 'nothing to undo' };
  const scope = resource.scope(node.body);
  if (scope === null) return { outcome: 'absent', removed: [], message: 'what would hold it was never made' };
  await waitUntilLanded(ctx, input.knowledge);

  const options = { signal: ctx.signal };
  // The record and the vendor's own answer are enough where no create of it was ever unclear: no spare can stand.
  const list = isSettled(input) ? [] : await resource.list(client, scope, options);
  const targets = await targetsIn(resource, client, ctx, input, list);
  const revocation = new Revocation(resource, client, ctx, node, issuedForWhatGoes(input));
  const removed: string[] = [];
  const kept: string[] = [];
  for (const seen of targets) {
    const referrers = (await resource.referrers?.(client, seen.id, options)) ?? [];
    if (referrers.length > 0) {
      if (!resource.shared) throw stillReferenced(input, seen.id, referrers);
      kept.push(`${seen.id} stays: ${describe(referrers)}`);
      continue;
    }
    await revocation.confirmDelete(seen.id); // an attempt that another has taken the place of must not delete what has come to be used since
    ctx.throwIfCancelled();
    await resource.remove(client, seen.id);
    removed.push(seen.id);
  }
  for (const id of removed) {
    if (await resource.get(client, id, options)) {
      const message = `${node.title}: ${id} was deleted and still stands; it is tried again.`;
      throw nodeFault(node, 'delete', 'VENDOR_UNAVAILABLE', message, { externalId: id, retryable: true });
    }
  }
  await revocation.prove();
  return outcome(input, removed, kept, await restore(resource, client, ctx, input, list));
}

/** A create that never answered may still take effect; deleting before it does would leave an orphan. A unique key does not help here. */
async function waitUntilLanded(ctx: StepContext, { made, inFlightSince }: Knowledge): Promise<void> {
  if (ctx.previous?.settled === true) return; // an attempt before has waited already
  const never = inFlightSince === null ? 0 : ctx.startedAt + inFlightMs(ctx.timing);
  const late = made?.inFlightUntil ? Date.parse(made.inFlightUntil) : 0;
  const until = Math.max(never, late);
  while (ctx.now() < until) await ctx.pause(Math.min(until - ctx.now(), 1_000));
  if (until > 0) await ctx.confirm({ settled: true });
}

/** Whether the recorded object is all that can stand of a node: it is removed by its id, and nothing is listed. */
function isSettled({ goal, knowledge }: RemoveInput): boolean {
  const { recorded, made, inFlightSince, looked } = knowledge;
  return goal === 'remove' && recorded !== null && made === null && looked === null && inFlightSince === null;
}

/** The recorded object where it has to stay. */
function staying({ goal, knowledge: { recorded } }: RemoveInput): OwnedResource | null {
  return recorded && (goal !== 'remove' || recorded.ownership !== 'created') ? recorded : null;
}

/** What must go: all that is ours by marker, and what is known to be ours even where its marker was edited away or its list lags. */
async function targetsIn<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  input: RemoveInput,
  list: readonly SeenObject[],
): Promise<SeenObject[]> {
  const { node, goal, knowledge } = input;
  const { made, looked, inFlightSince, recorded, held = [] } = knowledge;
  const unclear = inFlightSince !== null || made?.settle === true;
  const stays = staying(input);
  const known = goal === 'remove' ? recorded : null;
  const targets = oursIn(resource, node, list, { known, looked, unclear, held }).filter(
    (seen) => seen.id !== stays?.externalId && !(goal === 'keep' && (looked?.before.includes(seen.id) ?? false)),
  );
  const certain = certainTargets(input);
  const unproven = targets.filter((seen) => !certain.includes(seen.id));
  if (resource.alike && unproven.length > 1) throw ambiguous(node, unproven);
  for (const id of certain) {
    if (targets.some((seen) => seen.id === id)) continue;
    // Listed is enough: a gateway may say of anything that it is not there.
    const listed = list.find((object) => object.id === id);
    const seen = listed ?? (await resource.get(client, id, { signal: ctx.signal }));
    if (seen) targets.push(seen);
  }
  return targets;
}

/** Ids that are known to be of this account and must go. */
function certainTargets(input: RemoveInput): string[] {
  const { recorded, held = [] } = input.knowledge;
  const created = createdIn(input)?.id;
  const owned = recorded && staying(input) === null ? [recorded.externalId] : [];
  const certain = new Set([...owned, ...(created === undefined ? [] : [created])]);
  return [...certain].filter((id) => !held.includes(id));
}

/**
 * What this operation is known to have created: what its step answered, else what it had brought to stand when it failed. What it took
 * over is not it, though the look had not seen it.
 */
function createdIn({ knowledge }: RemoveInput): { id: string; issued: Issued } | undefined {
  const { recorded, made, looked, provisioned } = knowledge;
  const created = made ? { id: made.externalId, ownership: made.ownership, issued: made.issued ?? {} } : provisioned;
  if (created?.ownership !== 'created' || created.id === recorded?.externalId) return undefined;
  if (made && made.outcome !== 'created') return undefined;
  if (!made && (looked === null || looked.before.includes(created.id))) return undefined;
  return created;
}

/** What was issued for objects that go, or are gone by a former attempt or scheduling. */
function issuedForWhatGoes(input: RemoveInput): { id: string; issued: Issued }[] {
  const { recorded, removing = [] } = input.knowledge;
  const created = createdIn(input);
  const owned = recorded && staying(input) === null ? [{ id: recorded.externalId, issued: recorded.issued ?? {} }] : [];
  return [...owned, ...(created ? [created] : []), ...removing];
}

/** Puts the former body of an adopted object back, proved by reading. The look's copy survives an update whose reply was lost. */
async function restore<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  input: RemoveInput,
  list: readonly SeenObject[],
): Promise<string | undefined> {
  const { node } = input;
  const taken = takenOver(input);
  if (!taken) return undefined;
  const { id, former } = taken;
  // By its id too: the list of a holder that is said not to be there is empty, and the object stands all the same.
  const listed = list.find((object) => object.id === id);
  const seen = listed ?? (await resource.get(client, id, { signal: ctx.signal }));
  if (!seen) return undefined;
  if (former === undefined && input.goal === 'remove') {
    const message = `${node.title}: ${id} was taken over, and how it stood before is not known; put it back by hand.`;
    throw nodeFault(node, 'update', 'CONFLICT', message, { externalId: id });
  }
  if (former === undefined) return undefined;
  const desired = { body: former, mode: 'restore' as const };
  if (resource.diff(desired, seen).length === 0) return undefined;
  await ctx.confirm({});
  ctx.throwIfCancelled();
  await resource.update(client, seen, { ...desired, body: ctx.open(former, resource.secrets) });
  const after = await resource.get(client, seen.id, { signal: ctx.signal });
  if (after && resource.diff(desired, after).length === 0) return seen.id;
  const message = `${node.title}: the former state of ${seen.id} was put back and does not read so; it is tried again.`;
  throw nodeFault(node, 'update', 'VENDOR_UNAVAILABLE', message, { externalId: seen.id, retryable: true });
}

/** The object that goes back to how it stood before it was taken over: by this operation, or, where nothing may stay, by any. */
function takenOver({ goal, knowledge }: RemoveInput): { id: string; former: JsonObject | undefined } | undefined {
  const { recorded, made, looked, provisioned } = knowledge;
  if (recorded?.ownership === 'adopted') {
    return goal === 'remove' ? { id: recorded.externalId, former: recorded.former } : undefined;
  }
  const seen = looked?.action === 'adopt' && looked.externalId !== null ? looked : null;
  // What the look did not see may have been taken over all the same: it came between the look and the create.
  const stands = made
    ? { id: made.externalId, ownership: made.ownership, former: made.former }
    : (provisioned ?? (seen && { id: seen.externalId ?? '', ownership: 'adopted' as const, former: seen.former }));
  if (stands?.ownership !== 'adopted') return undefined;
  const former = seen?.externalId === stands.id ? seen.former : undefined;
  return { id: stands.id, former: former ?? stands.former };
}

function outcome(input: RemoveInput, removed: string[], kept: string[], restored: string | undefined): RemoveResult {
  const { made, looked } = input.knowledge;
  if (restored !== undefined)
    return { outcome: 'restored', removed, message: `The former state of ${restored} is back.` };
  if (removed.length > 0) return { outcome: 'removed', removed, message: `Removed ${removed.join(', ')}.` };
  const [reason] = kept;
  if (reason !== undefined) return { outcome: 'kept', removed, message: reason };
  const shared = made?.outcome === 'shared' || looked?.status === 'shared';
  if (staying(input) !== null || shared || made?.ownership === 'adopted') {
    return { outcome: 'kept', removed, message: 'It stood before and stays.' };
  }
  return { outcome: 'absent', removed, message: 'Nothing of ours stands.' };
}

/** Nothing tells which of them our create made: none is deleted. */
function ambiguous(node: RemoveInput['node'], seen: readonly SeenObject[]): VendorError {
  const ids = seen.map(({ id }) => id).join(', ');
  const message = `${node.title}: equal objects were made since the job began: ${ids}; a person must decide which to remove.`;
  return nodeFault(node, 'delete', 'AMBIGUOUS', message, { externalId: seen[0]?.id ?? null });
}

function stillReferenced({ node }: RemoveInput, id: string, referrers: Referrer[]): VendorError {
  const message = `${node.title}: ${id} cannot be removed, ${describe(referrers)}.`;
  return nodeFault(node, 'delete', 'STILL_REFERENCED', message, { externalId: id });
}

function describe(referrers: Referrer[]): string {
  const named = referrers.slice(0, 3).map((r) => `${r.resource} ${r.name} (${r.externalId})`);
  const more = referrers.length > 3 ? ` and ${String(referrers.length - 3)} more` : '';
  return `${named.join(', ')}${more} still refer${referrers.length === 1 ? 's' : ''} to it`;
}
