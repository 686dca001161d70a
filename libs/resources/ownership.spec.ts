import { describe, expect, it } from 'vitest';
import type { EnsureInput, OwnedResource } from '#libs/contracts/index.js';
import { ensure } from './ensure.js';
import { FakeContext, FakeVendor, fakeResource, thing } from './fake-vendor.fixture.js';

const FORMER = { name: 'acme.support.thing', color: 'former' };
const RECORDED: OwnedResource = {
  key: 'egain.thing',
  vendor: 'egain',
  resource: 'thing',
  connection: 'egain-main',
  externalId: 'id-1',
  ownership: 'adopted',
  former: FORMER,
};

/** An amendment of a node that the account records. */
function amendment(recorded: OwnedResource): EnsureInput {
  const knowledge = { recorded, made: null, looked: null, inFlightSince: null };
  return { node: thing(), first: true, knowledge, previous: thing({ color: 'red' }).body };
}

describe('ownership lasts, whatever an amendment does to the object', () => {
  it.each(['red', 'blue'])(
    'one that was taken over stays so, with its first former body, and stands %s',
    async (color) => {
      const vendor = new FakeVendor(true);
      vendor.put({ name: 'acme.support.thing', color });
      const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), amendment(RECORDED));
      const outcome = color === 'blue' ? 'unchanged' : 'updated';
      expect(result).toMatchObject({ externalId: 'id-1', ownership: 'adopted', outcome, former: FORMER });
    },
  );

  it('one that the account made stays its own though nothing had to be written', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const { former: _none, ...created } = { ...RECORDED, ownership: 'created' as const };
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), amendment(created));
    expect(result).toMatchObject({ externalId: 'id-1', ownership: 'created', outcome: 'unchanged' });
  });

  it('one that is made anew, since the adopted one is gone, is the account’s own', async () => {
    const vendor = new FakeVendor(true);
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), amendment(RECORDED));
    expect(result).toMatchObject({ ownership: 'created', outcome: 'created' });
    expect(result.former).toBeUndefined();
  });
});
