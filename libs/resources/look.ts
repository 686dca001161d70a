import type {
  LookedNode,
  LookFinding,
  LookInput,
  LookResult,
  OwnedResource,
  ResolvedNode,
} from '#libs/contracts/index.js';
import { expandTexts, fillRefs, replacePaths } from '#libs/planning/index.js';
import { CarryOver } from './carry-over.js';
import type { ReadOptions, Resource, SeenObject } from './contract.js';
import { Lists } from './lists.js';
import { pathsOf } from './paths-of.js';
import { shownDifferences } from './shown.js';
import { classify, foreignReason, isOurMarker, nameable, oursIn, type Sighting } from './sighting.js';

/** Returns the resource of a node. */
export type ResourceLookup<C> = (name: string) => Resource<C>;

/** How a look reads, and how it keeps secrets. */
export interface LookOptions extends ReadOptions {
  /** Seals a secret for a field of a node's body (`Located.field`). Absent: nothing secret is kept of what is taken over. */
  seal?: (node: ResolvedNode, text: string, field: string) => string;
}

/**
 * What stands before a job begins: lists once each kind that the nodes could meet and says what `ensure` would do with every node.
 * Nodes come in dependency order, so references to what was found are filled in on the way. Writes nothing.
 */
export async function look<C>(
  resources: ResourceLookup<C>,
  client: C,
  input: LookInput,
  options: LookOptions,
): Promise<LookResult> {
  const lists = new Lists(client, options);
  const nodes = input.nodes.map((node) => ({
    node: { ...node, body: expandTexts(node.body, input.texts) },
    resource: resources(node.resource),
  }));
  // Kinds whose list does not hang on another node are read side by side: the connection's own limits pace them.
  await Promise.all(nodes.map(({ node, resource }) => lists.prefetch(resource, node.body)));
  const outputs: Record<string, Record<string, string>> = {};
  const findings = new Map<string, LookFinding>();
  const made = new Map<string, number>();
  const carryOver = new CarryOver(input.dropped ?? []);
  for (const { node: planned, resource } of nodes) {
    const node: LookedNode = { ...planned, body: fillRefs(planned.body, outputs) };
    const known = input.known.find((owned) => owned.key === node.key) ?? null;
    const seenNow = await lookAt(resource, node, known, lists, isInsideOwn(node, findings, input.known));
    const kept = await withSecretsKept(resource, client, node, known, seenNow, options);
    const scope = resource.exists ? resource.scope(node.body) : null;
    const finding =
      scope === null
        ? kept
        : carryOver.instead(resource, node, { found: kept, recorded: known !== null }, await lists.of(resource, scope));
    findings.set(node.key, finding);
    // What is taken over will hold what refers to it, as what is ours does.
    const stands = finding.status !== 'foreign' || finding.action === 'adopt';
    if (finding.externalId !== null && stands) outputs[node.key] = { id: finding.externalId };
    await withinLimit(resource, node, findings, lists, made, carryOver);
  }
  return { findings: [...findings.values()] };
}

/**
 * A create for which its scope has no place left takes that of an object that the plan drops; where none does, it is a conflict: the
 * vendor would refuse it, after others have been made.
 */
async function withinLimit<C>(
  resource: Resource<C>,
  node: LookedNode,
  findings: Map<string, LookFinding>,
  lists: Lists<C>,
  made: Map<string, number>,
  carryOver: CarryOver,
): Promise<void> {
  const { limit, name } = resource;
  const found = findings.get(node.key);
  const scope = limit && resource.scope(node.body);
  if (!limit || found?.action !== 'create' || scope === null) return;
  const place = `${name} ${scope ?? ''}`;
  const wanted = (made.get(place) ?? 0) + 1;
  const list = await lists.of(resource, scope);
  const standing = list.length;
  const carried = standing + wanted > limit.most ? carryOver.inPlace(resource, node, found, list) : undefined;
  if (carried) {
    findings.set(node.key, carried);
    return;
  }
  made.set(place, wanted);
  if (standing + wanted <= limit.most) return;
  const reason =
    `the limit is ${String(limit.most)} ${limit.of}, and ${String(standing)} stand there already, so there is no place for ` +
    `${String(wanted)} more; remove some there, or from the specification`;
  findings.set(node.key, { ...found, status: 'foreign', action: 'conflict', reason });
}

