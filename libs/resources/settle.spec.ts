import { expect, it } from 'vitest';
import { FakeContext, FakeVendor, fakeResource, thing } from './fake-vendor.fixture.js';
import { settle } from './settle.js';

it('does not take a spare for gone because its delete was answered so', async () => {
  const vendor = new FakeVendor(false);
  const recorded = vendor.put(thing().body);
  const spare = vendor.put(thing().body);
  const input = { node: thing(), recorded: recorded.id, looked: null };
  const deaf = { ...fakeResource(vendor), remove: () => Promise.resolve() };

  await expect(settle(deaf, vendor, new FakeContext(vendor), input)).rejects.toMatchObject({
    fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, externalId: spare.id },
  });
  expect(await settle(fakeResource(vendor), vendor, new FakeContext(vendor), input)).toEqual({ removed: [spare.id] });
  expect([...vendor.objects.keys()]).toEqual([recorded.id]);
});
