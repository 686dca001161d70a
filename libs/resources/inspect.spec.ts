import { describe, expect, it } from 'vitest';
import type { InspectedNode, InspectInput, InspectResult, OwnedResource } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { FakeContext, FakeVendor, fakeResource, MARKER, thing, vendorError } from './fake-vendor.fixture.js';
import { inspect } from './inspect.js';

const RECORDED: OwnedResource = {
  key: 'egain.thing',
  vendor: 'egain',
  resource: 'thing',
  connection: 'egain-main',
  externalId: 'id-1',
  ownership: 'created',
};

function look(
  vendor: FakeVendor,
  { resource = fakeResource(vendor), ...each }: Partial<InspectedNode> & { resource?: Resource<FakeVendor> } = {},
): Promise<InspectResult> {
  const nodes = [{ node: thing(), recorded: RECORDED, ignored: [], ...each }];
  const input: InspectInput = { vendor: 'egain', connection: 'egain-main', texts: [], nodes };
  return inspect(() => resource, vendor, new FakeContext(vendor), input);
}

describe('inspect', () => {
  it('finds nothing where the object stands as planned, and writes nothing', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    expect((await look(vendor)).drift).toEqual([]);
    expect(new Set(vendor.calls)).toEqual(new Set(['get', 'list']));
  });

  it('names the field that differs, what is expected and what is seen', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing({ color: 'red' }).body);
    const fields = [{ path: 'color', expected: 'blue', seen: 'red' }];
    expect((await look(vendor)).drift).toMatchObject([{ key: 'egain.thing', kind: 'changed', fields }]);
  });

  it('leaves out what is to be ignored, and only that', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing({ color: 'red' }).body);
    expect((await look(vendor, { ignored: ['color'] })).drift).toEqual([]);
    expect((await look(vendor, { ignored: ['colors', 'size'] })).drift).toHaveLength(1);
  });

  it('calls missing what neither its id nor its list shows', async () => {
    const vendor = new FakeVendor(true);
    expect((await look(vendor)).drift).toMatchObject([{ kind: 'missing' }]);
  });

  it('believes the list where a gateway says of the id that it is not there', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const resource = { ...fakeResource(vendor), get: () => Promise.resolve(null) };
    expect((await look(vendor, { resource })).drift).toEqual([]);
  });

  it('knows nothing, and says nothing, when the vendor does not answer', async () => {
    const vendor = new FakeVendor(true);
    vendor.listFault = vendorError('VENDOR_UNAVAILABLE', { httpStatus: 503 });
    await expect(look(vendor)).rejects.toMatchObject({ fault: { code: 'VENDOR_UNAVAILABLE' } });
  });

  it('names a second object with the account’s marker, unless it is a shared one that something refers to', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const { id } = vendor.put({ ...thing().body, name: 'copy' });
    vendor.put({ name: 'foreign', color: 'red' });
    expect((await look(vendor)).drift).toMatchObject([{ kind: 'duplicate', externalId: id }]);
    vendor.referrers.set(id, [{ resource: 'account', externalId: 'a', name: 'other' }]);
    expect((await look(vendor, { resource: fakeResource(vendor, { shared: true }) })).drift).toEqual([]);
    expect((await look(vendor)).drift).toHaveLength(1);
  });

  it('asks nothing of the fields of an object that is only shared', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ name: 'acme.support.thing', color: 'red' });
    const recorded = { ...RECORDED, ownership: 'shared' as const };
    expect((await look(vendor, { recorded })).drift).toEqual([]);
  });

  it('tells what does not work though it stands as planned', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const resource: Resource<FakeVendor> = {
      ...fakeResource(vendor),
      verify: () => Promise.resolve({ state: 'failed', message: 'switched off' }),
    };
    expect((await look(vendor, { resource })).drift).toMatchObject([{ kind: 'not-ready', reason: 'switched off' }]);
  });

  it('calls a condition not ready, and never missing', async () => {
    const vendor = new FakeVendor(true);
    const resource: Resource<FakeVendor> = {
      ...fakeResource(vendor),
      exists: false,
      ready: () => Promise.resolve({ state: 'failed', message: 'WHATSAPP is FAILING' }),
    };
    expect((await look(vendor, { resource, recorded: null })).drift).toMatchObject([
      { kind: 'not-ready', reason: 'WHATSAPP is FAILING' },
    ]);
  });

  it('keeps to the marker: an object of another account is none of its own', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    vendor.put({ name: 'other', description: MARKER.replace('support', 'sales'), color: 'blue' });
    expect((await look(vendor)).drift).toEqual([]);
  });
});