async function lookAt<C>(
  resource: Resource<C>,
  node: LookedNode,
  known: OwnedResource | null,
  lists: Lists<C>,
  insideOwn: boolean,
): Promise<Seen> {
  if (!resource.exists) return finding(node, 'missing', null, [], 'wait', 'a condition that the job waits for');
  const scope = resource.scope(node.body);
  if (scope === null) return finding(node, 'missing', null, [], 'create', 'what holds it does not stand yet');
  const list = await lists.of(resource, scope);
  const key = resource.key(node.body);
  const sameKey = list.filter((seen) => seen.key === key);
  const [only] = sameKey;
  // Inside an object that carries our marker, what has no place for one is ours too.
  if (!resource.marked && only && insideOwn) return compare(resource, node, only, [], 'ours');
  const before = [
    ...new Set([...sameKey, ...oursIn(resource, node, list, { known, looked: null })].map((seen) => seen.id)),
  ];
  const sighting = classify(resource, node, list, { known, looked: null });
  const taken = sighting.status === 'ours' && resource.uniqueKey ? nameTaken(sighting.seen, sameKey, key) : undefined;
  const found = taken
    ? finding(node, 'foreign', nameable([taken], node)[0] ?? null, before, 'conflict', foreignReason(taken, node))
    : fromSighting(resource, node, sighting, before, known);
  const own = list.some(({ marker }) => isOurMarker(marker, node)) ? { own: true as const } : {};
  const warnings = list.flatMap((seen) =>
    seen.id === found.externalId ? [] : (resource.resembles?.(node.body, seen) ?? []),
  );
  return { ...found, ...own, ...(warnings.length > 0 ? { warnings } : {}) };
}

/** Another object that has the name to which one of ours is to be renamed: the vendor would refuse that, after others have been written. */
function nameTaken(
  { id, key: stands }: SeenObject,
  sameKey: readonly SeenObject[],
  key: string,
): SeenObject | undefined {
  return stands === key ? undefined : sameKey.find((other) => other.id !== id);
}

function fromSighting<C>(
  resource: Resource<C>,
  node: LookedNode,
  sighting: Sighting,
  before: string[],
  known: OwnedResource | null,
): Seen {
  switch (sighting.status) {
    case 'missing':
      return finding(node, 'missing', null, before, 'create', 'nothing of this name stands');
    case 'shared':
      return finding(node, 'shared', sighting.seen.id, before, 'shared', 'stands already and is shared; used as it is');
    case 'foreign':
      return finding(node, 'foreign', sighting.ids[0] ?? null, before, 'conflict', sighting.reason);
    case 'ambiguous':
      return finding(node, 'ambiguous', null, before, 'conflict', sighting.reason);
    case 'adoptable': {
      const base = finding(
        node,
        'foreign',
        sighting.seen.id,
        before,
        'adopt',
        'stands already and is taken over, as the spec asks',
      );
      const changes = resource.diff({ body: node.body, mode: 'adopted' }, sighting.seen);
      return {
        ...base,
        changes: shownDifferences(changes),
        former: resource.former(sighting.seen),
        seen: sighting.seen,
      };
    }
    case 'ours':
      return compare(resource, node, sighting.seen, before, known?.ownership === 'adopted' ? 'adopted' : 'ours');
  }
}

function compare<C>(
  resource: Resource<C>,
  node: LookedNode,
  seen: SeenObject,
  before: string[],
  as: 'ours' | 'adopted',
): Seen {
  const mode = as === 'adopted' ? 'adopted' : 'own';
  const changes = resource.diff({ body: node.body, mode, ...(node.previous ? { previous: node.previous } : {}) }, seen);
  if (changes.length === 0) return finding(node, 'ours', seen.id, before, 'unchanged', 'stands as planned');
  const reason = `differs in ${pathsOf(changes)}`;
  return { ...finding(node, 'ours', seen.id, before, 'update', reason), changes: shownDifferences(changes), seen };
}

/**
 * What is taken over loses secrets to which its new settings would give away: they are kept, sealed, with what is put back. Where the
 * vendor does not show them, it is a conflict, before anything is written.
 */
async function withSecretsKept<C>(
  resource: Resource<C>,
  client: C,
  node: ResolvedNode,
  known: OwnedResource | null,
  { seen, ...found }: Seen,
  { seal, signal }: LookOptions,
): Promise<LookFinding> {
  const takes = found.action === 'adopt' || (found.action === 'update' && known?.ownership === 'adopted');
  if (!takes || !seen || !resource.takeover) return found;
  const kept = await resource.takeover(client, node.body, seen, signal ? { signal } : {});
  if ('conflict' in kept) {
    const reason = `stands already (id ${seen.id}) and cannot be taken over: ${kept.conflict}`;
    return finding(node, 'foreign', seen.id, found.before, 'conflict', reason);
  }
  if (!seal) return found;
  const former = replacePaths(kept.former, resource.secrets, ({ value, field }) =>
    typeof value === 'string' && value !== '' ? seal(node, value, field) : null,
  );
  return { ...found, former };
}

/** A finding with the object that it is about. */
interface Seen extends LookFinding {
  seen?: SeenObject;
}

function finding(
  node: LookedNode,
  status: LookFinding['status'],
  externalId: string | null,
  before: string[],
  action: LookFinding['action'],
  reason: string,
): LookFinding {
  return { key: node.key, status, externalId, before, action, reason };
}

/**
 * Whether what holds a node's object was made by this account: found by its marker now, or recorded so. One that was taken over may
 * hold objects of others.
 */
function isInsideOwn(
  { needs: [parent] }: ResolvedNode,
  findings: ReadonlyMap<string, LookFinding>,
  recorded: readonly OwnedResource[],
): boolean {
  if (parent === undefined) return false;
  const known = recorded.find(({ key }) => key === parent);
  if (known) return known.ownership === 'created';
  return findings.get(parent)?.status === 'ours';
}
