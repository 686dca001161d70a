import { describe, expect, it } from 'vitest';
import type { EnsureInput, OwnedResource } from '#libs/contracts/index.js';
import { ensure } from './ensure.js';
import { FakeContext, FakeVendor, fakeResource, thing, TIMING } from './fake-vendor.fixture.js';

const RECORDED: OwnedResource = {
  key: 'egain.thing',
  vendor: 'egain',
  resource: 'thing',
  connection: 'egain-main',
  externalId: 'id-1',
  ownership: 'created',
};

/** A step that leads back to what is recorded while a removal of it may still take effect. */
function back(ownership: OwnedResource['ownership'] = 'created'): EnsureInput {
  const recorded = { ...RECORDED, ownership };
  const knowledge = { recorded, made: null, looked: null, inFlightSince: new Date(0).toISOString() };
  return { node: thing(), first: false, knowledge, previous: thing().body, back: true };
}

describe('ensure of an object whose removal may still take effect', () => {
  it.each([0, 5_000, TIMING.deadlineMs])('makes it anew when that lands after %i ms', async (ms) => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    vendor.removeLater(id, ms);
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), back());
    expect(result).toMatchObject({ ownership: 'created', outcome: 'created', externalId: 'id-2' });
    expect([...vendor.objects.keys()]).toEqual(['id-2']);
  });

  it('keeps it, and writes nothing, when that never lands', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const before = vendor.clock;
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), back());
    expect(result).toMatchObject({ externalId: 'id-1', outcome: 'unchanged' });
    expect(vendor.calls).not.toContain('create');
    expect(vendor.clock - before).toBeGreaterThanOrEqual(TIMING.deadlineMs);
  });

  it('does not make anew what was taken over: nobody of ours removes that', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), back('adopted'));
    expect(vendor.calls).not.toContain('create');
    expect([...vendor.objects.keys()]).toEqual(['id-1']);
  });
});
