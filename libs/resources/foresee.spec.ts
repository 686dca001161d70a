import { describe, expect, it } from 'vitest';
import type { ForeseenRemoval, JsonObject, OwnedResource, RemoveInput, ResolvedNode } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { FakeContext, FakeVendor, fakeResource, MARKER, thing } from './fake-vendor.fixture.js';
import { foresee } from './foresee.js';
import { remove } from './remove.js';

function owned(externalId: string, more: Partial<OwnedResource> = {}): OwnedResource {
  const at = { key: 'egain.thing', vendor: 'egain' as const, resource: 'thing', connection: 'egain-main' };
  return { ...at, externalId, ownership: 'created', ...more };
}

function removal(recorded: OwnedResource | null, node: ResolvedNode = thing()): RemoveInput {
  return { node, goal: 'remove', knowledge: { recorded, made: null, looked: null, inFlightSince: null } };
}

function of(
  vendor: FakeVendor,
  removals: RemoveInput[],
  { whole = true, resource = fakeResource(vendor) }: { whole?: boolean; resource?: Resource<FakeVendor> } = {},
): Promise<ForeseenRemoval[]> {
  const input = { vendor: 'egain' as const, connection: 'egain-main', removals, texts: [], whole };
  return foresee(() => resource, vendor, input, {}).then((result) => result.removals);
}

const OURS: JsonObject = { name: 'acme.support.thing', description: MARKER, color: 'blue' };

/** What a removal of the same did at the vendor. */
async function done(vendor: FakeVendor, input: RemoveInput, resource = fakeResource(vendor)): Promise<string[]> {
  vendor.calls.length = 0;
  await remove(resource, vendor, new FakeContext(vendor), input).catch(() => undefined);
  return vendor.calls.filter((call) => call === 'delete' || call === 'update');
}

describe('what is foreseen of a removal', () => {
  const CASES: {
    reason: string;
    stands: JsonObject;
    record: Partial<OwnedResource>;
    shared?: boolean;
    referred?: boolean;
    action: ForeseenRemoval['action'];
    writes: string[];
  }[] = [
    { reason: 'what was made goes', stands: OURS, record: {}, action: 'remove', writes: ['delete'] },
    {
      reason: 'what others share stays',
      stands: OURS,
      record: { ownership: 'shared' },
      shared: true,
      action: 'keep',
      writes: [],
    },
    {
      reason: 'what was taken over goes back',
      stands: { name: 'acme.support.thing', color: 'blue' },
      record: { ownership: 'adopted', former: { name: 'acme.support.thing', color: 'red' } },
      action: 'restore',
      writes: ['update'],
    },
    {
      reason: 'what was taken over and stands as before stays',
      stands: { name: 'acme.support.thing', color: 'red' },
      record: { ownership: 'adopted', former: { name: 'acme.support.thing', color: 'red' } },
      action: 'keep',
      writes: [],
    },
    {
      reason: 'nobody knows how it stood before',
      stands: { name: 'acme.support.thing', color: 'red' },
      record: { ownership: 'adopted' },
      action: 'keep',
      writes: [],
    },
    { reason: 'others refer to it', stands: OURS, record: {}, referred: true, action: 'keep', writes: [] },
    {
      reason: 'others use the shared one that was made here',
      stands: OURS,
      record: {},
      shared: true,
      referred: true,
      action: 'keep',
      writes: [],
    },
  ];

  it.each(CASES)('is what it does: $reason', async ({ stands, record, shared = false, referred, action, writes }) => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(stands);
    if (referred === true) vendor.referrers.set(id, [{ resource: 'user', externalId: 'u-1', name: 'other' }]);
    const resource = fakeResource(vendor, { shared });
    const input = removal(owned(id, record));
    const foreseen = await of(vendor, [input], { resource });
    expect(foreseen).toMatchObject([{ action, externalId: id }]);
    expect(vendor.calls.filter((call) => !['get', 'list', 'referrers'].includes(call))).toEqual([]);
    expect(await done(vendor, input, resource)).toEqual(writes);
  });

  it('is nothing where nothing stands any more', async () => {
    expect(await of(new FakeVendor(true), [removal(owned('id-9'))])).toMatchObject([{ action: 'none' }]);
  });

  it('takes in what carries the marker and is not recorded only where nothing may be left', async () => {
    const vendor = new FakeVendor(false);
    const { id } = vendor.put(OURS);
    const spare = vendor.put(OURS);
    const ids = async (whole: boolean): Promise<(string | null)[]> =>
      (await of(vendor, [removal(owned(id))], { whole })).map(({ externalId }) => externalId);
    expect(await ids(true)).toEqual([id, spare.id]);
    expect(await ids(false)).toEqual([id]);
  });

  it('counts what goes before as gone, and keeps what something refers to that stays', async () => {
    const vendor = new FakeVendor(false);
    const [user, holder] = [vendor.put({ ...OURS, name: 'user' }), vendor.put(OURS)];
    const node = thing({ ...OURS, name: 'user' }, { key: 'egain.user', needs: ['egain.thing'] });
    const removals = [removal(owned(user.id, { key: 'egain.user' }), node), removal(owned(holder.id))];
    vendor.referrers.set(holder.id, [{ resource: 'user', externalId: user.id, name: 'user' }]);
    const actions = async (): Promise<string[]> =>
      (await of(vendor, removals, { whole: false })).map(({ action }) => action);
    expect(await actions()).toEqual(['remove', 'remove']);
    vendor.referrers.set(user.id, [{ resource: 'desk', externalId: 'd-1', name: 'desk' }]);
    expect(await actions()).toEqual(['keep', 'keep']);
  });
});
