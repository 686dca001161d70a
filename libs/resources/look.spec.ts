import { describe, expect, it } from 'vitest';
import type { LookFinding, LookInput } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { FakeVendor, fakeResource, thing } from './fake-vendor.fixture.js';
import { look } from './look.js';

async function found(vendor: FakeVendor, resource: Resource<FakeVendor>): Promise<LookFinding | undefined> {
  const input: LookInput = { vendor: 'egain', connection: 'egain-main', nodes: [thing()], known: [] };
  return (await look(() => resource, vendor, input, {})).findings[0];
}

describe('what a look warns of', () => {
  const like = (vendor: FakeVendor): Resource<FakeVendor> => ({
    ...fakeResource(vendor),
    resembles: (_body, seen) => `${seen.id} is much like it`,
  });

  it('is what resembles the node, and keeps nobody from creating it', async () => {
    const vendor = new FakeVendor(true);
    for (const name of ['one', 'two']) vendor.put({ name });
    expect(await found(vendor, like(vendor))).toMatchObject({
      action: 'create',
      warnings: ['id-1 is much like it', 'id-2 is much like it'],
    });
  });

  it('is not the object itself', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const finding = await found(vendor, like(vendor));
    expect(finding).toMatchObject({ status: 'ours', externalId: 'id-1' });
    expect(finding).not.toHaveProperty('warnings');
  });
});
