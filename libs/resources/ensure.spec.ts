import { describe, expect, it } from 'vitest';
import {
  VendorError,
  type EnsureInput,
  type JsonObject,
  type LookFinding,
  type OwnedResource,
} from '#libs/contracts/index.js';
import type { Desired } from './contract.js';
import { ensure } from './ensure.js';
import { FakeContext, FakeVendor, fakeResource, MARKER, thing, vendorError } from './fake-vendor.fixture.js';
import { FencedError } from './step-context.js';

const MISSING: LookFinding = {
  key: 'egain.thing',
  status: 'missing',
  externalId: null,
  before: [],
  action: 'create',
  reason: 'nothing of this name stands',
};
const POSTING = { phase: 'posting', settled: false, firstFaultAt: null } as const;

function input(change: Partial<EnsureInput> = {}): EnsureInput {
  return { node: thing(), known: null, looked: MISSING, first: true, mayBeInFlightSince: null, ...change };
}

function ours(vendor: FakeVendor): number {
  return [...vendor.objects.values()].filter((seen) => seen.marker !== undefined).length;
}

describe('ensure of a corrected spec', () => {
  const known: OwnedResource = {
    key: 'egain.thing',
    vendor: 'egain',
    resource: 'thing',
    connection: 'egain-main',
    externalId: 'id-1',
    origin: 'created',
  };
  const wrong = { password: 'wrong' };
  const right = { password: 'right' };

  it.each([
    ['writes a corrected secret though nothing that can be read differs', wrong, ['get', 'update']],
    ['leaves alone what was written with the same secret', right, ['get']],
    ['writes secrets when it is not known which were written', {}, ['get', 'update']],
  ])('%s', async (_, before, calls) => {
    const vendor = new FakeVendor(true);
    vendor.put(thing(before).body);
    const resource = { ...fakeResource(vendor), secrets: ['password'] };
    const applied = thing(before).body;
    const change = { node: thing(right), known, first: false, applied };
    const result = await ensure(resource, vendor, new FakeContext(vendor), input(change));
    expect(result).toMatchObject({ externalId: 'id-1', origin: 'created' });
    expect(vendor.calls).toEqual(calls);
  });
});

