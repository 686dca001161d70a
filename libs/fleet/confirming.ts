import {
  withSince,
  type AccountState,
  type ConnectionRef,
  type Difference,
  type DriftEntry,
  type ScannedAccount,
} from '#libs/contracts/index.js';
import { coversPath } from '#libs/planning/index.js';
import type { ReadOptions, Resource, SeenObject } from '#libs/resources/index.js';
import { isOurMarker } from '#libs/resources/sighting.js';
import { shownDifferences } from '#libs/resources/shown.js';
import type { MarkedObject } from './join.js';
import type { Finding } from './judgement.js';
import { conditionsOn, recordedOn, unseenKeys, type RecordedNode } from './recorded.js';
import { patiently, type ScanPace } from './scan-pages.js';

type Entry = Omit<DriftEntry, 'since'>;

/** What is needed to look at one account on one connection. */
export interface ConfirmingDeps<C> {
  state: AccountState;
  connection: ConnectionRef;
  resources: readonly Resource<C>[];
  client: C;
  read: ReadOptions;
  pace: ScanPace;
  /** True where no list was read: what a GET does not show is looked for there before it is called missing. */
  unlisted: boolean;
  /** Whether an object was in no list, or looked otherwise there; every other one was seen as it is recorded. */
  isSuspicious: (resource: string, id: string) => boolean;
  /** Objects with the account's marker that nobody records. */
  unclaimed: readonly MarkedObject[];
}

/** Where an object differs from what its account records. */
export function comparedWith<C>(
  resource: Resource<C>,
  { node, recorded }: RecordedNode,
  seen: SeenObject,
): Difference[] {
  const mode = recorded.ownership === 'adopted' ? 'adopted' : 'own';
  const former = mode === 'adopted' && recorded.former ? { former: recorded.former } : {};
  return resource.diff({ body: node.body, mode, ...former }, seen);
}

/** Looks at an account's objects on a connection by their ids: each suspicion is cleared up, or a finding. */
export class Confirming<C> {
  private readonly nodes: RecordedNode[];
  private entries: Entry[] = [];

  constructor(private readonly deps: ConfirmingDeps<C>) {
    this.nodes = recordedOn(deps.state, deps.connection);
  }

  /**
   * Reads each object of the account that is suspicious.
   * @returns what differs; the kinds of which an object stands; whether recorded drift has gone or changed
   */
  async run(): Promise<{ entries: Entry[]; stands: Set<string>; changed: boolean }> {
    const stands = new Set<string>();
    for (const each of this.nodes) {
      const resource = this.resource(each.recorded.resource);
      if (!resource?.projection) continue;
      if (!this.deps.isSuspicious(resource.name, each.recorded.externalId)) continue;
      const seen = await this.standing(resource, each);
      if (seen) stands.add(resource.name);
      this.entries.push(...(seen ? await this.ofStanding(resource, each, seen) : [missing(each)]));
    }
    for (const object of this.unclaimed()) this.entries.push(...(await this.duplicate(object)));
    this.entries.push(...this.unseeable());
    const known = this.recordedHere().map(signature).sort();
    const found = this.entries.map(signature).sort();
    return { entries: this.entries, stands, changed: JSON.stringify(known) !== JSON.stringify(found) };
  }

  /** What was found, as the stop rules count it; what was only kept from before is none. */
  findings(): Finding[] {
    const kept = new Set(this.unseeable().map(({ key }) => key));
    return this.entries
      .filter(({ key, kind }) => kind !== 'not-ready' || !kept.has(key))
      .map(({ key, kind, fields }) => ({ kind, resource: this.resourceOf(key), fields }));
  }

  /** What a note to the account needs. */
  summary(): Pick<ScannedAccount, 'connections' | 'drift' | 'unseen' | 'elsewhere'> {
    const { state } = this.deps;
    const connections = new Set(state.resources.map(({ vendor, connection }) => `${vendor}/${connection}`));
    return {
      connections: [...connections].sort(),
      drift: withSince(this.entries, state.drift, new Date(this.deps.pace.now()).toISOString()),
      unseen: unseenKeys(state),
      elsewhere: (state.drift?.entries ?? []).flatMap((entry) => {
        const connection = this.connectionOf(entry.key);
        return connection === this.here ? [] : [{ connection, entry }];
      }),
    };
  }

  /** By its id, and by its list where nobody has read that. */
  private async standing(resource: Resource<C>, { node, recorded }: RecordedNode): Promise<SeenObject | null> {
    const { client, read, pace, unlisted } = this.deps;
    const seen = await patiently(pace, () => resource.get(client, recorded.externalId, read));
    const scope = resource.scope(node.body);
    if (seen || !unlisted || scope === null) return seen;
    const list = await patiently(pace, () => resource.list(client, scope, read));
    return list.find(({ id }) => id === recorded.externalId) ?? null;
  }

