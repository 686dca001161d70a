import {
  accountId,
  formatMarker,
  VendorError,
  type ConnectionRef,
  type FleetOrphan,
  type ScanInput,
  type ScannedAccount,
  type ScanResult,
} from '#libs/contracts/index.js';
import { coversPath } from '#libs/planning/index.js';
import { accountNow, type RegistryAccess } from '#libs/registry/index.js';
import type { ReadOptions, Resource, ScanPages, SeenObject } from '#libs/resources/index.js';
import { Claims, type Claimant } from './claims.js';
import { comparedWith, Confirming } from './confirming.js';
import type { MarkedObject } from './join.js';
import { Judgement } from './judgement.js';
import { recordedOn } from './recorded.js';
import { patiently, type ScanPace } from './scan-pages.js';
import { tenantInScope, vendorInScope } from './scope.js';

/** Accounts that a result holds with what differs, and the bytes of their JSON: Temporal refuses 2 MiB, and a run has many results. */
const MOST_FOUND = 1_000;
const MOST_FOUND_BYTES = 500_000;
/** Orphans that a result holds. */
const MOST_ORPHANS = 500;

/** What a scan works with. */
export interface ScanDeps<C> {
  access: RegistryAccess;
  resources: readonly Resource<C>[];
  client: C;
  installation: string;
  /** Hash of the account at the vendor that the connection reaches. */
  place: string;
  pace: ScanPace;
  /** Calls to the vendor that were made for it so far. */
  calls: () => number;
  /** Told how far it is. */
  onProgress: (progress: { resource: string; pages: number; objects: number }) => void;
}

/**
 * Compares a connection's accounts with what its lists show. The registry is read before the first list; what looks otherwise, is in no
 * list or has no account is only suspected, and decided by strongly consistent reads: the object by its id, then the account. Writes
 * nothing. A vendor that cannot be read makes the result `unreadable`.
 * @throws whatever Temporal answers, since nothing can be told then; the signal's reason when that ends first
 */
export async function scan<C>(deps: ScanDeps<C>, input: ScanInput): Promise<ScanResult> {
  return new Scan(deps, input).run();
}

class Scan<C> {
  private readonly claims: Claims;
  /** Numbers of accounts that must be looked at, and the objects of theirs that look otherwise. */
  private readonly suspects = new Set<number>();
  private readonly suspicious = new Set<string>();
  private readonly claimedIds = new Map<string, string[]>();
  private readonly unclaimedBy = new Map<string, MarkedObject[]>();
  private readonly cleared = new Set<string>();
  private readonly result: ScanResult;
  private readonly read: ReadOptions;
  private pages = 0;
  private foundBytes = 0;

  constructor(
    private readonly deps: ScanDeps<C>,
    private readonly input: ScanInput,
  ) {
    const { access, resources, installation, place } = deps;
    const { connection, only, startedAt } = input;
    this.claims = new Claims({ access, connection, resources, installation, place, scope: input, only, startedAt });
    this.read = { signal: deps.pace.signal, lane: 'fleet' };
    this.result = {
      ...{ status: 'read', reason: null, accounts: 0, objects: 0, vendorCalls: 0, found: [], drifted: 0 },
      ...{ busy: [], interrupted: [], unreadable: [], orphans: [], orphanCount: 0, truncated: false, stopped: null },
    };
  }

  async run(): Promise<ScanResult> {
    const { claims, result } = this;
    await claims.read();
    result.accounts = claims.inScope;
    result.unreadable.push(...claims.elsewhere);
    if (claims.elsewhere.length > 0) {
      result.reason = `${String(claims.elsewhere.length)} accounts are recorded in another vendor account than the one that this connection reaches.`;
    }
    try {
      if (claims.elsewhere.length > 0 && !claims.claimants.some(({ compared }) => compared))
        result.status = 'unreadable';
      else await this.compare();
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      const unread = { found: [], drifted: 0, orphans: [], orphanCount: 0, stopped: null };
      Object.assign(result, unread, { status: 'unreadable', reason: error.fault.message });
    }
    result.objects = claims.join.objects;
    result.vendorCalls = this.deps.calls();
    if (result.stopped) result.status = 'stopped';
    return result;
  }

