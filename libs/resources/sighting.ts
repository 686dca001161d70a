import {
  accountId,
  looksMarked,
  type LookFinding,
  type Marker,
  type OwnedResource,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import type { Resource, SeenObject } from './contract.js';

/** What stands at the vendor for a node. */
export type Sighting =
  | { status: 'missing' }
  /** Ours; `spares` are further ones of ours, which only attempts presumed dead can have made. */
  | { status: 'ours'; seen: SeenObject; spares: SeenObject[] }
  | { status: 'shared'; seen: SeenObject }
  /** Not ours, but the spec says that it may be taken over. */
  | { status: 'adoptable'; seen: SeenObject }
  | { status: 'foreign'; ids: string[]; reason: string }
  | { status: 'ambiguous'; ids: string[]; reason: string };

/** What is known of a node apart from the vendor's list. */
export interface Recorded {
  /** What this operation made of the node, else what the account recorded. */
  known: Pick<OwnedResource, 'externalId' | 'ownership'> | null;
  /** What the job's look saw. */
  looked: LookFinding | null;
  /** Whether a create of ours may have landed without an answer; only then is an object `alike` taken for it. Absent: false. */
  unclear?: boolean;
}

/** Tells ours from everybody else's in a whole list of one kind. Never guesses: several candidates are `ambiguous`. */
export function classify<C>(
  resource: Resource<C>,
  node: ResolvedNode,
  list: readonly SeenObject[],
  { known, looked, unclear = false }: Recorded,
): Sighting {
  const recorded = known === null ? undefined : list.find((seen) => seen.id === known.externalId);
  const key = resource.key(node.body);
  const ours = oursIn(resource, node, list, { known, looked, unclear });
  if (!recorded && resource.alike && ours.length > 1) {
    // Nothing tells which of them our create made.
    const ids = ours.map((seen) => seen.id);
    return {
      status: 'ambiguous',
      ids,
      reason: `${String(ids.length)} equal objects were made since the job began: ${ids.join(', ')}`,
    };
  }
  const kept = recorded ?? ours[0];
  if (kept) {
    // A recorded shared object, or one taken over, carries no marker of ours and has no spares.
    if (known?.ownership === 'shared' && !ours.includes(kept)) return { status: 'shared', seen: kept };
    // One that a former job of the account made and had to leave is used by others: it is found, so never changed.
    const stoodBefore = looked === null || looked.before.includes(kept.id);
    if (resource.shared && !recorded && stoodBefore) return { status: 'shared', seen: kept };
    return { status: 'ours', seen: kept, spares: ours.filter((seen) => seen !== kept) };
  }
  const sameKey = list.filter((seen) => seen.key === key);
  const [first] = sameKey;
  if (first && resource.shared) return { status: 'shared', seen: first };
  if (node.adopt && sameKey.length > 0) {
    const unmarked = sameKey.filter((seen) => !carriesMarker(seen));
    const [candidate] = unmarked;
    if (candidate && unmarked.length === 1) return { status: 'adoptable', seen: candidate };
    if (unmarked.length > 1) {
      const ids = unmarked.map((seen) => seen.id);
      return {
        status: 'ambiguous',
        ids,
        reason: `${String(ids.length)} objects could be taken over: ${ids.join(', ')}`,
      };
    }
  }
  if (first && resource.uniqueKey) {
    return { status: 'foreign', ids: nameable(sameKey, node), reason: foreignReason(first, node) };
  }
  for (const seen of list) {
    const reason = resource.clash?.(node.body, seen);
    if (reason !== undefined) {
      const told = isOtherTenants(seen, node) ? 'an object made by another account stands in its way' : reason;
      return { status: 'foreign', ids: nameable([seen], node), reason: told };
    }
  }
  return { status: 'missing' };
}

/** The objects of a list that this account made as this node, oldest first. */
export function oursIn<C>(
  resource: Resource<C>,
  node: ResolvedNode,
  list: readonly SeenObject[],
  { known, looked, unclear = false }: Recorded,
): SeenObject[] {
  const key = resource.key(node.body);
  const mine = (seen: SeenObject): boolean => {
    if (resource.marked) return isOurMarker(seen.marker, node);
    // Without a place for a marker, ours is what the job's look did not see, or what it or the account knew as ours.
    if (seen.key !== key) return false;
    if (seen.id === known?.externalId) return true;
    if (looked === null) return false;
    if (looked.status === 'ours') return seen.id === looked.externalId;
    if (looked.before.includes(seen.id)) return false;
    return resource.alike === undefined || (unclear && resource.alike(node.body, seen));
  };
  return list.filter(mine).sort((a, b) => (a.age < b.age ? -1 : a.age > b.age ? 1 : 0));
}

/** Whether a marker names this installation, this account and this node. */
export function isOurMarker(
  marker: Marker | undefined,
  node: Pick<ResolvedNode, 'key' | 'account' | 'installation'>,
): boolean {
  return (
    marker !== undefined &&
    marker.installation === node.installation &&
    marker.account.tenant === node.account.tenant &&
    marker.account.account === node.account.account &&
    marker.node === node.key
  );
}

/** Whether an object was, or may have been, made for another tenant or by another installation: then no answer names it. */
function isOtherTenants(seen: SeenObject, node: ResolvedNode): boolean {
  const { marker } = seen;
  if (marker === undefined) return carriesMarker(seen);
  return marker.installation !== node.installation || marker.account.tenant !== node.account.tenant;
}

function nameable(seen: readonly SeenObject[], node: ResolvedNode): string[] {
  return seen.filter((each) => !isOtherTenants(each, node)).map(({ id }) => id);
}

function foreignReason(seen: SeenObject, node: ResolvedNode): string {
  if (isOtherTenants(seen, node)) {
    return 'an object with the same name stands already, made by another account; use another name';
  }
  const { id, marker } = seen;
  const what = `an object with the same name stands already (id ${id})`;
  if (marker) return `${what}, made for ${accountId(marker.account)}; use another name`;
  return `${what}, not made by this engine; use another name, or adopt it`;
}

/** Whether some engine made the object: it is never taken over, whether or not its marker can be read. */
function carriesMarker({ marker, body }: SeenObject): boolean {
  return marker !== undefined || Object.values(body).some((value) => typeof value === 'string' && looksMarked(value));
}
