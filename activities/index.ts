import { log } from '@temporalio/activity';
import {
  accountId,
  activityType,
  connectionActivityType,
  currentObject,
  type InspectInput,
  type InspectResult,
  type CheckInput,
  type CheckResult,
  type EnsureInput,
  type EnsureResult,
  type JsonObject,
  type LookInput,
  type LookResult,
  type ObserveInput,
  type ObserveResult,
  type OwnedResource,
  type RemoveInput,
  type RemoveResult,
  type ResolvedNode,
  type SettleInput,
  type SettleResult,
  type Vendor,
} from '#libs/contracts/index.js';
import {
  check,
  ensure,
  inspect,
  look,
  observe,
  placeHash,
  remove,
  settle,
  type Resource,
  type Timing,
} from '#libs/resources/index.js';
import { toTemporalFailure } from './failures.js';
import { shown, shownFinding } from './shown.js';
import { goesForward, requireRight, withinRights, type ConnectionRights } from './tenant-rights.js';
import { recordingWrites } from './write-records.js';
import { TemporalStepContext } from './temporal-step-context.js';
import type { WorkSlots } from './work-slots.js';

export { WorkSlots } from './work-slots.js';

/** Where the secrets of a body belong. */
export interface SecretPlace {
  accountId: string;
  nodeKey: string;
}

/** What the activities of one connection work with. */
export interface ConnectionDeps<C> {
  vendor: Vendor;
  resources: readonly Resource<C>[];
  client: C;
  /** Names the account at the vendor that the connection reaches. */
  place: string;
  timing: Timing;
  /** Opens the sealed values and references at the secret paths of a node's body. */
  open: (body: JsonObject, secretPaths: readonly string[], place: SecretPlace) => JsonObject;
  /** Seals a secret for a field of a node's body (`Located.field`). */
  seal: (text: string, field: string, place: SecretPlace) => string;
  /** Judged anew before each step that goes forward. */
  rights: ConnectionRights;
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
 * The activities of one connection, as the flat map that its worker registers: `egain.look`, `egain.inspect`, and for every resource
 * `egain.channel.ensure`, `.remove`, `.observe`, `.settle`, and `.check` where a person can do it. Each is one attempt; Temporal alone retries.
 */
export function createConnectionActivities<C>(deps: ConnectionDeps<C>): Record<string, StepActivity> {
  const { vendor, resources, client, rights } = deps;
  const byName = new Map(resources.map((resource) => [resource.name, resource]));
  const activities: Record<string, StepActivity> = {
    [connectionActivityType(vendor, 'look')]: (input: LookInput): Promise<LookResult> =>
      attempt(deps, input.nodes[0], async (ctx) => {
        requireRight(rights, input.nodes[0]);
        const nodes = input.nodes.map((node) => withinRights(rights, node, recordOf(input, node)));
        const lookup = (name: string): Resource<C> => known(byName, vendor, name);
        const seal = (node: ResolvedNode, text: string, field: string): string =>
          deps.seal(text, field, { accountId: accountId(node.account), nodeKey: node.key });
        // The question is open since the look was asked for, by every attempt: what others have read since then will do.
        const begunAfter = ctx.momentOf(ctx.scheduledAt);
        const options = { ...ctx.reads, begunAfter, endedWithinMs: LOOK_WITHIN_MS, seal };
        const result = await look(lookup, client, { ...input, nodes }, options);
        const findings = result.findings.map(shownFinding);
        for (const { key, warnings = [] } of findings) for (const warning of warnings) warn(input, key, warning);
        return { findings };
      }),
    [connectionActivityType(vendor, 'inspect')]: (input: InspectInput): Promise<InspectResult> =>
      attempt(deps, input.nodes[0]?.node, (ctx) => inspect((name) => known(byName, vendor, name), client, ctx, input)),
  };
  for (const resource of resources) {
    const { name } = resource;
    activities[activityType(vendor, name, 'ensure')] = (input: EnsureInput): Promise<EnsureResult> =>
      attempt(deps, input.node, async (ctx) => {
        if (input.back !== true) requireRight(rights, input.node);
        const node = withinRights(rights, input.node, currentObject(input.knowledge));
        const writes = watched(resource, input.node, ctx);
        const result = placed(deps, shown(await ensure(writes.resource, client, ctx, { ...input, node })));
        if (!writes.made) record(input.node, result.outcome, result.message, result.externalId);
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
        if (goesForward(input.kind)) requireRight(rights, input.node);
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
  const nodeKey = node?.key ?? '';
  const ctx = new TemporalStepContext(
    deps.timing,
    (body, paths, account) => deps.open(body, paths, { accountId: account, nodeKey }),
    (text, field, account) => deps.seal(text, field, { accountId: account, nodeKey }),
    node ? accountId(node.account) : '',
    deps.slots,
  );
  try {
    await ctx.begin();
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

/** The account at the vendor in which the object stands goes into what is recorded of it. */
function placed<C>({ place }: ConnectionDeps<C>, result: EnsureResult): EnsureResult {
  return result.trace ? { ...result, trace: { ...result.trace, place: placeHash(place) } } : result;
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

function recordOf({ known }: LookInput, { key }: ResolvedNode): OwnedResource | undefined {
  return known.find((owned) => owned.key === key);
}

function known<C>(byName: ReadonlyMap<string, Resource<C>>, vendor: Vendor, name: string): Resource<C> {
  const resource = byName.get(name);
  if (!resource) throw new TypeError(`this worker does not know ${vendor}.${name}`);
  return resource;
}
