import type { EnsureInput, EnsureResult } from '#libs/contracts/index.js';
import type { IssuedValues, Resource } from './contract.js';
import { nodeFault } from './faults.js';
import { opened, sealed } from './issued.js';
import type { StepContext } from './step-context.js';
import { verifyPauseMs, verifyWithinMs } from './timing.js';

/** What is added to the result of a step once its object stands. */
type Standing = Pick<EnsureResult, 'issued' | 'lacks' | 'level'>;

/**
 * What follows once an object stands as planned: what its vendor issued is read and sealed, and whether the object does what it is for
 * is asked. Not yet is a retryable `NOT_READY`, so that the wait is durable and visible; past the window since it first stood it has
 * failed for good. Does nothing for a resource that declares neither.
 */
export async function completeStanding<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  input: EnsureInput,
  result: EnsureResult,
  fromCreate: IssuedValues,
): Promise<Standing> {
  if (!resource.issues && !resource.verify) return {};
  const { externalId: id } = result;
  const since = await remember(ctx, result, fromCreate);
  const values = await issuedValues(resource, client, ctx, input, id, fromCreate);
  await remember(ctx, result, values);
  const lacks = (resource.issues ?? []).filter((name) => values[name] === undefined);
  const level = await verified(resource, client, ctx, input, { id, since, values });
  return {
    ...(resource.issues ? { issued: sealed(values, ctx) } : {}),
    ...(lacks.length > 0 ? { lacks } : {}),
    ...level,
  };
}

/**
 * Writes down what stands, before anything else can fail: the next attempt goes on from its id, and undo knows what was issued for it
 * when the vendor shows it no more, and that it need not wait for a create that has answered. Returns since when it stands, in milliseconds.
 */
async function remember(
  ctx: StepContext,
  { externalId: id, ownership, former, inFlightUntil }: EnsureResult,
  values: IssuedValues,
): Promise<number> {
  const before = ctx.details().stands;
  const known = before?.id === id ? before : undefined;
  const news = Object.keys(values).filter((name) => known?.issued[name] === undefined);
  const since = known ? Date.parse(known.since) : ctx.now();
  if (known && news.length === 0) return since;
  const issued = { ...known?.issued, ...sealed(values, ctx) };
  const stands = {
    id,
    ownership: known?.ownership ?? ownership,
    since: new Date(since).toISOString(),
    issued,
    ...(ownership === 'adopted' && former ? { former } : {}),
  };
  await ctx.confirm({ stands, ...(inFlightUntil === null ? { settled: true } : {}) });
  return since;
}

/** What the create told, else what the vendor shows, else what was sealed when it was known: by a former attempt or operation. */
async function issuedValues<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { knowledge }: EnsureInput,
  id: string,
  fromCreate: IssuedValues,
): Promise<IssuedValues> {
  const { issues } = resource;
  if (!issues) return {};
  if (issues.every((name) => fromCreate[name] !== undefined)) return fromCreate;
  const shown = (await resource.issued?.(client, id, { signal: ctx.signal })) ?? {};
  const { made, recorded: owned, provisioned } = knowledge;
  const [current, before] = [made, owned].map((each) => each && { id: each.externalId, issued: each.issued ?? {} });
  const recorded = [before, current, provisioned, ctx.details().stands];
  const former = recorded.map((each) => (each?.id === id ? opened(each.issued, ctx) : {}));
  return Object.assign({}, ...former, fromCreate, shown) as IssuedValues;
}

async function verified<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  { node }: EnsureInput,
  { id, since, values }: { id: string; since: number; values: IssuedValues },
): Promise<Pick<EnsureResult, 'level'>> {
  if (!resource.verify) return {};
  const found = await resource.verify(client, { id, body: node.body, issued: values }, { signal: ctx.signal });
  if (found.state === 'ready') return { level: found.level };
  const message = `${node.title}: ${found.message}`;
  if (found.state === 'failed') throw nodeFault(node, 'ready', 'NOT_READY', message, { externalId: id });
  const remaining = since + verifyWithinMs(ctx.timing) - ctx.now();
  if (remaining <= 0) {
    const over = `${message} The time in which this may pass is over.`;
    throw nodeFault(node, 'ready', 'NOT_READY', over, { externalId: id });
  }
  const retryAfterMs = Math.ceil(Math.min(verifyPauseMs(ctx.timing), remaining));
  throw nodeFault(node, 'ready', 'NOT_READY', message, { externalId: id, retryable: true, retryAfterMs });
}
