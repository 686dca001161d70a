import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { traceOf, type SeenObject } from '#libs/resources/index.js';
import { Join } from './join.js';

const RESOURCE = { name: 'thing', projection: (body: JsonObject): JsonObject => body };
const MARKS = (text: string): Buffer => Buffer.from(text, 'base64url');

type Plant = 'none' | 'changed' | 'missing' | 'troubled' | 'orphan' | 'foreign' | 'duplicate';
const PLANTS: Plant[] = [
  'none',
  'none',
  'none',
  'none',
  'changed',
  'missing',
  'troubled',
  'orphan',
  'foreign',
  'duplicate',
];

interface World {
  objects: SeenObject[];
  plants: Plant[];
}

function object(id: string, owner: number, value: number, installation = 'test'): SeenObject {
  const account = { tenant: 'acme', account: `a${String(owner)}` };
  return { id, key: id, marker: { installation, account, node: 'n' }, age: id, body: { value } };
}

function worldOf(plants: Plant[]): World {
  const objects = plants.flatMap((plant, owner): SeenObject[] => {
    const own = object(`o${String(owner)}`, owner, 1);
    switch (plant) {
      case 'missing':
        return [];
      case 'changed':
        return [{ ...own, body: { value: 2 } }];
      case 'troubled':
        return [{ ...own, trouble: 'it is FAILING' }];
      case 'duplicate':
        return [own, object(`d${String(owner)}`, owner, 1)];
      case 'foreign':
        return [object(`f${String(owner)}`, owner, 1, 'staging')];
      default:
        return [own];
    }
  });
  return { objects, plants };
}

/** Reads a list in pages while objects before the cursor go and come, so that it hides some and shows others twice. */
function* shifting({ objects }: World, size: number, shifts: number[]): Generator<SeenObject[]> {
  let list = [...objects];
  for (let at = 0; at < list.length; at += size) {
    yield list.slice(at, at + size);
    const shift = shifts.shift() ?? 0;
    if (shift > 0) list = list.slice(Math.min(shift, at));
    if (shift < 0)
      list = [...Array.from({ length: -shift }, (_, n) => foreigner(`x${String(at)}-${String(n)}`)), ...list];
  }
}

function foreigner(id: string): SeenObject {
  return { id, key: id, marker: undefined, age: id, body: {} };
}

it('finds what was planted and nothing else, over lists that shift while they are read', () => {
  let hidden = 0;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PLANTS), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 20 }),
      (plants, size, shifts) => {
        const world = worldOf(plants);
        const join = new Join('test');
        const recorded = (plant: Plant): boolean => plant !== 'orphan' && plant !== 'foreign';
        for (const [owner, plant] of plants.entries()) {
          const trace = recorded(plant) ? traceOf(RESOURCE, `o${String(owner)}`, { value: 1 }) : undefined;
          if (trace) join.table.add(MARKS(trace.mark), owner);
        }
        const listed = new Map<string, SeenObject>();
        const asked = new Set<number>();
        for (const page of shifting(world, size, [...shifts])) {
          for (const seen of page) {
            listed.set(seen.id, seen);
            for (const owner of join.see(RESOURCE, seen).ask) asked.add(owner);
          }
        }
        // What a GET says clears what a shift has hidden.
        const stands = new Map(world.objects.map((seen) => [seen.id, seen]));
        const unseen = [...join.table.ownersOfUnseen()];
        const missing = unseen.filter((owner) => !stands.has(`o${String(owner)}`));
        hidden += unseen.length - missing.length;
        const of = (...kinds: Plant[]): number[] =>
          plants.flatMap((plant, owner) => (kinds.includes(plant) ? [owner] : []));
        expect(missing, 'each that is missing, and no other').toEqual(expect.arrayContaining(of('missing')));
        expect(missing).toHaveLength(of('missing').length);
        const differing = of('changed', 'troubled').filter((owner) => listed.has(`o${String(owner)}`));
        expect(
          [...asked].sort((a, b) => a - b),
          'each that differs and was shown',
        ).toEqual(differing);
        const expected = world.objects.filter(
          ({ id, marker }) =>
            listed.has(id) &&
            marker?.installation === 'test' &&
            (id.startsWith('d') || plants[Number(id.slice(1))] === 'orphan'),
        );
        expect(new Set(join.unclaimed.map(({ id }) => id)), 'none of another installation').toEqual(
          new Set(expected.map(({ id }) => id)),
        );
      },
    ),
    { numRuns: 2_000 },
  );
  expect(hidden, 'lists that have hidden something').toBeGreaterThan(100);
});

it('believes no fingerprint where the vendor says that something does not work', () => {
  const join = new Join('test');
  join.table.add(MARKS(traceOf(RESOURCE, 'o1', { value: 1 })?.mark ?? ''), 0);
  expect(join.see(RESOURCE, { ...object('o1', 0, 1), trouble: 'it is FAILING' }).ask).toEqual([0]);
});
