import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import type { Desired } from '#libs/resources/contract.js';
import { differences } from './differences.js';
import { RULES } from './laying.fixture.js';
import { layOver } from './laying.js';

describe('any bodies', () => {
  const item = fc.record({ x: fc.nat(2), token: fc.constantFrom('s', 't') }, { requiredKeys: [] });
  const body = fc.record(
    {
      x: fc.nat(2),
      active: fc.boolean(),
      password: fc.constantFrom('p', 'q'),
      object: fc.record({ a: fc.nat(2), b: fc.nat(2), c: fc.boolean() }, { requiredKeys: [], noNullPrototype: true }),
      login: fc.record({ user: fc.constantFrom('u', 'v'), secret: fc.constantFrom('s', 't') }),
      items: fc
        .dictionary(fc.constantFrom('a', 'b', 'c'), item, { noNullPrototype: true })
        .map((items) => Object.entries(items).map(([name, fields]): JsonObject => ({ name, ...fields }))),
      tags: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
      list: fc.array(fc.nat(2), { minLength: 1 }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  const own = (wanted: JsonObject, previous: JsonObject): Desired => ({ body: wanted, mode: 'own', previous });

  it('there and back again is what it was, where nobody else wrote', () => {
    const nonEmpty = body.filter(({ object, items }) => [object, items].every((each) => !isEmpty(each)));
    fc.assert(
      fc.property(nonEmpty, nonEmpty, (first, second) => {
        const there = layOver(own(second, first), first, RULES);
        expect(canonicalJson(there)).toBe(canonicalJson(second));
        expect(canonicalJson(layOver(own(first, second), there, RULES))).toBe(canonicalJson(first));
      }),
    );
  });

  it('what a write would leave shows no difference, and a second write changes nothing', () => {
    const modes = fc.constantFrom('own', 'adopted', 'replace', 'restore');
    fc.assert(
      fc.property(body, body, body, body, modes, (wanted, previous, former, read, mode) => {
        const desired: Desired = { body: wanted, mode, previous, former };
        const stands = layOver(desired, read, RULES);
        expect(differences(desired, stands, RULES)).toEqual([]);
        expect(canonicalJson(layOver(desired, stands, RULES))).toBe(canonicalJson(stands));
      }),
    );
  });

  it('what nobody names stays as it was read', () => {
    fc.assert(
      fc.property(body, body, body, fc.constantFrom('own', 'adopted'), (wanted, previous, read, mode) => {
        const theirs = { theirs: 1, nested: { theirs: [1] } };
        const laid = layOver({ body: wanted, mode, previous }, { ...read, ...theirs }, RULES);
        expect(laid).toMatchObject(theirs);
      }),
    );
  });
});

function isEmpty(value: object | undefined): boolean {
  return value !== undefined && Object.keys(value).length === 0;
}
