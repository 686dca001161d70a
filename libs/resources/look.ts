import type {
  JsonObject,
  LookFinding,
  LookInput,
  LookResult,
  OwnedResource,
  ResolvedNode,
} from '#libs/contracts/index.js';
import { fillRefs, replacePaths } from '#libs/planning/index.js';
import type { ReadOptions, Resource, SeenObject } from './contract.js';
import { classify, oursIn, type Sighting } from './sighting.js';

/** Answers the resource of a node. */
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
  const nodes = input.nodes.map((node) => ({ node, resource: resources(node.resource) }));
  // Kinds whose list does not hang on another node are read side by side: the connection's own limits pace them.
  await Promise.all(nodes.map(({ node, resource }) => lists.prefetch(resource, node.body)));
  const outputs: Record<string, Record<string, string>> = {};
  const findings = new Map<string, LookFinding>();
  for (const { node: planned, resource } of nodes) {
    const node: ResolvedNode = { ...planned, body: fillRefs(planned.body, outputs) };
    const known = input.known.find((owned) => owned.key === node.key) ?? null;
    const seenNow = await lookAt(resource, node, known, lists, parentOf(node, findings));
    const finding = await withSecretsKept(resource, client, node, known, seenNow, options);
    findings.set(node.key, finding);
    // What is taken over will hold what refers to it, as what is ours does.
    const stands = finding.status !== 'foreign' || finding.action === 'adopt';
    if (finding.externalId !== null && stands) outputs[node.key] = { id: finding.externalId };
  }
  return { findings: [...findings.values()] };
}

async function lookAt<C>(
  resource: Resource<C>,
  node: ResolvedNode,
  known: OwnedResource | null,
  lists: Lists<C>,
  parent: LookFinding | undefined,
): Promise<Seen> {
  if (!resource.exists) return finding(node, 'missing', null, [], 'wait', 'a condition that the job waits for');
  const scope = resource.scope(node.body);
  if (scope === null) return finding(node, 'missing', null, [], 'create', 'what holds it does not stand yet');
  const list = await lists.of(resource, scope);
  const key = resource.key(node.body);
  const sameKey = list.filter((seen) => seen.key === key);
  const [only] = sameKey;
  // Inside an object that carries our marker, what has no place for one is ours too.
  if (!resource.marked && only && parent?.status === 'ours') return compare(resource, node, only, [], 'ours');
  const before = [
    ...new Set([...sameKey, ...oursIn(resource, node, list, { known, looked: null })].map((seen) => seen.id)),
  ];
  const sighting = classify(resource, node, list, { known, looked: null });
  const found = fromSighting(resource, node, sighting, before, known);
  const warnings = list.flatMap((seen) =>
    seen.id === found.externalId ? [] : (resource.resembles?.(node.body, seen) ?? []),
  );
  return warnings.length > 0 ? { ...found, warnings } : found;
}

function fromSighting<C>(
  resource: Resource<C>,
  node: ResolvedNode,
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
      return { ...base, former: resource.former(sighting.seen), seen: sighting.seen };
    }
    case 'ours':
      return compare(resource, node, sighting.seen, before, known?.origin === 'adopted' ? 'adopted' : 'ours');
  }
}

function compare<C>(
  resource: Resource<C>,
  node: ResolvedNode,
  seen: SeenObject,
  before: string[],
  as: 'ours' | 'adopted',
): Seen {
  const differs = resource.diff(node.body, seen, as === 'adopted' ? 'adopted' : 'own');
  if (differs.length === 0) return finding(node, 'ours', seen.id, before, 'unchanged', 'stands as planned');
  const former: JsonObject = resource.former(seen);
  return { ...finding(node, 'ours', seen.id, before, 'update', `differs in ${differs.join(', ')}`), former, seen };
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
  const takes = found.action === 'adopt' || (found.action === 'update' && known?.origin === 'adopted');
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
  node: ResolvedNode,
  status: LookFinding['status'],
  externalId: string | null,
  before: string[],
  action: LookFinding['action'],
  reason: string,
): LookFinding {
  return { key: node.key, status, externalId, before, action, reason };
}

/** The finding of the node that holds this one, where the plan has it on the same connection. */
function parentOf(node: ResolvedNode, findings: ReadonlyMap<string, LookFinding>): LookFinding | undefined {
  const [parent] = node.needs;
  return parent === undefined ? undefined : findings.get(parent);
}

/** Each list is read once in a look. */
class Lists<C> {
  private readonly read = new Map<string, Promise<SeenObject[]>>();

  constructor(
    private readonly client: C,
    private readonly options: ReadOptions,
  ) {}

  of(resource: Resource<C>, scope: string | undefined): Promise<SeenObject[]> {
    const id = `${resource.name} ${scope ?? ''}`;
    const known = this.read.get(id);
    if (known) return known;
    const list = resource.list(this.client, scope, this.options);
    this.read.set(id, list);
    return list;
  }

  async prefetch(resource: Resource<C>, body: JsonObject): Promise<void> {
    if (!resource.exists) return;
    const scope = resource.scope(body);
    if (scope !== null) await this.of(resource, scope);
  }
}
