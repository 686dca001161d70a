import { describe, expect, it } from 'vitest';
import type { JsonObject, LookFinding, OwnedResource, ResolvedNode } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { ensure } from './ensure.js';
import { FakeContext, FakeVendor, fakeResource, thing } from './fake-vendor.fixture.js';
import { look, type LookOptions } from './look.js';
import { remove } from './remove.js';

const NAME = 'acme.support.thing';
const THEIRS = { name: NAME, color: 'red', token: 'theirs' };
const SEAL: NonNullable<LookOptions['seal']> = (_node, text) => `sealed(${text})`;

/** A resource that loses its token when its colour changes, and shows it in a single read alone, unless it is hidden. */
function losing(vendor: FakeVendor, hidden = false): Resource<FakeVendor> {
  const resource = fakeResource(vendor);
  return {
    ...resource,
    secrets: ['token'],
    former: ({ body: { token: _token, ...rest } }) => rest,
    takeover: (client, _body, seen) =>
      Promise.resolve(
        hidden ? { conflict: 'its token is not shown' } : { former: client.objects.get(seen.id)?.body ?? {} },
      ),
    loses: (_body, _seen, former) => (former['token'] === undefined ? 'its token was not kept' : undefined),
    update: (client, seen, { body, mode }) => {
      const token = mode === 'restore' ? (body['token'] ?? null) : null;
      client.update(seen.id, { ...body, token });
      return Promise.resolve();
    },
  };
}

const NOTHING = { recorded: null, made: null, looked: null, inFlightSince: null };

const adopting = (): ResolvedNode => ({ ...thing(), adopt: true });

async function found(
  vendor: FakeVendor,
  resource: Resource<FakeVendor>,
  known: OwnedResource[] = [],
): Promise<LookFinding> {
  const input = { vendor: 'egain' as const, connection: 'egain-main', nodes: [adopting()], known, texts: [] };
  const [finding] = (await look(() => resource, vendor, input, { seal: SEAL })).findings;
  if (!finding) throw new Error('a look finds something of each node');
  return finding;
}

function standing(): { vendor: FakeVendor; id: string } {
  const vendor = new FakeVendor(true);
  return { vendor, id: vendor.put(THEIRS).id };
}

describe('secrets that go when an object is taken over', () => {
  it('are kept by the look, sealed, before anything is written', async () => {
    const { vendor, id } = standing();
    const finding = await found(vendor, losing(vendor));
    expect(finding).toMatchObject({ action: 'adopt', externalId: id });
    expect(finding.former).toMatchObject({ color: 'red', token: 'sealed(theirs)' });
    expect(finding, 'what was read stays at the door').not.toHaveProperty('seen');
  });

  it('are kept again when what was taken over is to change once more', async () => {
    const { vendor, id } = standing();
    const known: OwnedResource = {
      key: thing().key,
      vendor: 'egain',
      resource: 'thing',
      connection: 'egain-main',
      externalId: id,
      ownership: 'adopted',
    };
    const finding = await found(vendor, losing(vendor), [known]);
    expect(finding).toMatchObject({ action: 'update', former: { token: 'sealed(theirs)' } });
  });

  it('are a conflict of the look where the vendor does not show them', async () => {
    const { vendor, id } = standing();
    expect(await found(vendor, losing(vendor, true))).toMatchObject({
      status: 'foreign',
      action: 'conflict',
      externalId: id,
      reason: `stands already (id ${id}) and cannot be taken over: its token is not shown`,
    });
  });

  it('come back with the former state', async () => {
    const { vendor, id } = standing();
    const resource = losing(vendor);
    const looked = await found(vendor, resource);
    const ctx = new FakeContext(vendor);
    const input = { node: adopting(), knowledge: { ...NOTHING, looked }, first: true };
    const made = await ensure(resource, vendor, ctx, input);
    expect(made).toMatchObject({ ownership: 'adopted', former: { token: 'sealed(theirs)' } });
    expect(vendor.objects.get(id)?.body).toMatchObject({ color: 'blue', token: null });
    const undo = { node: adopting(), knowledge: { ...NOTHING, made, looked }, goal: 'undo' as const };
    expect(await remove(resource, vendor, new FakeContext(vendor), undo)).toMatchObject({ outcome: 'restored' });
    expect(vendor.objects.get(id)?.body).toMatchObject(THEIRS satisfies JsonObject);
  });

  it('keep an object from being written that the look has not seen', async () => {
    const { vendor, id } = standing();
    const looked: LookFinding = {
      key: thing().key,
      status: 'missing',
      externalId: null,
      before: [],
      action: 'create',
      reason: '',
    };
    const input = { node: adopting(), knowledge: { ...NOTHING, looked }, first: false };
    await expect(ensure(losing(vendor), vendor, new FakeContext(vendor), input)).rejects.toMatchObject({
      fault: { code: 'CONFLICT', externalId: id, retryable: false },
    });
    expect(vendor.objects.get(id)?.body).toMatchObject(THEIRS);
  });
});
