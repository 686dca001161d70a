import { describe, expect, it } from 'vitest';
import type { EnsureResult, LookFinding, OwnedResource, RemoveInput, Stood } from '#libs/contracts/index.js';
import { FakeContext, FakeVendor, fakeResource, issuing, thing } from './fake-vendor.fixture.js';
import { remove } from './remove.js';
import { settle } from './settle.js';
import type { Resource } from './contract.js';
import { FencedError } from './step-context.js';

const LOOKED: LookFinding = {
  key: 'egain.thing',
  status: 'missing',
  externalId: null,
  before: [],
  action: 'create',
  reason: '',
};

function input(change: Partial<RemoveInput> = {}): RemoveInput {
  return { node: thing(), baseline: null, made: null, looked: LOOKED, mayBeInFlightSince: null, ...change };
}

function made(externalId: string, change: Partial<EnsureResult> = {}): EnsureResult {
  return {
    externalId,
    origin: 'created',
    outputs: { id: externalId },
    settle: false,
    inFlightUntil: null,
    message: '',
    ...change,
  };
}

function stood(id: string, change: Partial<Stood> = {}): Stood {
  return { id, origin: 'created', issued: {}, ...change };
}

function owned(externalId: string, origin: OwnedResource['origin']): OwnedResource {
  return { key: 'egain.thing', vendor: 'egain', resource: 'thing', connection: 'egain-main', externalId, origin };
}

