import { describe, expect, it } from 'vitest';
import {
  formatMarker,
  type DroppedObject,
  type EnsureInput,
  type JsonObject,
  type LookFinding,
  type LookInput,
  type OwnedResource,
  type RemoveInput,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { ensure } from './ensure.js';
import { FakeContext, FakeVendor, fakeResource, thing, vendorError } from './fake-vendor.fixture.js';
import { look } from './look.js';
import { remove } from './remove.js';

const OLD = 'egain.old';
const markerOf = (key: string): string =>
  formatMarker({ installation: 'test', account: { tenant: 'acme', account: 'support' }, node: key });
/** A node of the account, and its body as it is written. */
function nodeOf(key: string, body: JsonObject = {}): ResolvedNode {
  const marker = markerOf(key);
  return thing({ description: marker, ...body }, { key, marker });
}

const DROPPED = nodeOf(OLD, { name: 'line', color: 'blue' });
const NEW = nodeOf('egain.new', { name: 'line', color: 'red' });
const NOTHING = { recorded: null, made: null, looked: null, inFlightSince: null };

/** A kind whose objects carry over; `limit` of them stand at most. */
function carrying(vendor: FakeVendor, limit?: number): Resource<FakeVendor> {
  const resource = fakeResource(vendor);
  const most = limit === undefined ? {} : { limit: { most: limit, of: 'things' } };
  return {
    ...resource,
    carriesOver: true,
    ...most,
    update: (client, seen, desired) => {
      client.calls.push('put');
      const stood = client.objects.get(seen.id);
      if (!stood) return Promise.reject(vendorError('CONFLICT', { retryable: true }));
      client.objects.delete(seen.id);
      const again = client.put(desired.body); // read with the marker that was written
      client.objects.delete(again.id);
      client.objects.set(seen.id, { ...again, id: seen.id, age: stood.age });
      return Promise.resolve();
    },
  };
}

function lookAt(
  resource: Resource<FakeVendor>,
  vendor: FakeVendor,
  nodes: ResolvedNode[],
  dropped: DroppedObject[],
): Promise<LookFinding[]> {
  const input: LookInput = { vendor: 'egain', connection: 'egain-main', nodes, texts: [], known: [], dropped };
  return look(() => resource, vendor, input, {}).then(({ findings }) => findings);
}

function droppedOf(node: ResolvedNode, externalId: string): DroppedObject {
  return { key: node.key, resource: 'thing', externalId, body: node.body };
}

/** What the step of the new node is told. */
function carriedBy(node: ResolvedNode, externalId: string): EnsureInput {
  const carried: OwnedResource = {
    key: node.key,
    vendor: 'egain',
    resource: 'thing',
    connection: 'egain-main',
    externalId,
    ownership: 'created',
  };
  return { node, first: true, knowledge: { ...NOTHING, carried }, previous: DROPPED.body };
}

describe('a look at a node that meets what the plan drops', () => {
  it('has the dropped object become the node where it has the same unique name', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const [found] = await lookAt(carrying(vendor), vendor, [NEW], [droppedOf(DROPPED, id)]);
    expect(found).toMatchObject({
      status: 'missing',
      action: 'update',
      externalId: id,
      before: [id],
      carries: OLD,
      changes: [{ path: 'color', expected: 'red', seen: 'blue' }],
    });
  });

  it('is a conflict that says so where the kind cannot, also of one that is shared', async () => {
    for (const traits of [{}, { shared: true }]) {
      const vendor = new FakeVendor(true);
      const { id } = vendor.put(DROPPED.body);
      const [found] = await lookAt(fakeResource(vendor, traits), vendor, [NEW], [droppedOf(DROPPED, id)]);
      expect(found).toMatchObject({ status: 'foreign', action: 'conflict', externalId: id });
      expect(found?.reason).toContain(`${OLD} has this name`);
      expect(found).not.toHaveProperty('carries');
    }
  });

  it('is the conflict that it is without one', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ ...DROPPED.body, description: 'made by a person' });
    const [found] = await lookAt(carrying(vendor), vendor, [NEW], [droppedOf(DROPPED, 'another')]);
    expect(found).toMatchObject({ action: 'conflict' });
    expect(found?.reason).toContain('not made by this engine');
  });

  it('keeps its own object where it has one: a name that is not free yet is a conflict', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const own = vendor.put({ ...NEW.body, name: 'before', color: 'green' });
    const known: OwnedResource = {
      key: NEW.key,
      vendor: 'egain',
      resource: 'thing',
      connection: 'egain-main',
      externalId: own.id,
      ownership: 'created',
    };
    const input = { vendor: 'egain' as const, connection: 'egain-main', nodes: [NEW], texts: [], known: [known] };
    for (const dropped of [[], [droppedOf(DROPPED, id)]]) {
      const { findings } = await look(() => carrying(vendor), vendor, { ...input, dropped }, {});
      expect(findings[0]).toMatchObject({ status: 'foreign', action: 'conflict', externalId: id });
      expect(findings[0]).not.toHaveProperty('carries');
    }
    vendor.objects.delete(id);
    const { findings } = await look(() => carrying(vendor), vendor, input, {});
    expect(findings[0]).toMatchObject({ action: 'update', externalId: own.id });
  });

  it('uses the places that are free before it carries over, and each dropped object once', async () => {
    const vendor = new FakeVendor(true);
    const old = ['a', 'b', 'c'].map((name) => nodeOf(`egain.old.${name}`, { name }));
    const ids = old.map(({ body }) => vendor.put(body).id);
    const fresh = ['d', 'e', 'f'].map((name) => nodeOf(`egain.new.${name}`, { name }));
    const dropped = old.map((each, i) => droppedOf(each, ids[i] ?? ''));
    const found = await lookAt(carrying(vendor, 4), vendor, fresh, dropped);
    expect(found.map(({ action, carries }) => [action, carries])).toEqual([
      ['create', undefined],
      ['update', 'egain.old.a'],
      ['update', 'egain.old.b'],
    ]);
  });

  it('is a conflict where neither a place is free nor an object is dropped', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    vendor.put({ name: 'somebody', color: 'green' });
    const fresh = ['d', 'e'].map((name) => nodeOf(`egain.new.${name}`, { name }));
    const found = await lookAt(carrying(vendor, 2), vendor, fresh, [droppedOf(DROPPED, id)]);
    expect(found.map(({ action }) => action)).toEqual(['update', 'conflict']);
  });
});

