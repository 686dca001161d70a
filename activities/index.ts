import { log } from '@temporalio/activity';
import {
  accountId,
  activityType,
  lookActivityType,
  type CheckInput,
  type CheckResult,
  type EnsureInput,
  type EnsureResult,
  type LookInput,
  type LookResult,
  type ObserveInput,
  type ObserveResult,
  type RemoveInput,
  type RemoveResult,
  type ResolvedNode,
  type SettleInput,
  type SettleResult,
  type Vendor,
} from '#libs/contracts/index.js';
import { check, ensure, look, observe, remove, settle, type Resource, type Timing } from '#libs/resources/index.js';
import { toTemporalFailure } from './failures.js';
import { TemporalStepContext, type OpenSecrets, type SealSecret } from './temporal-step-context.js';
import type { WorkSlots } from './work-slots.js';

export type { OpenSecrets, SealSecret } from './temporal-step-context.js';
export { WorkSlots } from './work-slots.js';

/** What the activities of one connection work with. */
export interface ConnectionDeps<C> {
  vendor: Vendor;
  resources: readonly Resource<C>[];
  client: C;
  timing: Timing;
  open: OpenSecrets;
  seal: SealSecret;
  /** How many of its steps work at a time. */
  slots: WorkSlots;
}

/**
 * How long after its end a reading may serve a look that was asked for before it began, in milliseconds: of many jobs that are started
 * at once some come to their look long after it. What the vendor holds by then is judged anew before and after each write.
 */
const LOOK_WITHIN_MS = 600_000;

/** An activity as the worker registers it: one input, one result. */
export type StepActivity = (input: never) => Promise<unknown>;

/**
 * The activities of one connection, as the flat map that its worker registers: `egain.look`, and for every resource
 * `egain.channel.ensure`, `.remove`, `.observe`, `.settle`, and `.check` where a person can do it. Each is one attempt; Temporal alone retries.
 */
export function createConnectionActivities<C>(deps: ConnectionDeps<C>): Record<string, StepActivity> {
  const { vendor, resources, client } = deps;
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const activities: Record<string, StepActivity> = {
    [lookActivityType(vendor)]: (input: LookInput): Promise<LookResult> =>
      attempt(deps, input.nodes[0], async (ctx) => {
        // The question is open since the look was asked for, by every attempt: what others have read since then will do.
        const begunAfter = ctx.momentOf(ctx.scheduledAt);
        const options = { ...ctx.reads, begunAfter, endedWithinMs: LOOK_WITHIN_MS };
        const result = await look((name) => known(byName, vendor, name), client, input, options);
        for (const { key, warnings = [] } of result.findings) for (const warning of warnings) warn(input, key, warning);
        return result;
      }),
  };
  for (const resource of resources) {
    const { name } = resource;
    activities[activityType(vendor, name, 'ensure')] = (input: EnsureInput): Promise<EnsureResult> =>
      attempt(deps, input.node, async (ctx) => {
        const result = await ensure(resource, client, ctx, input);
        record(input.node, result.origin, result.message, result.externalId);
        return result;
      });
    activities[activityType(vendor, name, 'remove')] = (input: RemoveInput): Promise<RemoveResult> =>
      attempt(deps, input.node, async (ctx) => {
        const result = await remove(resource, client, ctx, input);
        record(input.node, result.outcome, result.message, result.removed.join(','));
        return result;
      });
    activities[activityType(vendor, name, 'observe')] = (input: ObserveInput): Promise<ObserveResult> =>
      attempt(deps, input.node, (ctx) => observe(resource, client, ctx, input));
    activities[activityType(vendor, name, 'settle')] = (input: SettleInput): Promise<SettleResult> =>
      attempt(deps, input.node, async (ctx) => {
        const result = await settle(resource, client, ctx, input);
        if (result.removed.length > 0) record(input.node, 'settled', 'removed spare objects', result.removed.join(','));
        return result;
      });
    const { person } = resource;
    if (!person) continue;
    activities[activityType(vendor, name, 'check')] = (input: CheckInput): Promise<CheckResult> =>
      attempt(deps, input.node, async (ctx) => {
        const result = await check(person, client, ctx, input);
        const accepted = result.state === 'accepted';
        record(input.node, `${input.kind} ${result.state}`, result.message, accepted ? result.externalId : '');
        return result;
      });
  }
  return activities;
}

async function attempt<C, R>(
  deps: ConnectionDeps<C>,
  node: ResolvedNode | undefined,
  run: (ctx: TemporalStepContext) => Promise<R>,
): Promise<R> {
  const { timing, open, seal, slots } = deps;
  const ctx = new TemporalStepContext(timing, open, seal, node ? accountId(node.account) : '', slots);
  try {
    await ctx.begin();
    return await run(ctx);
  } catch (error) {
    throw await toTemporalFailure(error, ctx, node);
  } finally {
    await ctx.stop();
  }
}

/** What a look warns of; it changes nothing. */
function warn({ nodes, vendor }: LookInput, step: string, warning: string): void {
  const node = nodes.find(({ key }) => key === step);
  log.warn(warning, { ...(node ? { accountId: accountId(node.account) } : {}), step, vendor });
}

/** Every change at a vendor leaves one record. */
function record(node: ResolvedNode, outcome: string, message: string, externalId: string): void {
  log.info(message, { accountId: accountId(node.account), step: node.key, vendor: node.vendor, outcome, externalId });
}

function known<C>(byName: ReadonlyMap<string, Resource<C>>, vendor: Vendor, name: string): Resource<C> {
  const resource = byName.get(name);
  if (!resource) throw new TypeError(`this worker does not know ${vendor}.${name}`);
  return resource;
}