describe('remove', () => {
  it('puts back what was taken over though the look did not see it', async () => {
    const vendor = new FakeVendor(true);
    const seen = vendor.put({ name: 'acme.support.thing', color: 'blue' });
    const { id } = seen;
    const former = { name: 'acme.support.thing', color: 'red' };
    for (const looked of [LOOKED, null]) {
      vendor.objects.set(id, seen);
      const change = { made: made(id, { origin: 'adopted', former }), looked };
      const result = await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input(change));
      expect(result.outcome).toBe('restored');
      expect(vendor.objects.get(id)?.body).toMatchObject({ color: 'red' });
    }
  });

  it('puts back what a list no longer shows and what is read by its id all the same', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put({ name: 'acme.support.thing', color: 'blue' });
    const former = { name: 'acme.support.thing', color: 'red' };
    const looked: LookFinding = { ...LOOKED, status: 'foreign', externalId: id, before: [id], action: 'adopt', former };
    const resource = { ...fakeResource(vendor, { marked: false }), list: () => Promise.resolve([]) };
    const adopted = made(id, { origin: 'adopted', former });
    const result = await remove(resource, vendor, new FakeContext(vendor), input({ made: adopted, looked }));
    expect(result.outcome).toBe('restored');
    expect(vendor.objects.get(id)?.body).toMatchObject({ color: 'red' });
  });

  it('puts the former body back only once an update that never answered has landed', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing({ color: 'red' }).body);
    const baseline = owned(id, 'created');
    const former = { name: 'acme.support.thing', color: 'red' };
    const looked: LookFinding = { ...LOOKED, status: 'ours', externalId: id, before: [id], action: 'update', former };
    const lateMs = 4_000;
    vendor.unclearUpdates.push(lateMs);
    const seen = vendor.objects.get(id);
    const resource = fakeResource(vendor);
    if (seen) await expect(resource.update(vendor, seen, { body: { color: 'blue' }, mode: 'own' })).rejects.toThrow();
    const change = { baseline, looked, mayBeInFlightSince: '2026-01-01T00:00:00Z' };
    const result = await remove(resource, vendor, new FakeContext(vendor), input(change));
    expect(result.outcome).toBe('restored');
    vendor.pass(lateMs);
    expect(vendor.objects.get(id)?.body).toMatchObject({ color: 'red' });
  });

  it('deletes what was made and is listed though its read says that it is not there', async () => {
    const vendor = new FakeVendor(false);
    const { id } = vendor.put(thing().body);
    const resource = fakeResource(vendor, { marked: false });
    const lying = { ...resource, alike: () => false, get: () => Promise.resolve(null) };
    await remove(lying, vendor, new FakeContext(vendor), input({ stood: stood(id) }));
    expect(vendor.objects.size).toBe(0);
  });

  it('does not call an object restored that reads otherwise', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing({ color: 'blue' }).body);
    const former = { name: 'acme.support.thing', color: 'red' };
    const looked: LookFinding = { ...LOOKED, status: 'ours', externalId: id, before: [id], action: 'update', former };
    const resource = fakeResource(vendor);
    resource.update = () => Promise.resolve(); // says yes and does nothing
    const change = { baseline: owned(id, 'created'), looked };
    await expect(remove(resource, vendor, new FakeContext(vendor), input(change))).rejects.toMatchObject({
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, externalId: id },
    });
  });

  it('deletes nothing once another attempt holds the step', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    const ctx = new FakeContext(vendor);
    ctx.fenced = true;
    await expect(remove(fakeResource(vendor), vendor, ctx, input({ made: made(id) }))).rejects.toBeInstanceOf(
      FencedError,
    );
    expect(vendor.calls).not.toContain('delete');
  });

  it('removes what the job made, proves it by reading, and is quiet the second time', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    const first = await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input({ made: made(id) }));
    expect(first).toMatchObject({ outcome: 'removed', removed: [id] });
    expect(vendor.calls.at(-1)).toBe('get');
    const second = await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input({ made: made(id) }));
    expect(second.outcome).toBe('absent');
    expect(vendor.objects.size).toBe(0);
  });

  it('finds by marker what a lost reply made', async () => {
    const vendor = new FakeVendor(false);
    vendor.put(thing().body);
    vendor.put({ name: 'acme.support.thing', color: 'blue' });
    const result = await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input());
    expect(result.removed).toEqual(['id-1']);
    expect([...vendor.objects.keys()]).toEqual(['id-2']);
  });

  it('waits until a create in flight has landed, and removes it', async () => {
    const vendor = new FakeVendor(false);
    vendor.createFaults.push({ kind: 'unclear', landsAfterMs: 31_000 });
    expect(() => vendor.create(thing().body)).toThrow();
    const since = new Date(vendor.clock).toISOString();
    const result = await remove(
      fakeResource(vendor),
      vendor,
      new FakeContext(vendor),
      input({ mayBeInFlightSince: since }),
    );
    expect(result.outcome).toBe('removed');
    expect(vendor.objects.size).toBe(0);
  });

  it('waits for the create of a former attempt although a later one succeeded: a unique key does not help here', async () => {
    const vendor = new FakeVendor(true);
    vendor.createFaults.push({ kind: 'unclear', landsAfterMs: 20_000 });
    expect(() => vendor.create(thing().body)).toThrow();
    const { id } = vendor.create(thing().body);
    const inFlightUntil = new Date(vendor.clock + 32_000).toISOString();
    await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input({ made: made(id, { inFlightUntil }) }));
    vendor.pass(60_000);
    expect(vendor.objects.size).toBe(0);
  });

  it('waits once: a later attempt knows that the time has passed', async () => {
    const vendor = new FakeVendor(false);
    const ctx = new FakeContext(vendor, 2, { phase: 'looking', settled: true, firstFaultAt: null });
    const since = new Date(vendor.clock).toISOString();
    await remove(fakeResource(vendor), vendor, ctx, input({ mayBeInFlightSince: since }));
    expect(vendor.clock).toBe(ctx.startedAt);
  });

  it('does not touch what something refers to', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    vendor.referrers.set(id, [{ resource: 'account', externalId: 'a-1', name: 'other' }]);
    await expect(
      remove(fakeResource(vendor), vendor, new FakeContext(vendor), input({ made: made(id) })),
    ).rejects.toMatchObject({
      fault: { code: 'STILL_REFERENCED', externalId: id, message: expect.stringContaining('a-1') as string },
    });
    expect(vendor.objects.has(id)).toBe(true);
  });

  it('keeps a shared object that somebody else uses, and removes it when nobody does', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    vendor.referrers.set(id, [{ resource: 'account', externalId: 'a-1', name: 'other' }]);
    const resource = fakeResource(vendor, { shared: true });
    expect(await remove(resource, vendor, new FakeContext(vendor), input({ made: made(id) }))).toMatchObject({
      outcome: 'kept',
    });
    vendor.referrers.clear();
    expect(await remove(resource, vendor, new FakeContext(vendor), input({ made: made(id) }))).toMatchObject({
      outcome: 'removed',
    });
  });

  it('keeps what the account recorded before, and puts its former body back', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    const looked: LookFinding = {
      ...LOOKED,
      status: 'ours',
      externalId: id,
      before: [id],
      action: 'update',
      former: { color: 'red' },
    };
    const result = await remove(
      fakeResource(vendor),
      vendor,
      new FakeContext(vendor),
      input({ baseline: owned(id, 'created'), made: made(id, { origin: 'updated' }), looked }),
    );
    expect(result.outcome).toBe('restored');
    expect(vendor.objects.get(id)?.body['color']).toBe('red');
  });

  it('puts an adopted object back although the reply of its update was lost, and keeps it', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put({ name: 'acme.support.thing', color: 'blue', description: 'theirs' });
    const former = { name: 'acme.support.thing', color: 'red' };
    const looked: LookFinding = { ...LOOKED, status: 'foreign', externalId: id, before: [id], action: 'adopt', former };
    const result = await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input({ looked }));
    expect(result.outcome).toBe('restored');
    expect(vendor.objects.get(id)?.body).toMatchObject({ color: 'red', description: 'theirs' });
  });

  it('keeps an adopted object whose ensure has answered', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put({ name: 'acme.support.thing', color: 'blue', description: 'theirs' });
    const former = { name: 'acme.support.thing', color: 'red' };
    const looked: LookFinding = { ...LOOKED, status: 'foreign', externalId: id, before: [id], action: 'adopt', former };
    const adopted = made(id, { origin: 'adopted', former });
    const result = await remove(
      fakeResource(vendor),
      vendor,
      new FakeContext(vendor),
      input({ looked, made: adopted }),
    );
    expect(result).toMatchObject({ outcome: 'restored', removed: [] });
    expect(vendor.objects.get(id)?.body['color']).toBe('red');
  });

  it('leaves foreign objects of the same name alone', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ name: 'acme.support.thing', color: 'red' });
    const result = await remove(fakeResource(vendor), vendor, new FakeContext(vendor), input());
    expect(result.outcome).toBe('absent');
    expect(vendor.calls).not.toContain('delete');
  });

  it('without a place for a marker, removes only what the look did not see', async () => {
    const vendor = new FakeVendor(false);
    const theirs = vendor.put({ name: 'acme.support.thing', color: 'red' });
    const mine = vendor.put({ name: 'acme.support.thing', color: 'blue' });
    const resource = fakeResource(vendor, { marked: false });
    const looked = { ...LOOKED, before: [theirs.id] };
    const result = await remove(resource, vendor, new FakeContext(vendor), input({ looked }));
    expect(result.removed).toEqual([mine.id]);
    expect(vendor.objects.has(theirs.id)).toBe(true);
  });
});

