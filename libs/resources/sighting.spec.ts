import { describe, expect, it } from 'vitest';
import { parseMarker } from '#libs/contracts/index.js';
import type { SeenObject } from './contract.js';
import { FakeVendor, fakeResource, thing } from './fake-vendor.fixture.js';
import { classify } from './sighting.js';

const NAME = 'acme.support.thing';

function seen(id: string, description?: string): SeenObject {
  const body = { name: NAME, color: 'blue', ...(description === undefined ? {} : { description }) };
  return { id, key: NAME, marker: parseMarker(description), age: id, body };
}

function adopting(uniqueKey: boolean, list: SeenObject[]): ReturnType<typeof classify> {
  const vendor = new FakeVendor(uniqueKey);
  return classify(fakeResource(vendor), { ...thing(), adopt: true }, list, { known: null, looked: null });
}

describe('what may be taken over', () => {
  it.each([
    { description: undefined, reason: 'it belongs to nobody that we know' },
    { description: 'made by hand, see gw docs', reason: 'words are no marker' },
    { description: 'https://wiki.example/gw:1', reason: 'an address is no marker' },
  ])('is an object of the name without a marker: $reason', ({ description }) => {
    expect(adopting(true, [seen('a', description)])).toMatchObject({ status: 'adoptable', seen: { id: 'a' } });
  });

  it.each([
    { description: 'gw:test:globex.support:egain.thing', reason: 'another tenant made it', named: [] },
    {
      description: 'gw:test:acme.sales:egain.thing',
      reason: 'another account of the same tenant made it',
      named: ['a'],
    },
    { description: 'gw:other:acme.support:egain.thing', reason: 'another installation made it', named: [] },
    {
      description: 'Support [gw:test:globex.support:egain.thi',
      reason: 'the vendor has cut the marker off',
      named: [],
    },
    { description: 'gw:test:globex', reason: 'of its account only a part is left', named: [] },
    { description: 'gw:test:globex.support:%E0%A4%A', reason: 'its node cannot be decoded', named: [] },
  ])('is never what carries a marker: $reason', ({ description, named }) => {
    const sighting = adopting(true, [seen('a', description)]);
    expect(sighting).toMatchObject({ status: 'foreign', ids: named });
    expect(JSON.stringify(sighting)).not.toContain('adopt it');
    expect(adopting(false, [seen('a', description)]), 'a second one of the name is made').toEqual({
      status: 'missing',
    });
  });

  it('is the one without a marker among several of the name, and none where several have none', () => {
    const marked = seen('a', 'gw:test:globex.support:egain.thing');
    expect(adopting(false, [marked, seen('b')])).toMatchObject({ status: 'adoptable', seen: { id: 'b' } });
    expect(adopting(false, [seen('a'), seen('b')])).toMatchObject({ status: 'ambiguous', ids: ['a', 'b'] });
  });
});
