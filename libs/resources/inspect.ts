import {
  type Difference,
  type DriftEntry,
  type InspectedNode,
  type InspectInput,
  type InspectResult,
  type OwnedResource,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import { coversPath, expandTexts, unresolvedRefs } from '#libs/planning/index.js';
import type { ReadOptions, Resource, SeenObject } from './contract.js';
import { opened } from './issued.js';
import { Lists } from './lists.js';
import type { ResourceLookup } from './look.js';
import { pathsOf } from './paths-of.js';
import { shownDifferences } from './shown.js';
import { isOurMarker, oursIn } from './sighting.js';
import type { StepContext } from './step-context.js';

type Entry = Omit<DriftEntry, 'since'>;

/**
 * Compares what an account records on one connection with what stands: each object is read by its id; one that is not there is looked
 * for in its list before it is called missing; the lists show what carries the account's marker and is not recorded. Writes nothing.
 * @throws VendorError when the vendor did not answer: nothing is known then, and nothing is called missing
 */
export async function inspect<C>(
  resources: ResourceLookup<C>,
  client: C,
  ctx: StepContext,
  input: InspectInput,
): Promise<InspectResult> {
  const lists = new Lists(client, { signal: ctx.signal });
  const drift: Entry[] = [];
  for (const each of input.nodes) {
    const node = { ...each.node, body: expandTexts(each.node.body, input.texts) };
    const inspected: Inspected<C> = { resource: resources(node.resource), client, ctx, lists, node, each };
    drift.push(...(await entriesOf(inspected)));
  }
  return { keys: input.nodes.map(({ node }) => node.key), drift };
}

interface Inspected<C> {
  resource: Resource<C>;
  client: C;
  ctx: StepContext;
  lists: Lists<C>;
  node: ResolvedNode;
  each: InspectedNode;
}

async function entriesOf<C>(inspected: Inspected<C>): Promise<Entry[]> {
  const { resource, node, each } = inspected;
  // What refers to something that does not stand cannot be compared: it is brought to the plan with what it refers to.
  const open = unresolvedRefs(node.body).length > 0;
  if (!resource.exists) return open ? [] : conditionOf(inspected);
  if (each.byPerson === true) return issuedEntries(inspected);
  const scope = resource.scope(node.body);
  if (scope === null) return [missing(node, 'what holds it does not stand')];
  const seen = each.recorded && (await standing(inspected, each.recorded, scope));
  if (open) return seen ? [] : [missing(node, 'it does not stand')];
  const own =
    seen && each.recorded ? await ownEntries(inspected, each.recorded, seen) : [missing(node, 'it does not stand')];
  return [...own, ...(await duplicatesOf(inspected, scope, seen?.id))];
}

/** By its id, and by its list: a gateway may say of anything that it is not there. */
async function standing<C>(
  { resource, client, ctx, lists }: Inspected<C>,
  { externalId }: OwnedResource,
  scope: string | undefined,
): Promise<SeenObject | undefined> {
  const seen = await resource.get(client, externalId, readOptions(ctx));
  if (seen) return seen;
  return (await lists.of(resource, scope)).find(({ id }) => id === externalId);
}

async function ownEntries<C>(
  { resource, client, ctx, node, each }: Inspected<C>,
  recorded: OwnedResource,
  seen: SeenObject,
): Promise<Entry[]> {
  if (recorded.ownership === 'shared') return [];
  const mode = recorded.ownership === 'adopted' ? 'adopted' : 'own';
  const former = mode === 'adopted' && recorded.former ? { former: recorded.former } : {};
  const changes = resource
    .diff({ body: node.body, mode, ...former }, seen)
    .filter((one) => !isIgnored(one, each.ignored));
  if (changes.length > 0) {
    const reason = `differs in ${pathsOf(changes)}`;
    return [{ key: node.key, kind: 'changed', fields: shownDifferences(changes), reason }];
  }
  if (!resource.verify) return [];
  const issued = opened(recorded.issued ?? {}, ctx);
  const found = await resource.verify(client, { id: seen.id, body: node.body, issued }, readOptions(ctx));
  return found.state === 'ready' ? [] : [{ key: node.key, kind: 'not-ready', fields: [], reason: found.message }];
}

/** Of an object that a person made: whether what was issued for it works is all that can be asked. */
async function issuedEntries<C>({ resource, client, ctx, node, each }: Inspected<C>): Promise<Entry[]> {
  const { recorded } = each;
  if (!recorded) return [missing(node, 'it is not recorded')];
  if (!resource.person || !recorded.issued) return [];
  const given = opened(recorded.issued, ctx);
  const task = { kind: 'secret' as const, body: node.body, given, known: { id: recorded.externalId, issued: given } };
  const found = await resource.person.check(client, task, readOptions(ctx));
  return found.state === 'accepted' ? [] : [{ key: node.key, kind: 'not-ready', fields: [], reason: found.message }];
}

/** The vendor itself says that it does not work; that nobody has waited for it long enough does not make it right. */
async function conditionOf<C>({ resource, client, ctx, node }: Inspected<C>): Promise<Entry[]> {
  const readiness = await resource.ready?.(client, node.body, readOptions(ctx));
  if (readiness === undefined || readiness.state === 'ready') return [];
  return [{ key: node.key, kind: 'not-ready', fields: [], reason: readiness.message }];
}

/** Objects of the account's that it does not record. A shared one that something refers to is in use, and none. */
async function duplicatesOf<C>(
  { resource, client, ctx, lists, node }: Inspected<C>,
  scope: string | undefined,
  recorded: string | undefined,
): Promise<Entry[]> {
  if (!resource.marked) return [];
  const list = await lists.of(resource, scope);
  const marked = oursIn(resource, node, list, { known: null, looked: null }).filter(
    ({ id, marker }) => id !== recorded && isOurMarker(marker, node),
  );
  const found: Entry[] = [];
  for (const { id } of marked) {
    if (resource.shared && ((await resource.referrers?.(client, id, readOptions(ctx))) ?? []).length > 0) continue;
    const reason = `${id} carries the account's marker too, and is not recorded`;
    found.push({ key: node.key, kind: 'duplicate', fields: [], externalId: id, reason });
  }
  return found;
}

function missing({ key }: ResolvedNode, reason: string): Entry {
  return { key, kind: 'missing', fields: [], reason };
}

function isIgnored({ path }: Difference, ignored: readonly string[]): boolean {
  return ignored.some((pattern) => coversPath(pattern, path));
}

function readOptions({ signal }: StepContext): ReadOptions {
  return { signal };
}