describe('ensure of an object that differs', () => {
  const LATE_MS = 4_000;
  const RED: LookFinding = { ...MISSING, status: 'ours', externalId: 'id-1', before: ['id-1'], action: 'update' };

  function differing(): { vendor: FakeVendor; change: Partial<EnsureInput> } {
    const vendor = new FakeVendor(true);
    vendor.put(thing({ color: 'red' }).body);
    return { vendor, change: { looked: { ...RED, former: { color: 'red' } } } };
  }

  it('records the intent before the update leaves', async () => {
    const { vendor, change } = differing();
    const ctx = new FakeContext(vendor);
    ctx.fenced = true;
    await expect(ensure(fakeResource(vendor), vendor, ctx, input(change))).rejects.toBeInstanceOf(FencedError);
    expect(vendor.calls).not.toContain('update');
    ctx.fenced = false;
    await ensure(fakeResource(vendor), vendor, ctx, input(change));
    expect(ctx.confirmed[0]).toMatchObject({ writing: true });
  });

  it('says after an unclear update that it may still land, and tells undo so once another attempt has succeeded', async () => {
    const { vendor, change } = differing();
    vendor.unclearUpdates.push(LATE_MS);
    const first = new FakeContext(vendor);
    await expect(ensure(fakeResource(vendor), vendor, first, input(change))).rejects.toBeInstanceOf(VendorError);
    expect(first.details()).toMatchObject({ writing: true });
    const second = new FakeContext(vendor, 2, first.details());
    const result = await ensure(fakeResource(vendor), vendor, second, input(change));
    expect(result.origin).toBe('updated');
    expect(Date.parse(result.inFlightUntil ?? '')).toBeGreaterThan(vendor.clock + LATE_MS);
  });

  it('knows after a clear refusal that nothing can land', async () => {
    const { vendor, change } = differing();
    const resource = fakeResource(vendor);
    resource.update = () => Promise.reject(vendorError('INVALID_REQUEST', { httpStatus: 400 }));
    const ctx = new FakeContext(vendor);
    await expect(ensure(resource, vendor, ctx, input(change))).rejects.toBeInstanceOf(VendorError);
    expect(ctx.details()).toMatchObject({ writing: false });
  });

  const LARGE = thing({ color: 'red', size: 'large' }).body;

  it.each<{ reason: string; before: string[]; applied?: JsonObject; desired: Partial<Desired> }>([
    {
      reason: 'one that the job made loses what the correction dropped, and no more',
      before: [],
      applied: LARGE,
      desired: { mode: 'own', previous: LARGE },
    },
    {
      reason: 'one that the job made loses all that is not wanted when nobody knows what was written',
      before: [],
      applied: {},
      desired: { mode: 'replace' },
    },
    {
      reason: 'one that stood before loses what this job wrote and the correction dropped',
      before: ['id-1'],
      applied: LARGE,
      desired: { mode: 'own', previous: LARGE },
    },
    {
      reason: 'one that stood before keeps what others may have set when nobody knows what was written',
      before: ['id-1'],
      applied: {},
      desired: { mode: 'own' },
    },
    {
      reason: 'nothing is taken back where nothing was written before',
      before: ['id-1'],
      desired: { mode: 'own' },
    },
  ])('$reason', async ({ before, applied, desired }) => {
    const { vendor } = differing();
    const resource = fakeResource(vendor);
    const updates: Desired[] = [];
    resource.update = (_client, _seen, update) => Promise.resolve(void updates.push(update));
    const looked = { ...MISSING, before };
    const change = { looked, first: false, ...(applied ? { applied } : {}) };
    await ensure(resource, vendor, new FakeContext(vendor), input(change));
    expect(updates).toEqual([{ body: thing().body, ...desired }]);
  });

  it('gives an update the secrets of what was written before in clear, as those of what is wanted', async () => {
    const { vendor } = differing();
    const resource = { ...fakeResource(vendor), secrets: ['password'] };
    const updates: Desired[] = [];
    resource.update = (_client, _seen, update) => Promise.resolve(void updates.push(update));
    const applied = thing({ password: 'sealed(old)' }).body;
    const change = { node: thing({ password: 'sealed(new)' }), looked: MISSING, first: false, applied };
    await ensure(resource, vendor, new FakeContext(vendor), input(change));
    expect(updates).toMatchObject([{ body: { password: 'new' }, previous: { password: 'old' } }]);
  });

  it('waits until what a corrected spec no longer wants has landed, and writes over it', async () => {
    const { vendor, change } = differing();
    vendor.unclearUpdates.push(LATE_MS);
    const green = input({ ...change, node: thing({ color: 'green' }) });
    await expect(ensure(fakeResource(vendor), vendor, new FakeContext(vendor), green)).rejects.toBeInstanceOf(
      VendorError,
    );
    const corrected = input({ ...change, first: false, applied: {}, mayBeInFlightSince: '2026-01-01T00:00:00Z' });
    await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), corrected);
    vendor.pass(LATE_MS);
    expect(vendor.objects.get('id-1')?.body).toMatchObject({ color: 'blue' });
  });
});

