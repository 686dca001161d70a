import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { referencesIn } from '../fields.js';
import { isObject, type JsonObject } from '../json.js';
import { inOrder, type ListOrder } from '../list-order.js';
import { EGAIN_RESOURCES, type EgainKind, type EgainResource } from './resources.js';

/** An object at rest: the create body with defaults, and what eGain adds to it. */
export interface EgainRecord {
  id: string;
  created: string;
  modified: string;
  fields: JsonObject;
  /** From when on lists show it, in milliseconds since the epoch. */
  visibleAt: number;
}

export interface Referrer {
  kind: EgainKind;
  id: string;
}

/** One eGain tenant: its objects, their unique keys and who refers to whom, all indexed. */
export class EgainTenant {
  readonly #clock: Clock;
  readonly #kinds = new Map<EgainKind, Collection>();
  /** Keyed by the target, `<kind>/<id>`; holds the referrers in the same form. */
  readonly #referrers = new Map<string, Set<string>>();

  constructor(clock: Clock) {
    this.#clock = clock;
    for (const resource of EGAIN_RESOURCES) this.#kinds.set(resource.kind, new Collection(resource));
  }

  get(kind: EgainKind, id: string): EgainRecord | undefined {
    return this.#collection(kind).records.get(id);
  }

  /** In the order of creation, unless another one is asked for. */
  list(kind: EgainKind, order: ListOrder = 'oldest'): readonly EgainRecord[] {
    return this.#collection(kind).inOrder(order);
  }

  /** From when on lists show all objects of a kind, in milliseconds since the epoch. */
  allVisibleAt(kind: EgainKind): number {
    return this.#collection(kind).allVisibleAt;
  }

  /** Ids of the objects whose unique attribute equals `key`, compared without case. */
  idsByKey(kind: EgainKind, key: string): ReadonlySet<string> {
    return this.#collection(kind).byKey.get(key.toLowerCase()) ?? NONE;
  }

  /** Ids of the accounts with this channel and address. */
  idsByAddress(channelId: string, address: string): ReadonlySet<string> {
    return this.#collection('account').byAddress.get(addressKey(channelId, address)) ?? NONE;
  }

  referrersOf(kind: EgainKind, id: string): Referrer[] {
    return [...(this.#referrers.get(`${kind}/${id}`) ?? [])].map((referrer) => {
      const [referring, referringId] = referrer.split('/') as [EgainKind, string];
      return { kind: referring, id: referringId };
    });
  }

  /** `given` may carry `id`, `created` and `modified` of an object that is to be there already. */
  add(kind: EgainKind, fields: JsonObject, given: Partial<EgainRecord> = {}): EgainRecord {
    const now = new Date(this.#clock.now()).toISOString();
    const record = {
      id: given.id ?? randomUUID(),
      created: given.created ?? now,
      modified: given.modified ?? now,
      visibleAt: given.visibleAt ?? 0,
      fields,
    };
    this.#put(kind, record);
    return record;
  }

  /** Replaces the fields. `modified` grows with every change, also within one millisecond. */
  replace(kind: EgainKind, old: EgainRecord, fields: JsonObject): EgainRecord {
    const modified = new Date(Math.max(this.#clock.now(), Date.parse(old.modified) + 1)).toISOString();
    const record = { ...old, modified, fields };
    this.#unlink(kind, old);
    this.#put(kind, record);
    return record;
  }

  delete(kind: EgainKind, record: EgainRecord): void {
    this.#unlink(kind, record);
    this.#collection(kind).delete(record);
  }

  /** All records by kind, in the order of creation. */
  records(): [EgainKind, EgainRecord[]][] {
    return [...this.#kinds].map(([kind, { records }]) => [kind, [...records.values()]]);
  }

  #put(kind: EgainKind, record: EgainRecord): void {
    const collection = this.#collection(kind);
    collection.set(record);
    for (const { kind: target, id } of referencesIn(collection.resource.fields, record.fields)) {
      addTo(this.#referrers, `${target}/${id}`, `${kind}/${record.id}`);
    }
  }

  #unlink(kind: EgainKind, record: EgainRecord): void {
    const collection = this.#collection(kind);
    for (const { kind: target, id } of referencesIn(collection.resource.fields, record.fields)) {
      removeFrom(this.#referrers, `${target}/${id}`, `${kind}/${record.id}`);
    }
    collection.unindex(record);
  }

  #collection(kind: EgainKind): Collection {
    const collection = this.#kinds.get(kind);
    if (!collection) throw new Error(`no collection of ${kind}`);
    return collection;
  }
}

const NONE: ReadonlySet<string> = new Set();

class Collection {
  readonly resource: EgainResource;
  readonly records = new Map<string, EgainRecord>();
  readonly byKey = new Map<string, Set<string>>();
  readonly byAddress = new Map<string, Set<string>>();
  /** The largest `visibleAt` so far. */
  allVisibleAt = 0;
  /** Rebuilt by the first list after a write, so that a page is a slice. */
  readonly #ordered = new Map<ListOrder, readonly EgainRecord[]>();

  constructor(resource: EgainResource) {
    this.resource = resource;
  }

  inOrder(order: ListOrder): readonly EgainRecord[] {
    const known = this.#ordered.get(order);
    if (known) return known;
    const ordered = inOrder([...this.records.values()], order);
    this.#ordered.set(order, ordered);
    return ordered;
  }

  set(record: EgainRecord): void {
    this.records.set(record.id, record);
    for (const [index, key] of this.#keys(record)) addTo(index, key, record.id);
    this.allVisibleAt = Math.max(this.allVisibleAt, record.visibleAt);
    this.#ordered.clear();
  }

  unindex(record: EgainRecord): void {
    for (const [index, key] of this.#keys(record)) removeFrom(index, key, record.id);
  }

  delete(record: EgainRecord): void {
    this.records.delete(record.id);
    this.#ordered.clear();
  }

  #keys({ fields }: EgainRecord): [Map<string, Set<string>>, string][] {
    const keys: [Map<string, Set<string>>, string][] = [];
    const unique = fields[this.resource.uniqueBy];
    if (typeof unique === 'string') keys.push([this.byKey, unique.toLowerCase()]);
    const { channel, address } = fields;
    if (isObject(channel) && typeof channel.id === 'string' && typeof address === 'string') {
      keys.push([this.byAddress, addressKey(channel.id, address)]);
    }
    return keys;
  }
}

function addressKey(channelId: string, address: string): string {
  return `${channelId}/${address.toLowerCase()}`;
}

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key);
  if (values) values.add(value);
  else index.set(key, new Set([value]));
}

function removeFrom(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key);
  values?.delete(value);
  if (values?.size === 0) index.delete(key);
}