  private async ofStanding(resource: Resource<C>, each: RecordedNode, seen: SeenObject): Promise<Entry[]> {
    const { node, recorded, ignored } = each;
    if (recorded.ownership === 'shared') return [];
    const isIgnored = ({ path }: Difference): boolean => ignored.some((pattern) => coversPath(pattern, path));
    const changes = comparedWith(resource, each, seen).filter((one) => !isIgnored(one));
    if (changes.length > 0) {
      const reason = `differs in ${changes.map(({ path }) => path).join(', ')}`;
      return [{ key: node.key, kind: 'changed', fields: shownDifferences(changes), reason }];
    }
    return seen.trouble === undefined ? [] : this.troubled(node.key, seen.trouble);
  }

  /** The conditions that hang on the object say what does not work; where there are none, the vendor's own word does. */
  private async troubled(key: string, trouble: string): Promise<Entry[]> {
    const { client, read, pace, state } = this.deps;
    const conditions = conditionsOn(state, key);
    if (conditions.length === 0) return [{ key, kind: 'not-ready', fields: [], reason: trouble }];
    const entries: Entry[] = [];
    for (const condition of conditions) {
      const resource = this.resource(condition.resource);
      const readiness = await patiently(pace, async () => resource?.ready?.(client, condition.body, read));
      if (readiness && readiness.state !== 'ready') {
        entries.push({ key: condition.key, kind: 'not-ready', fields: [], reason: readiness.message });
      }
    }
    return entries;
  }

  private async duplicate({ resource: name, id }: { resource: string; id: string }): Promise<Entry[]> {
    const { client, read, pace, state } = this.deps;
    const resource = this.resource(name);
    if (!resource) return [];
    const seen = await patiently(pace, () => resource.get(client, id, read));
    const { tenant, account, plan } = state;
    const key = seen?.marker?.node;
    if (!seen || key === undefined || !plan) return [];
    const node = { key, account: { tenant, account }, installation: plan.installation };
    if (!isOurMarker(seen.marker, node)) return [];
    if (resource.shared && ((await resource.referrers?.(client, id, read)) ?? []).length > 0) return [];
    const reason = `${id} carries the account's marker too, and is not recorded`;
    return [{ key, kind: 'duplicate', fields: [], externalId: id, reason }];
  }

  /** What the lists showed, and duplicates that the account knows of. */
  private unclaimed(): { resource: string; id: string }[] {
    const { unclaimed, unlisted } = this.deps;
    const known = unlisted ? this.recordedHere().filter(({ kind }) => kind === 'duplicate') : [];
    return [
      ...unclaimed,
      ...known.flatMap(({ key, externalId }) =>
        externalId === undefined ? [] : [{ resource: this.resourceOf(key), id: externalId }],
      ),
    ];
  }

  /** Recorded drift that no list and no GET shows: whether what was issued for an object still works. It stays as it is recorded. */
  private unseeable(): Entry[] {
    const found = new Set(this.entries.map(({ key }) => key));
    return this.recordedHere().filter(({ key, kind }) => {
      const verified = this.resource(this.resourceOf(key))?.verify !== undefined;
      return kind === 'not-ready' && verified && !found.has(key);
    });
  }

  private recordedHere(): DriftEntry[] {
    return (this.deps.state.drift?.entries ?? []).filter(({ key }) => this.connectionOf(key) === this.here);
  }

  private get here(): string {
    return `${this.deps.connection.vendor}/${this.deps.connection.name}`;
  }

  private connectionOf(key: string): string {
    const { plan, resources } = this.deps.state;
    const node = plan?.nodes.find((each) => each.key === key) ?? resources.find((each) => each.key === key);
    return node ? `${node.vendor}/${node.connection}` : this.here;
  }

  private resourceOf(key: string): string {
    const { plan, resources } = this.deps.state;
    return (plan?.nodes.find((each) => each.key === key) ?? resources.find((each) => each.key === key))?.resource ?? '';
  }

  private resource(name: string): Resource<C> | undefined {
    return this.deps.resources.find((each) => each.name === name);
  }
}

function missing({ node }: RecordedNode): Entry {
  return { key: node.key, kind: 'missing', fields: [], reason: 'it does not stand' };
}

function signature({ key, kind, fields, externalId }: Entry): string {
  return JSON.stringify([key, kind, fields, externalId ?? null]);
}
