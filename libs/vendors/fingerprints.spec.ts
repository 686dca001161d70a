import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, parseMarker, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { expandTexts, fillRefs } from '#libs/planning/index.js';
import type { Resource, SeenObject } from '#libs/resources/contract.js';
import { fingerprint } from '#libs/resources/index.js';
import { fullEgainSpec, livepersonSpec, planOf } from '#test/factories/index.js';
import { VENDOR_MODULES } from './registry.js';
import { withoutFields } from './common/index.js';

/** One node of a plan as its resource is asked for it. */
interface Wanted {
  name: string;
  resource: Resource<unknown>;
  body: JsonObject;
}

const WANTED: Wanted[] = [planOf(fullEgainSpec()), planOf(livepersonSpec())].flatMap((plan) =>
  plan.nodes.flatMap((node): Wanted[] => {
    const resource = VENDOR_MODULES.find(({ vendor }) => vendor === node.vendor)?.resources.find(
      ({ name }) => name === node.resource,
    );
    if (!resource?.projection) return [];
    const outputs = Object.fromEntries(plan.nodes.map(({ key }) => [key, { id: `id-of-${key}` }]));
    return [{ name: node.key, resource, body: fillRefs(expandTexts(node.body, plan.texts), outputs) }];
  }),
);

/** What a vendor shows of a body: without its secrets. */
function seenAs(resource: Resource<unknown>, body: JsonObject): SeenObject {
  return {
    id: 'x',
    key: resource.key(body),
    marker: parseMarker(''),
    age: '1',
    body: withoutFields(body, resource.secrets),
  };
}

/** Numbers from 0 to 1 by a seed; every other seed mostly brings such that change nothing. */
function rolls(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    const roll = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    return seed % 2 === 0 ? roll : Math.sqrt(Math.sqrt(roll));
  };
}

/** A body in which somebody has changed something: set, taken away, emptied, doubled, turned round. */
function tampered(value: JsonValue, chance: () => number): JsonValue {
  const roll = chance();
  if (roll < 0.04) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => tampered(item, chance));
    if (roll < 0.2) return items.reverse();
    if (roll < 0.25) return items.slice(1);
    return roll < 0.28 ? [...items, ...items.slice(0, 1)] : items;
  }
  if (isJsonObject(value)) {
    const kept = Object.entries(value).filter(() => chance() > 0.06);
    const extra: [string, JsonValue][] = chance() < 0.05 ? [['somethingElse', 1]] : [];
    return Object.fromEntries([
      ...kept.map(([name, item]): [string, JsonValue] => [name, tampered(item, chance)]),
      ...extra,
    ]);
  }
  if (roll < 0.1)
    return typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${String(value)}x`;
  return typeof value === 'number' && roll < 0.14 ? String(value) : value;
}

describe.each(WANTED)('the fingerprint of $name', ({ resource, body }) => {
  it('is that of what stands as planned, so that a quiet fleet needs no look', () => {
    expect(fingerprint(resource, seenAs(resource, body).body)).toEqual(fingerprint(resource, body));
  });

  it('is never equal where there is a difference', () => {
    let equal = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (seed) => {
        const changed = tampered(body, rolls(seed));
        if (!isJsonObject(changed)) return;
        const seen = seenAs(resource, changed);
        if (!fingerprint(resource, seen.body)?.equals(fingerprint(resource, body) ?? Buffer.of())) return;
        equal++;
        expect(resource.diff({ body, mode: 'own' }, seen)).toEqual([]);
        expect(resource.diff({ body, mode: 'adopted', former: {} }, seen)).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(equal, 'bodies that differ in nothing that counts').toBeGreaterThan(0);
  });
});

it('covers every resource that lists show', () => {
  const listed = VENDOR_MODULES.flatMap(({ resources }) =>
    resources.filter((resource) => resource.projection !== undefined),
  );
  expect(new Set(WANTED.map(({ resource }) => resource))).toEqual(new Set(listed));
});