describe('what was issued for a removed object', () => {
  const STILL_WORKS = { fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, externalId: 'id-1' } };
  const alive = (): { vendor: FakeVendor; works: Set<string>; resource: Resource<FakeVendor> } => {
    const vendor = new FakeVendor(false);
    vendor.put(thing().body);
    const works = new Set(['secret of id-1']);
    return { vendor, works, resource: issuing(fakeResource(vendor), works) };
  };

  it('is asked about by every attempt until it is refused, though the object is gone since the first', async () => {
    const { vendor, works, resource } = alive();
    let ctx = new FakeContext(vendor);
    await expect(remove(resource, vendor, ctx, input())).rejects.toMatchObject(STILL_WORKS);
    expect(vendor.objects.size).toBe(0);
    ctx = new FakeContext(vendor, 2, ctx.details());
    await expect(remove(resource, vendor, ctx, input())).rejects.toMatchObject(STILL_WORKS);
    works.clear();
    await remove(resource, vendor, new FakeContext(vendor, 3, ctx.details()), input());
  });

  it('leaves the attempt sealed only', async () => {
    const { vendor, resource } = alive();
    const ctx = new FakeContext(vendor);
    await expect(remove(resource, vendor, ctx, input())).rejects.toMatchObject(STILL_WORKS);
    expect(ctx.confirmed.at(-1)?.removing).toEqual([{ id: 'id-1', issued: { secret: 'sealed(secret of id-1)' } }]);
  });

  const issued = { secret: 'sealed(secret of id-1)' };
  it.each<{ from: string; change: Partial<RemoveInput> }>([
    { from: 'the answer of its step', change: { made: made('id-1', { issued }) } },
    { from: 'the failure of its step', change: { stood: stood('id-1', { issued }) } },
    { from: 'a removal that failed', change: { removing: [{ id: 'id-1', issued }] } },
  ])('is asked about when the object was gone before, known from $from', async ({ change }) => {
    const { vendor, works, resource } = alive();
    vendor.objects.clear();
    const undo = (): Promise<unknown> => remove(resource, vendor, new FakeContext(vendor), input(change));
    await expect(undo()).rejects.toMatchObject(STILL_WORKS);
    works.clear();
    await undo();
  });

  it('is nobody’s business for what was taken over, which stays', async () => {
    const { vendor, resource } = alive();
    const change = { stood: stood('id-1', { origin: 'adopted', issued }) };
    const theirs = { ...resource, marked: false, alike: () => false };
    await remove(theirs, vendor, new FakeContext(vendor), input(change));
    expect(vendor.objects.size).toBe(1);
  });

  it('is asked about for a spare object too', async () => {
    const { vendor, works, resource } = alive();
    const keep = vendor.put(thing().body);
    const spare = { node: thing(), recorded: keep.id, looked: LOOKED };
    const ctx = new FakeContext(vendor);
    await expect(settle(resource, vendor, ctx, spare)).rejects.toMatchObject(STILL_WORKS);
    const next = new FakeContext(vendor, 2, ctx.details());
    await expect(settle(resource, vendor, next, spare)).rejects.toMatchObject(STILL_WORKS);
    works.clear();
    await settle(resource, vendor, new FakeContext(vendor, 3, ctx.details()), spare);
    expect([...vendor.objects.keys()]).toEqual([keep.id]);
  });
});

describe('settle', () => {
  it('removes what is ours and not recorded', async () => {
    const vendor = new FakeVendor(false);
    const keep = vendor.put(thing().body);
    const spare = vendor.put(thing().body);
    const result = await settle(fakeResource(vendor), vendor, new FakeContext(vendor), {
      node: thing(),
      recorded: keep.id,
      looked: LOOKED,
    });
    expect(result.removed).toEqual([spare.id]);
    expect([...vendor.objects.keys()]).toEqual([keep.id]);
  });

  it('leaves a spare object that something refers to for a person', async () => {
    const vendor = new FakeVendor(false);
    const keep = vendor.put(thing().body);
    const spare = vendor.put(thing().body);
    vendor.referrers.set(spare.id, [{ resource: 'account', externalId: 'a-1', name: 'x' }]);
    const settled = settle(fakeResource(vendor), vendor, new FakeContext(vendor), {
      node: thing(),
      recorded: keep.id,
      looked: LOOKED,
    });
    await expect(settled).rejects.toMatchObject({ fault: { code: 'AMBIGUOUS', externalId: spare.id } });
    expect(vendor.objects.size).toBe(2);
  });
});
