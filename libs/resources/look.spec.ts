import { describe, expect, it } from 'vitest';
import type { LookFinding, LookInput, LookResult, ResolvedNode } from '#libs/contracts/index.js';
import type { Resource } from './contract.js';
import { FakeVendor, fakeResource, thing } from './fake-vendor.fixture.js';
import { look } from './look.js';

async function found(vendor: FakeVendor, resource: Resource<FakeVendor>): Promise<LookFinding | undefined> {
  const input: LookInput = { vendor: 'egain', connection: 'egain-main', nodes: [thing()], known: [], texts: [] };
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

const HOLDER = 'acme.support.holder';
const PART = 'acme.support.part';

function holder(adopt: boolean): ResolvedNode {
  return thing({ name: HOLDER }, { key: 'egain.holder', adopt });
}

/** Refers to its holder, which it is listed under. */
function part(adopt: boolean): ResolvedNode {
  const body = { name: PART, holder: { $ref: 'egain.holder.id' } };
  return thing(body, { key: 'egain.part', resource: 'part', needs: ['egain.holder'], adopt });
}

async function lookAt(nodes: ResolvedNode[], standing: { name: string; color?: string }[]): Promise<LookResult> {
  const vendor = new FakeVendor(true);
  for (const body of standing) vendor.put(body);
  const things = fakeResource(vendor);
  const parts: typeof things = {
    ...fakeResource(vendor, { marked: false }),
    name: 'part',
    scope: ({ holder: id }) => (typeof id === 'string' ? id : null),
  };
  const input = { vendor: 'egain' as const, connection: 'egain-main', nodes, known: [], texts: [] };
  return look((name) => (name === 'part' ? parts : things), vendor, input, {});
}

describe('a look at what is taken over', () => {
  const standing = [{ name: HOLDER }, { name: PART, color: 'red' }];

  it('sees what stands in an object that is taken over, and keeps how it was', async () => {
    const { findings } = await lookAt([holder(true), part(true)], standing);
    expect(findings).toMatchObject([
      { key: 'egain.holder', action: 'adopt' },
      { key: 'egain.part', action: 'adopt', former: { color: 'red' } },
    ]);
  });

  it('sees that what stands in an object that is taken over is not to be taken over itself', async () => {
    const { findings } = await lookAt([holder(true), part(false)], standing);
    expect(findings).toMatchObject([{ action: 'adopt' }, { action: 'conflict' }]);
  });

  it('finds nothing in an object that does not stand', async () => {
    const { findings } = await lookAt([holder(false), part(false)], []);
    expect(findings).toMatchObject([{ action: 'create' }, { action: 'create' }]);
  });
});

describe('a look at a scope that takes so many objects', () => {
  const room = async (standing: number, wanted: string[], most = 5): Promise<LookFinding[]> => {
    const vendor = new FakeVendor(true);
    for (let n = 1; n <= standing; n++) vendor.put({ name: `old ${String(n)}` });
    const limited: Resource<FakeVendor> = { ...fakeResource(vendor), limit: { most, of: 'things per box' } };
    const nodes = wanted.map((name) => thing({ name }, { key: `egain.${name}` }));
    return (
      await look(() => limited, vendor, { vendor: 'egain', connection: 'egain-main', nodes, known: [], texts: [] }, {})
    ).findings;
  };

  it('lets make as many as there is room for', async () => {
    expect((await room(3, ['a', 'b'])).map(({ action }) => action)).toEqual(['create', 'create']);
  });

  it('says before anything is made that one finds no room, with the limit and how many stand', async () => {
    const findings = await room(4, ['a', 'b']);
    expect(findings.map(({ action }) => action)).toEqual(['create', 'conflict']);
    expect(findings[1]?.reason).toBe(
      'the limit is 5 things per box, and 4 stand there already, so there is no place for 2 more; remove some there, or from the specification',
    );
  });

  it('counts nothing twice that stands already', async () => {
    const vendor = new FakeVendor(true);
    const resource: Resource<FakeVendor> = { ...fakeResource(vendor), limit: { most: 1, of: 'things per box' } };
    vendor.put(thing().body);
    expect(await found(vendor, resource)).toMatchObject({ status: 'ours', action: 'unchanged' });
  });
});
