import type { VendorError } from '#libs/contracts/index.js';
import { type Issued, type JsonObject, type RemoveInput, type RemoveResult } from '#libs/contracts/index.js';
import type { Referrer, Resource, SeenObject } from './contract.js';
import { nodeFault } from './faults.js';
import { Revocation } from './revocation.js';
import { oursIn } from './sighting.js';
import type { StepContext } from './step-context.js';
import { inFlightMs } from './timing.js';

/**
 * Takes one node back to what the account recorded before the operation: removes what is ours and not recorded there, whoever made
 * it; puts back the former body of what was updated or taken over; leaves alone what is somebody else's. Waits first while a create
 * may still take effect, and reads again at the end to prove it, and asks whether what was issued for it still works. A second call
 * finds nothing to do.
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
  await waitUntilLanded(ctx, input);

  const options = { signal: ctx.signal };
  const list = await resource.list(client, scope, options);
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
async function waitUntilLanded(ctx: StepContext, { made, mayBeInFlightSince }: RemoveInput): Promise<void> {
  if (ctx.previous?.settled === true) return; // an attempt before has waited already
  const never = mayBeInFlightSince === null ? 0 : ctx.startedAt + inFlightMs(ctx.timing);
  const late = made?.inFlightUntil ? Date.parse(made.inFlightUntil) : 0;
  const until = Math.max(never, late);
  while (ctx.now() < until) await ctx.pause(Math.min(until - ctx.now(), 1_000));
  if (until > 0) await ctx.confirm({ settled: true });
}

/** What must go: all that is ours by marker, and the recorded id even where its marker was edited away or its list lags. */
async function targetsIn<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  input: RemoveInput,
  list: readonly SeenObject[],
): Promise<SeenObject[]> {
  const { node, baseline, made, looked, mayBeInFlightSince } = input;
  const unclear = mayBeInFlightSince !== null || made?.settle === true;
  const targets = oursIn(resource, node, list, { known: null, looked, unclear }).filter(
    (seen) => seen.id !== baseline?.externalId,
  );
  const createdId = createdIn(input)?.id;
  const unproven = targets.filter((seen) => seen.id !== createdId);
  if (resource.alike && unproven.length > 1) throw ambiguous(node, unproven);
  if (createdId !== undefined && !targets.some((seen) => seen.id === createdId)) {
    // Listed is enough: a gateway may say of anything that it is not there.
    const listed = list.find((object) => object.id === createdId);
    const seen = listed ?? (await resource.get(client, createdId, { signal: ctx.signal }));
    if (seen) targets.push(seen);
  }
  return targets;
}

/**
 * What this operation is known to have created: what its step answered, else what it had brought to stand when it failed. What it took
 * over is not it, though the look had not seen it.
 */
function createdIn({ baseline, made, looked, stood }: RemoveInput): { id: string; issued: Issued } | undefined {
  const created = made ? { id: made.externalId, origin: made.origin, issued: made.issued ?? {} } : stood;
  if (created?.origin !== 'created' || created.id === baseline?.externalId) return undefined;
  if (!made && (looked === null || looked.before.includes(created.id))) return undefined;
  return created;
}

/** What was issued for objects that go, or are gone by a former attempt or scheduling. */
function issuedForWhatGoes(input: RemoveInput): { id: string; issued: Issued }[] {
  const created = createdIn(input);
  return [...(created ? [created] : []), ...(input.removing ?? [])];
}

/** Puts the former body of an updated or adopted object back, proved by reading. The look's copy survives an update whose reply was lost. */
async function restore<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node, baseline, made, looked, stood }: RemoveInput,
  list: readonly SeenObject[],
): Promise<string | undefined> {
  const touched = made === null || made.origin === 'adopted' || made.origin === 'updated';
  // What the look did not see may have been taken over all the same: it came between the look and the create.
  const stands = made ?? (stood ? { externalId: stood.id, origin: stood.origin, former: stood.former } : undefined);
  const taken = stands?.origin === 'adopted' ? stands : undefined;
  const adopts = taken !== undefined || looked?.action === 'adopt';
  if (!touched || (!adopts && baseline === null)) return undefined;
  const id = baseline?.externalId ?? taken?.externalId ?? looked?.externalId;
  const former: JsonObject | undefined = (looked?.externalId === id ? looked?.former : undefined) ?? stands?.former;
  if (id === undefined || id === null || former === undefined) return undefined;
  // By its id too: the list of a holder that is said not to be there is empty, and the object stands all the same.
  const listed = list.find((object) => object.id === id);
  const seen = listed ?? (await resource.get(client, id, { signal: ctx.signal }));
  if (!seen || resource.diff(former, seen, 'restore').length === 0) return undefined;
  await ctx.confirm({});
  ctx.throwIfCancelled();
  await resource.update(client, seen, ctx.open(former, resource.secrets), 'restore');
  const after = await resource.get(client, seen.id, { signal: ctx.signal });
  if (after && resource.diff(former, after, 'restore').length === 0) return seen.id;
  const message = `${node.title}: the former state of ${seen.id} was put back and does not read so; it is tried again.`;
  throw nodeFault(node, 'update', 'VENDOR_UNAVAILABLE', message, { externalId: seen.id, retryable: true });
}

function outcome(input: RemoveInput, removed: string[], kept: string[], restored: string | undefined): RemoveResult {
  const { baseline, made, looked } = input;
  if (restored !== undefined) return { outcome: 'restored', removed, message: `former state of ${restored} is back` };
  if (removed.length > 0) return { outcome: 'removed', removed, message: `removed ${removed.join(', ')}` };
  const [reason] = kept;
  if (reason !== undefined) return { outcome: 'kept', removed, message: reason };
  if (baseline !== null || made?.origin === 'shared' || made?.origin === 'adopted' || looked?.status === 'shared') {
    return { outcome: 'kept', removed, message: 'stood before and stays' };
  }
  return { outcome: 'absent', removed, message: 'nothing of ours stands' };
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
