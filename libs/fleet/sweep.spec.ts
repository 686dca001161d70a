import { describe, expect, it } from 'vitest';
import { VendorError, vendorFault, type Marker } from '#libs/contracts/index.js';
import type { Resource, SeenObject } from '#libs/resources/index.js';
import { lookAtOrphans, removeOrphans, type SweepDeps } from './sweep.js';

const ACCOUNT = { tenant: 'acme', account: 'gone' };
const MARKER: Marker = { installation: 'test1', account: ACCOUNT, node: 'node' };

/** A kind whose objects all belong to an account that is not there. */
class World {
  readonly objects = new Map<string, SeenObject>();
  readonly removed: string[] = [];
  /** Ids that the vendor fails to show, from so many readings on. */
  readonly failing = new Map<string, number>();
  readonly reads: string[] = [];
  referrers: { resource: string; name: string; externalId: string }[] = [];

  constructor(ids: readonly string[], marker: Marker = MARKER) {
    for (const id of ids) this.objects.set(id, { id, key: id, marker, age: id, body: {} });
  }

  get deps(): SweepDeps<unknown> {
    const resource = {
      ...{ vendor: 'egain', name: 'kind' },
      get: (_client: unknown, id: string) => {
        this.reads.push(id);
        const from = this.failing.get(id) ?? Infinity;
        if (this.reads.filter((each) => each === id).length > from) return Promise.reject(unavailable());
        return Promise.resolve(this.objects.get(id) ?? null);
      },
      referrers: () => Promise.resolve(this.referrers),
      remove: (_client: unknown, id: string) => {
        this.removed.push(id);
        this.objects.delete(id);
        return Promise.resolve();
      },
    } as unknown as Resource<unknown>;
    const timing = { initialIntervalMs: 1, maximumIntervalMs: 1, giveUpAfterMs: 0, settleMs: [1, 2] };
    const signal = new AbortController().signal;
    return {
      ...{ resources: [resource], client: {}, installation: 'test1' },
      timing: timing as unknown as SweepDeps<unknown>['timing'],
      pace: { signal, timing, sleep: () => Promise.resolve(), now: () => 0 },
    };
  }

  input(...ids: string[]) {
    return { account: ACCOUNT, targets: ids.map((externalId) => ({ resource: 'kind', key: 'node', externalId })) };
  }
}

function unavailable(): VendorError {
  const facts = { code: 'VENDOR_UNAVAILABLE', vendor: 'egain', resource: 'kind', operation: 'get' } as const;
  return new VendorError(vendorFault({ ...facts, message: 'eGain does not answer.' }));
}

describe('a sweep', () => {
  it('removes what carries the marker and nothing refers to, and proves that it is gone', async () => {
    const world = new World(['a', 'b']);
    expect(await removeOrphans(world.deps, world.input('a', 'b'))).toMatchObject([
      { externalId: 'a', removed: true, reason: null },
      { externalId: 'b', removed: true, reason: null },
    ]);
    expect(world.removed).toEqual(['a', 'b']);
  });

  it.each([
    { reason: 'another account', marker: { ...MARKER, account: { tenant: 'acme', account: 'live' } } },
    { reason: 'another tenant', marker: { ...MARKER, account: { tenant: 'globex', account: 'gone' } } },
    { reason: 'another installation', marker: { ...MARKER, installation: 'test2' } },
    { reason: 'another node', marker: { ...MARKER, node: 'other' } },
  ])('leaves what carries the marker of $reason by now', async ({ marker }) => {
    const world = new World(['a'], marker);
    expect(await removeOrphans(world.deps, world.input('a'))).toMatchObject([{ removed: false }]);
    expect(world.removed).toEqual([]);
  });

  it('leaves what something refers to', async () => {
    const world = new World(['a']);
    world.referrers = [{ resource: 'role', name: 'r', externalId: 'x' }];
    expect(await removeOrphans(world.deps, world.input('a'))).toMatchObject([{ removed: false }]);
    expect(world.removed).toEqual([]);
  });

  it('leaves what the vendor does not show, asks for nothing more, and tells what was removed before', async () => {
    const world = new World(['a', 'b', 'c']);
    world.failing.set('b', 0);
    expect(await removeOrphans(world.deps, world.input('a', 'b', 'c'))).toMatchObject([
      { externalId: 'a', removed: true },
      { externalId: 'b', removed: false, reason: 'it could not be read: eGain does not answer.' },
      { externalId: 'c', removed: false, reason: 'it could not be read: eGain does not answer.' },
    ]);
    expect([world.removed, world.reads]).toEqual([['a'], ['a', 'a', 'b']]);
  });

  it('does not call removed what cannot be read after its removal', async () => {
    const world = new World(['a']);
    world.failing.set('a', 1);
    const reason = expect.stringContaining('could not be proved') as string;
    expect(await removeOrphans(world.deps, world.input('a'))).toMatchObject([{ removed: false, reason }]);
  });

  it('looks first without writing: what the vendor does not show is spared', async () => {
    const world = new World(['a', 'b']);
    world.failing.set('b', 0);
    const { outcomes } = await lookAtOrphans(world.deps, world.input('a', 'b'));
    expect(outcomes).toMatchObject([{ externalId: 'b', removed: false }]);
    expect(world.removed).toEqual([]);
  });
});