  private async compare(): Promise<void> {
    const { claims, input, result } = this;
    if (input.only === null) for (const resource of this.deps.resources) await this.list(resource);
    const { join, claimants } = claims;
    for (const owner of join.table.ownersOfUnseen()) this.suspects.add(owner);
    for (const [owner, { account }] of claimants.entries()) if (account.drift !== null) this.suspects.add(owner);
    this.sortUnclaimed();
    const judgement = this.judgement();
    const standing = (resource: string): boolean =>
      (join.claimedOf.get(resource) ?? 0) > 0 || this.cleared.has(resource);
    for (const owner of [...this.suspects].sort((a, b) => a - b)) {
      if (judgement.stop) break;
      const claimant = claimants[owner];
      if (claimant?.compared === true) await this.confirm(owner, claimant, judgement, standing);
    }
    await this.confirmOrphans(judgement);
    result.stopped = judgement.end(standing);
  }

  /** One list, from its first page to its last. */
  private async list(resource: Resource<C>): Promise<void> {
    if (!resource.pages) return;
    const { pace, onProgress } = this.deps;
    const pages: ScanPages = {
      signal: pace.signal,
      page: async (call) => {
        const answer = await patiently(pace, call);
        onProgress({ resource: resource.name, pages: ++this.pages, objects: this.claims.join.objects });
        return answer;
      },
      expect: () => undefined,
      claimed: (kind) => this.claimedIds.get(kind) ?? [],
    };
    for await (const page of resource.pages(this.deps.client, pages)) {
      for (const seen of page) await this.see(resource, seen);
      pace.signal.throwIfAborted();
    }
  }

  private async see(resource: Resource<C>, seen: SeenObject): Promise<void> {
    const { claims } = this;
    const { ask, recorded } = claims.join.see(resource, seen);
    if (recorded) this.claim(resource.name, seen.id);
    for (const owner of ask) {
      const claimant = claims.claimants[owner];
      if (claimant?.compared !== true) continue;
      if (seen.trouble === undefined && !(await this.differs(claimant, resource, seen))) continue;
      this.suspects.add(owner);
      this.suspicious.add(`${String(owner)} ${resource.name} ${seen.id}`);
    }
  }

  private claim(resource: string, id: string): void {
    const ids = this.claimedIds.get(resource);
    if (ids) ids.push(id);
    else this.claimedIds.set(resource, [id]);
  }

  /** The list item beside the account's own record; only a difference leads to a GET. */
  private async differs({ account }: Claimant, resource: Resource<C>, seen: SeenObject): Promise<boolean> {
    const state = await this.claims.stateOf(account);
    const each = recordedOn(state, this.input.connection).find(
      ({ recorded }) => recorded.externalId === seen.id && recorded.resource === resource.name,
    );
    if (!each || each.recorded.ownership === 'shared') return false;
    const isIgnored = (path: string): boolean => each.ignored.some((pattern) => coversPath(pattern, path));
    return comparedWith(resource, each, seen).some(({ path }) => !isIgnored(path));
  }

  /** Marked objects that nobody records belong to an account that is there, as duplicates, or to none. */
  private sortUnclaimed(): void {
    const { claims, input } = this;
    const numbers = new Map(claims.claimants.map(({ account }, owner) => [account.id, owner]));
    for (const object of claims.join.unclaimed) {
      const id = accountId(object.marker.account);
      const owner = numbers.get(id);
      if (owner !== undefined) this.suspects.add(owner);
      else if (!tenantInScope(input, object.marker.account.tenant)) continue;
      this.unclaimedBy.set(id, [...(this.unclaimedBy.get(id) ?? []), object]);
    }
  }

