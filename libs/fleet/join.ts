import type { Marker } from '#libs/contracts/index.js';
import type { SeenObject } from '#libs/resources/contract.js';
import { fingerprint, nameBytes, type Resource } from '#libs/resources/index.js';
import { ObjectTable } from './object-table.js';

/** An object that carries our marker and that nobody records: the account that its marker names may know more. */
export interface MarkedObject {
  resource: string;
  id: string;
  marker: Marker;
}

/** What a listed object calls for. */
export interface Joined {
  /** Numbers of the accounts that record it and must be asked, because it looks otherwise, or the vendor says that it does not work. */
  ask: number[];
  /** Whether anybody records it. */
  recorded: boolean;
}

/** Unclaimed objects that are kept to be looked at; beyond that a stop rule has long spoken. */
const MOST_UNCLAIMED = 1_000;

/**
 * Joins what accounts record with what lists show, one object at a time. A fingerprint that is equal spares a look; everything else is
 * only a suspicion, which somebody has to clear up.
 */
export class Join {
  /** Objects that were listed. */
  objects = 0;
  /** Those among them with a marker of this installation. */
  marked = 0;
  /** Marked ones that nobody records, all of them. */
  unclaimedCount = 0;
  readonly unclaimed: MarkedObject[] = [];
  /** Per kind how many listed objects somebody records. */
  readonly claimedOf = new Map<string, number>();

  constructor(
    private readonly installation: string,
    readonly table = new ObjectTable(),
  ) {}

  /** Takes an object of a page in. */
  see(resource: Pick<Resource<never>, 'name' | 'projection'>, seen: SeenObject): Joined {
    this.objects++;
    const ours = seen.marker?.installation === this.installation ? seen.marker : undefined;
    if (ours) this.marked++;
    const owners = this.table.see(nameBytes(resource.name, seen.id), fingerprint(resource, seen.body));
    if (owners.length > 0) this.claimedOf.set(resource.name, (this.claimedOf.get(resource.name) ?? 0) + 1);
    else if (ours) this.keep({ resource: resource.name, id: seen.id, marker: ours });
    const ask = owners.filter(({ same }) => !same || seen.trouble !== undefined).map(({ owner }) => owner);
    return { ask, recorded: owners.length > 0 };
  }

  /** Whether an account's object was in no list. */
  isUnseen(resource: string, id: string, owner: number): boolean {
    return this.table.isUnseen(nameBytes(resource, id), owner);
  }

  private keep(object: MarkedObject): void {
    this.unclaimedCount++;
    if (this.unclaimed.length < MOST_UNCLAIMED) this.unclaimed.push(object);
  }
}