describe('a step that carries an object over', () => {
  it('writes the body and the marker to the object that stands, and finds it done the second time', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const resource = carrying(vendor);
    const made = await ensure(resource, vendor, new FakeContext(vendor), carriedBy(NEW, id));
    expect(made).toMatchObject({ externalId: id, ownership: 'created' });
    expect(vendor.objects.get(id)).toMatchObject({ body: NEW.body, marker: { node: 'egain.new' } });
    await ensure(resource, vendor, new FakeContext(vendor, 2), carriedBy(NEW, id));
    expect(vendor.calls.filter((call) => call === 'put' || call === 'create')).toEqual(['put']);
  });

  it('writes the marker alone where nothing else differs', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const same = nodeOf('egain.new', { name: 'line', color: 'blue' });
    await ensure(carrying(vendor), vendor, new FakeContext(vendor), carriedBy(same, id));
    expect(vendor.objects.get(id)?.marker?.node).toBe('egain.new');
  });

  it('removes the object and makes a new one where the vendor refuses the change', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const resource = {
      ...carrying(vendor),
      update: () => Promise.reject(vendorError('INVALID_REQUEST', { httpStatus: 400 })),
    };
    const made = await ensure(resource, vendor, new FakeContext(vendor), carriedBy(NEW, id));
    expect(made).toMatchObject({ ownership: 'created', outcome: 'created' });
    expect(made.externalId).not.toBe(id);
    expect([...vendor.objects.values()].map(({ body }) => body)).toEqual([NEW.body]);
  });

  it.each([
    ['passes', { retryable: true }],
    ['may have taken effect', { outcomeUnknown: true }],
  ])('removes nothing for a fault that %s', async (_name, facts) => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const resource = { ...carrying(vendor), update: () => Promise.reject(vendorError('INVALID_REQUEST', facts)) };
    await expect(ensure(resource, vendor, new FakeContext(vendor), carriedBy(NEW, id))).rejects.toThrow();
    expect([...vendor.objects.keys()]).toEqual([id]);
  });

  it('never removes an object that is its own by the record because an update is refused', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(DROPPED.body);
    const resource = { ...carrying(vendor), update: () => Promise.reject(vendorError('INVALID_REQUEST')) };
    const { knowledge, ...rest } = carriedBy(DROPPED, id);
    const input = { ...rest, node: nodeOf(OLD, { name: 'line', color: 'red' }) };
    const own = { ...knowledge, recorded: knowledge.carried ?? null };
    const { carried: _carried, ...recorded } = own;
    await expect(
      ensure(resource, vendor, new FakeContext(vendor), { ...input, knowledge: recorded }),
    ).rejects.toThrow();
    expect([...vendor.objects.keys()]).toEqual([id]);
  });
});

describe('the way back of what was carried over', () => {
  it('never removes an id that is recorded for another node, whatever marker it carries by then', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(NEW.body);
    const spare = vendor.put({ ...NEW.body, name: 'made anew' });
    const input: RemoveInput = { node: NEW, goal: 'keep', knowledge: { ...NOTHING, held: [id] } };
    const result = await remove(carrying(vendor), vendor, new FakeContext(vendor), input);
    expect(result.removed).toEqual([spare.id]);
    expect([...vendor.objects.keys()]).toEqual([id]);
  });

  it('brings the object to its recorded body and marker again', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(NEW.body);
    const recorded: OwnedResource = {
      key: OLD,
      vendor: 'egain',
      resource: 'thing',
      connection: 'egain-main',
      externalId: id,
      ownership: 'created',
    };
    const input: EnsureInput = {
      node: DROPPED,
      first: false,
      knowledge: { ...NOTHING, recorded },
      previous: NEW.body,
      back: true,
    };
    const made = await ensure(carrying(vendor), vendor, new FakeContext(vendor), input);
    expect(made.externalId).toBe(id);
    expect(vendor.objects.get(id)).toMatchObject({ body: DROPPED.body, marker: { node: OLD } });
  });
});