describe('ensure', () => {
  it('creates on the word of the look, without listing again', async () => {
    const vendor = new FakeVendor(false);
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input());
    expect(result).toMatchObject({ origin: 'created', settle: false, inFlightUntil: null });
    expect(vendor.calls).toEqual(['create']);
  });

  it('records the intent before the create leaves', async () => {
    const vendor = new FakeVendor(false);
    const ctx = new FakeContext(vendor);
    const resource = fakeResource(vendor);
    const create = resource.create.bind(resource);
    resource.create = (client, body) => {
      expect(ctx.confirmed.at(-1)).toMatchObject({ phase: 'posting', settled: false });
      return create(client, body);
    };
    await ensure(resource, vendor, ctx, input());
    expect(ours(vendor)).toBe(1);
  });

  it('creates nothing when another attempt holds the step', async () => {
    const vendor = new FakeVendor(false);
    const ctx = new FakeContext(vendor);
    ctx.fenced = true;
    await expect(ensure(fakeResource(vendor), vendor, ctx, input())).rejects.toBeInstanceOf(FencedError);
    expect(vendor.calls).not.toContain('create');
  });

  it('creates nothing once it is cancelled', async () => {
    const vendor = new FakeVendor(true);
    const ctx = new FakeContext(vendor);
    ctx.cancel();
    await expect(ensure(fakeResource(vendor), vendor, ctx, input())).rejects.toBeInstanceOf(FencedError);
    expect(vendor.calls).not.toContain('create');
  });

  for (const uniqueKey of [true, false]) {
    for (const landsAfterMs of [0, 1_000, 6_000, 20_000]) {
      it(`finds its object when the reply was lost and the effect came ${String(landsAfterMs)} ms later (unique key: ${String(uniqueKey)})`, async () => {
        const vendor = new FakeVendor(uniqueKey);
        vendor.createFaults.push({ kind: 'unclear', landsAfterMs });
        const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input());
        expect(result).toMatchObject({ origin: 'created', settle: true });
        expect(ours(vendor)).toBe(1);
        expect(vendor.calls.filter((call) => call === 'create')).toHaveLength(1);
      });
    }
  }

  it('without a unique key it looks until the call can no longer take effect, and only then lets the next attempt create', async () => {
    const vendor = new FakeVendor(false);
    vendor.createFaults.push({ kind: 'unclear', landsAfterMs: null });
    const ctx = new FakeContext(vendor);
    await expect(ensure(fakeResource(vendor), vendor, ctx, input())).rejects.toMatchObject({
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true },
    });
    expect(vendor.clock - ctx.startedAt).toBe(32_000);
    expect(ctx.details()).toMatchObject({ phase: 'posting', settled: true });
    const next = new FakeContext(vendor, 2, ctx.details());
    await ensure(fakeResource(vendor), vendor, next, input());
    expect(vendor.clock).toBe(next.startedAt);
    expect(ours(vendor)).toBe(1);
  });

  it('waits for a create of a killed attempt and takes its object, without a unique key', async () => {
    const vendor = new FakeVendor(false);
    vendor.createFaults.push({ kind: 'unclear', landsAfterMs: 31_000 });
    expect(() => vendor.create(thing().body)).toThrow();
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor, 2, POSTING), input());
    expect(result.origin).toBe('created');
    expect(ours(vendor)).toBe(1);
  });

  it('looks again when the list it waited for was begun before the create could no longer land', async () => {
    const vendor = new FakeVendor(false);
    vendor.createFaults.push({ kind: 'unclear', landsAfterMs: 31_900 });
    expect(() => vendor.create(thing().body)).toThrow();
    const resource = fakeResource(vendor);
    const slow: typeof resource = {
      ...resource,
      list: async (...call) => {
        const seen = await resource.list(...call);
        vendor.pass(1_500); // what lands from here on is not in it
        return seen;
      },
    };
    await ensure(slow, vendor, new FakeContext(vendor, 2, POSTING), input());
    expect(ours(vendor)).toBe(1);
  });

  it('with a unique key it creates at once after a look, and says until when the lost create may land', async () => {
    const vendor = new FakeVendor(true);
    const ctx = new FakeContext(vendor, 2, POSTING);
    const result = await ensure(fakeResource(vendor), vendor, ctx, input());
    expect(vendor.clock).toBe(ctx.startedAt);
    expect(result.inFlightUntil).toBe(new Date(ctx.startedAt + 32_000).toISOString());
  });

  it('a later scheduling after one that never answered waits too', async () => {
    const vendor = new FakeVendor(false);
    vendor.createFaults.push({ kind: 'unclear', landsAfterMs: 10_000 });
    expect(() => vendor.create(thing().body)).toThrow();
    const since = new Date(vendor.clock).toISOString();
    await ensure(
      fakeResource(vendor),
      vendor,
      new FakeContext(vendor),
      input({ first: false, mayBeInFlightSince: since }),
    );
    expect(ours(vendor)).toBe(1);
  });

  it('takes a refusal for its own object when the object is ours', async () => {
    const vendor = new FakeVendor(true);
    vendor.put(thing().body);
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input());
    expect(result).toMatchObject({ externalId: 'id-1', origin: 'created' });
  });

  it('takes a refusal for a conflict when the object is somebody else’s', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ name: 'acme.support.thing', color: 'red' });
    await expect(ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input())).rejects.toMatchObject({
      fault: { code: 'FOREIGN_RESOURCE', externalId: 'id-1', retryable: false },
    });
    expect(vendor.objects.get('id-1')?.body['color']).toBe('red');
  });

  it('passes a refusal on that is about the request', async () => {
    const vendor = new FakeVendor(true);
    vendor.createFaults.push({ kind: 'refused', status: 400 });
    const ctx = new FakeContext(vendor);
    await expect(ensure(fakeResource(vendor), vendor, ctx, input())).rejects.toMatchObject({
      fault: { code: 'INVALID_REQUEST' },
    });
    expect(ctx.details().settled).toBe(true);
  });

  it('does not read a forbidden list as an empty one', async () => {
    const vendor = new FakeVendor(true);
    vendor.listFault = vendorError('PERMISSION_DENIED', { httpStatus: 403, operation: 'list' });
    await expect(ensure(fakeResource(vendor), vendor, new FakeContext(vendor, 2), input())).rejects.toMatchObject({
      fault: { code: 'PERMISSION_DENIED' },
    });
    expect(vendor.calls).not.toContain('create');
  });

  it('brings what is ours and differs to the plan, and keeps the former body', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ ...thing().body, color: 'red' });
    const looked: LookFinding = { ...MISSING, status: 'ours', externalId: 'id-1', before: ['id-1'], action: 'update' };
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input({ looked }));
    expect(result).toMatchObject({ origin: 'updated', former: { color: 'red' } });
    expect(vendor.objects.get('id-1')?.body['color']).toBe('blue');
  });

  it('changes nothing the second time', async () => {
    const vendor = new FakeVendor(true);
    const first = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input());
    const known: OwnedResource = { ...owned(first.externalId), origin: 'created' };
    vendor.calls.length = 0;
    const again = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor), input({ known, first: false }));
    expect(again).toMatchObject({ externalId: first.externalId, origin: 'created' });
    expect(vendor.calls).toEqual(['get']);
  });

  it('does not change a shared object that carries its marker since a former job', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing({ color: 'red' }).body);
    const looked: LookFinding = { ...MISSING, status: 'shared', externalId: id, before: [id], action: 'shared' };
    const resource = fakeResource(vendor, { shared: true });
    const result = await ensure(resource, vendor, new FakeContext(vendor), input({ looked }));
    expect(result).toMatchObject({ externalId: id, origin: 'shared' });
    expect(vendor.calls).not.toContain('update');
  });

  it('takes a shared object for its own that its unclear create made', async () => {
    const vendor = new FakeVendor(true);
    const { id } = vendor.put(thing().body);
    const ctx = new FakeContext(vendor, 2, POSTING);
    const result = await ensure(fakeResource(vendor, { shared: true }), vendor, ctx, input());
    expect(result).toMatchObject({ externalId: id, origin: 'created' });
  });

  it('uses a shared object as it is', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ name: 'acme.support.thing', color: 'red' });
    const result = await ensure(fakeResource(vendor, { shared: true }), vendor, new FakeContext(vendor, 2), input());
    expect(result.origin).toBe('shared');
    expect(vendor.calls).not.toContain('update');
  });

  it('takes over the one matching object when asked to, and leaves its marker alone', async () => {
    const vendor = new FakeVendor(true);
    vendor.put({ name: 'acme.support.thing', color: 'red', description: 'theirs' });
    const node = thing({}, { adopt: true });
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor, 2), input({ node }));
    expect(result).toMatchObject({ origin: 'adopted', former: { color: 'red' } });
    expect(vendor.objects.get('id-1')?.body).toMatchObject({ color: 'blue', description: 'theirs' });
  });

  it('never guesses between two candidates', async () => {
    const vendor = new FakeVendor(false);
    vendor.put({ name: 'acme.support.thing', color: 'red' });
    vendor.put({ name: 'acme.support.thing', color: 'green' });
    const node = thing({}, { adopt: true });
    await expect(
      ensure(fakeResource(vendor), vendor, new FakeContext(vendor, 2), input({ node })),
    ).rejects.toMatchObject({
      fault: { code: 'AMBIGUOUS', message: expect.stringContaining('id-1, id-2') as string },
    });
  });

  it('keeps the oldest of several of ours and asks for a settle pass', async () => {
    const vendor = new FakeVendor(false);
    vendor.put({ ...thing().body, description: MARKER });
    vendor.put({ ...thing().body, description: MARKER });
    const result = await ensure(fakeResource(vendor), vendor, new FakeContext(vendor, 2), input());
    expect(result).toMatchObject({ externalId: 'id-1', settle: true });
  });
});

function owned(externalId: string): OwnedResource {
  return {
    key: 'egain.thing',
    vendor: 'egain',
    resource: 'thing',
    connection: 'egain-main',
    externalId,
    origin: 'created',
  };
}
