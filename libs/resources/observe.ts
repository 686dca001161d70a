import type { ObserveInput, ObserveResult } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import type { StepContext } from './step-context.js';

/** Reads one recorded object and compares it with the plan. Changes nothing. */
export async function observe<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node, recorded }: ObserveInput,
): Promise<ObserveResult> {
  const seen = await resource.get(client, recorded.externalId, { signal: ctx.signal });
  if (!seen) return { status: 'missing', fields: [] };
  if (recorded.origin === 'shared') return { status: 'present', fields: [] };
  const mode = recorded.origin === 'adopted' ? 'adopted' : 'own';
  const fields = resource.diff({ body: node.body, mode }, seen).map(({ path }) => path);
  return { status: fields.length === 0 ? 'present' : 'changed', fields };
}
