import type { SettleInput, SettleResult } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { nodeFault } from './faults.js';
import { Revocation } from './revocation.js';
import { oursIn } from './sighting.js';
import type { StepContext } from './step-context.js';

/**
 * Before success, for a node that took more than one attempt: removes what is ours and not the recorded object. Only an attempt
 * presumed dead can have made it. One that something refers to is not removed: `AMBIGUOUS`, a person must decide.
 */
export async function settle<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node, recorded, looked }: SettleInput,
): Promise<SettleResult> {
  const scope = resource.scope(node.body);
  if (!resource.exists || scope === null) return { removed: [] };
  const options = { signal: ctx.signal };
  const list = await resource.list(client, scope, options);
  const spares = oursIn(resource, node, list, { known: null, looked, unclear: true }).filter(
    (seen) => seen.id !== recorded,
  );
  const revocation = new Revocation(resource, client, ctx, node, []);
  const removed: string[] = [];
  for (const spare of spares) {
    const [referrer] = (await resource.referrers?.(client, spare.id, options)) ?? [];
    if (referrer) {
      const message = `${node.title}: ${spare.id} is ours too, and ${referrer.resource} ${referrer.externalId} refers to it.`;
      throw nodeFault(node, 'delete', 'AMBIGUOUS', message, { externalId: spare.id });
    }
    await revocation.confirmDelete(spare.id); // as in `remove`: never by an attempt that another has taken the place of
    ctx.throwIfCancelled();
    await resource.remove(client, spare.id);
    // "Not found" counts as deleted, and a gateway may say so of anything: read again, as undo does.
    if (await resource.get(client, spare.id, options)) {
      const message = `${node.title}: ${spare.id} was deleted and still stands; it is tried again.`;
      throw nodeFault(node, 'delete', 'VENDOR_UNAVAILABLE', message, { externalId: spare.id, retryable: true });
    }
    removed.push(spare.id);
  }
  await revocation.prove();
  return { removed };
}