  private async confirm(
    owner: number,
    { account }: Claimant,
    judgement: Judgement,
    standing: (resource: string) => boolean,
  ): Promise<void> {
    const { claims, deps, input, result, read } = this;
    const state = await claims.stateOf(account);
    const confirming = new Confirming({
      ...{ state, connection: input.connection, resources: deps.resources, client: deps.client, read, pace: deps.pace },
      unlisted: input.only !== null,
      isSuspicious: (resource, id) =>
        this.suspicious.has(`${String(owner)} ${resource} ${id}`) || claims.join.isUnseen(resource, id, owner),
      unclaimed: this.unclaimedBy.get(account.id) ?? [],
    });
    const { entries, stands, changed } = await confirming.run();
    for (const resource of stands) this.cleared.add(resource);
    if (entries.length === 0 && !changed) return;
    const now = await accountNow(deps.access, account.id);
    if (now.status === 'cut-off') return void result.interrupted.push(account.id);
    if (now.status === 'absent') return; // taken off meanwhile
    if (now.status === 'busy' || now.runId !== account.runId) return void result.busy.push(account.id);
    const findings = confirming.findings();
    if (findings.length > 0) result.drifted++;
    if (account.cap === 'repair') judgement.account(findings, standing);
    const found: ScannedAccount = {
      ...{ id: account.id, chain: state.chain, runId: account.runId, revision: state.revision ?? 0 },
      ...{ capped: account.cap !== 'repair', ...confirming.summary() },
    };
    this.addFound(found);
  }

  private addFound(found: ScannedAccount): void {
    const { result } = this;
    const bytes = Buffer.byteLength(JSON.stringify(found));
    if (result.found.length === MOST_FOUND || this.foundBytes + bytes > MOST_FOUND_BYTES) {
      result.truncated = true;
      return;
    }
    this.foundBytes += bytes;
    result.found.push(found);
  }

  /** In the order that proves absence: the account, the object, the account again. */
  private async confirmOrphans(judgement: Judgement): Promise<void> {
    const { claims, deps, input, result } = this;
    if (input.only !== null || !vendorInScope(input, input.connection.vendor)) return;
    const known = new Set(claims.claimants.map(({ account }) => account.id));
    const interrupted = new Set<string>();
    for (const [id, objects] of this.unclaimedBy) {
      if (known.has(id) || claims.unknown.has(id)) continue;
      for (const object of objects) {
        if (judgement.stop) return;
        const before = await accountNow(deps.access, id);
        if (before.status === 'cut-off') interrupted.add(id);
        if (before.status !== 'absent') break;
        if (!(await this.standsUnused(object))) continue;
        const after = await accountNow(deps.access, id);
        if (after.status === 'cut-off') interrupted.add(id);
        if (after.status !== 'absent') break;
        this.addOrphan(input.connection, object);
        judgement.orphan(claims.join.marked);
      }
    }
    result.interrupted.push(...interrupted);
  }

  /** Whether an object still stands with the marker that it was listed with, and nothing uses it if several accounts may. */
  private async standsUnused({ resource: name, id, marker }: MarkedObject): Promise<boolean> {
    const { client, resources, pace } = this.deps;
    const resource = resources.find((each) => each.name === name);
    if (!resource) return false;
    const seen = await patiently(pace, () => resource.get(client, id, this.read));
    if (!seen?.marker || formatMarker(seen.marker) !== formatMarker(marker)) return false;
    if (!resource.shared || !resource.referrers) return true;
    const referrers = await patiently(pace, async () => (await resource.referrers?.(client, id, this.read)) ?? []);
    return referrers.length === 0;
  }

  private addOrphan({ vendor }: ConnectionRef, { resource, id, marker }: MarkedObject): void {
    const { result } = this;
    result.orphanCount++;
    const orphan: FleetOrphan = {
      ...{ vendor, resource, externalId: id, marker: formatMarker(marker), removed: false, reason: null },
    };
    if (result.orphans.length < MOST_ORPHANS) result.orphans.push(orphan);
    else result.truncated = true;
  }

  private judgement(): Judgement {
    const { claims, input } = this;
    const { vendor, name } = input.connection;
    const capped = claims.claimants.filter(({ account, compared }) => compared && account.cap !== 'repair').length;
    return new Judgement({
      connection: `${vendor}/${name}`,
      accounts: claims.inScope - capped,
      anyAccount: claims.claimants.length > 0,
      limits: input.stop,
    });
  }
}
