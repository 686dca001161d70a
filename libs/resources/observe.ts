import type { ObserveInput, ObserveResult } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import type { StepContext } from './step-context.js';

/** Reads one object by its id and compares it with the plan. Changes nothing. */
export async function observe<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node, externalId, ownership }: ObserveInput,
): Promise<ObserveResult> {
  const seen = await resource.get(client, externalId, { signal: ctx.signal });
  if (!seen) return { status: 'missing', fields: [] };
  if (ownership === 'shared') return { status: 'present', fields: [] };
  const mode = ownership === 'adopted' ? 'adopted' : 'own';
  const fields = resource.diff({ body: node.body, mode }, seen);
  return { status: fields.length === 0 ? 'present' : 'changed', fields };
}
