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
import { shown, shownFinding } from './shown.js';
import { recordingWrites } from './write-records.js';
import { TemporalStepContext, type OpenSecrets, type SealSecret } from './temporal-step-context.js';

export type { OpenSecrets, SealSecret } from './temporal-step-context.js';

/** What the activities of one connection work with. */
export interface ConnectionDeps<C> {
  vendor: Vendor;
  resources: readonly Resource<C>[];
  client: C;
  timing: Timing;
  open: OpenSecrets;
  seal: SealSecret;
}

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
        const result = await look((name) => known(byName, vendor, name), client, input, { signal: ctx.signal });
        const findings = result.findings.map(shownFinding);
        for (const { key, warnings = [] } of findings) for (const warning of warnings) warn(input, key, warning);
        return { findings };
      }),
  };
  for (const resource of resources) {
    const { name } = resource;
    activities[activityType(vendor, name, 'ensure')] = (input: EnsureInput): Promise<EnsureResult> =>
      attempt(deps, input.node, async (ctx) => {
        const writes = watched(resource, input.node, ctx);
        const result = shown(await ensure(writes.resource, client, ctx, input));
        if (!writes.made) record(input.node, result.origin, result.message, result.externalId);
        return result;
      });
    activities[activityType(vendor, name, 'remove')] = (input: RemoveInput): Promise<RemoveResult> =>
      attempt(deps, input.node, async (ctx) => {
        const writes = watched(resource, input.node, ctx);
        const result = shown(await remove(writes.resource, client, ctx, input));
        if (!writes.made) record(input.node, result.outcome, result.message, result.removed.join(','));
        return result;
      });
    activities[activityType(vendor, name, 'observe')] = (input: ObserveInput): Promise<ObserveResult> =>
      attempt(deps, input.node, (ctx) => observe(resource, client, ctx, input));
    activities[activityType(vendor, name, 'settle')] = (input: SettleInput): Promise<SettleResult> =>
      attempt(deps, input.node, (ctx) => settle(watched(resource, input.node, ctx).resource, client, ctx, input));
    const { person } = resource;
    if (!person) continue;
    activities[activityType(vendor, name, 'check')] = (input: CheckInput): Promise<CheckResult> =>
      attempt(deps, input.node, async (ctx) => {
        const result = shown(await check(person, client, ctx, input));
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
  const ctx = new TemporalStepContext(deps.timing, deps.open, deps.seal, node ? accountId(node.account) : '');
  try {
    return await run(ctx);
  } catch (error) {
    throw await toTemporalFailure(error, ctx, node);
  } finally {
    await ctx.end();
  }
}

/** A resource that records its writes, and whether it has made any in this attempt. */
function watched<C>(
  resource: Resource<C>,
  node: ResolvedNode,
  { attempt: number }: TemporalStepContext,
): { resource: Resource<C>; made: boolean } {
  const writes = { resource, made: false };
  writes.resource = recordingWrites(resource, node, number, () => (writes.made = true));
  return writes;
}

/** What a look warns of; it changes nothing. */
function warn({ nodes, vendor }: LookInput, step: string, warning: string): void {
  const node = nodes.find(({ key }) => key === step);
  log.warn(warning, { ...(node ? { accountId: accountId(node.account) } : {}), step, vendor });
}

/** What a step came to that changed nothing; each change at a vendor leaves a record of its own. */
function record(node: ResolvedNode, outcome: string, message: string, externalId: string): void {
  log.info(message, { accountId: accountId(node.account), step: node.key, vendor: node.vendor, outcome, externalId });
}

function known<C>(byName: ReadonlyMap<string, Resource<C>>, vendor: Vendor, name: string): Resource<C> {
  const resource = byName.get(name);
  if (!resource) throw new TypeError(`this worker does not know ${vendor}.${name}`);
  return resource;
}
