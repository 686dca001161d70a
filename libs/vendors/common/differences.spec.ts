import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { differences, type FieldRules } from './differences.js';

const RULES: FieldRules = {
  ignored: ['secret', 'roles[].token'],
  defaults: { active: true, 'policy.days': 180 },
  sets: { roles: 'name', tags: null },
};

describe('fields that are the same', () => {
  const cases: { desired: JsonObject; seen: JsonObject; reason: string }[] = [
    { desired: {}, seen: { other: 1 }, reason: 'what is not desired is not compared' },
    { desired: { active: true }, seen: {}, reason: 'the documented default stands for an absent field' },
    { desired: { policy: { days: 180 } }, seen: { policy: null }, reason: 'an unset object has its defaults' },
    { desired: { note: null }, seen: {}, reason: 'null is absent' },
    { desired: { secret: 'a' }, seen: { secret: 'b' }, reason: 'a secret is not compared' },
    { desired: { days: 30 }, seen: { days: '30' }, reason: 'a 64-bit number may be written as text' },
    { desired: { tags: ['a', 'b'] }, seen: { tags: ['b', 'a'] }, reason: 'values of a set have no order' },
    {
      desired: { roles: [{ name: 'a', token: 'x' }, { name: 'b' }] },
      seen: {
        roles: [
          { name: 'b', more: 1 },
          { name: 'a', token: 'y' },
        ],
      },
      reason: 'items of a set are matched by name, and their further fields are not ours',
    },
    { desired: { list: [] }, seen: {}, reason: 'an absent array is empty' },
  ];
  it.each(cases)('$reason', ({ desired, seen }) => {
    expect(differences(desired, seen, RULES)).toEqual([]);
  });
});

describe('fields that differ', () => {
  const cases: { desired: JsonObject; seen: JsonObject; paths: string[]; reason: string }[] = [
    { desired: { active: false }, seen: {}, paths: ['active'], reason: 'the default is another value' },
    { desired: { days: 1 }, seen: { days: 'one' }, paths: ['days'], reason: 'text that is not that number' },
    { desired: { a: { b: { c: 1 } } }, seen: {}, paths: ['a.b.c'], reason: 'a missing object lacks each field' },
    { desired: { a: 'x' }, seen: { a: { x: 1 } }, paths: ['a'], reason: 'an object where a text should be' },
    { desired: { list: [1, 2] }, seen: { list: [2, 1] }, paths: ['list[0]', 'list[1]'], reason: 'a list has an order' },
    { desired: { list: [1] }, seen: { list: [1, 2] }, paths: ['list'], reason: 'a list of another length' },
    { desired: { tags: ['a'] }, seen: { tags: ['a', 'b'] }, paths: ['tags'], reason: 'a set with one value more' },
    { desired: { roles: [{ name: 'a' }] }, seen: { roles: [{ name: 'b' }] }, paths: ['roles'], reason: 'another item' },
    {
      desired: { roles: [{ name: 'a' }, { name: 'b', url: 'x' }] },
      seen: { roles: [{ name: 'b', url: 'y' }, { name: 'a' }] },
      paths: ['roles[1].url'],
      reason: 'a path names the place in what is desired',
    },
    {
      desired: { channel: { id: { $ref: 'egain.channel.x.id' } } },
      seen: { channel: { id: '1' } },
      paths: ['channel.id'],
      reason: 'a reference that is not filled in matches nothing',
    },
  ];
  it.each(cases)('$reason', ({ desired, seen, paths }) => {
    expect(differences(desired, seen, RULES)).toEqual(paths);
  });
});

it('lets items stand that are not desired where extras are allowed', () => {
  const seen = { roles: [{ name: 'theirs' }, { name: 'ours' }] };
  expect(differences({ roles: [{ name: 'ours' }] }, seen, { ...RULES, extras: ['roles'] })).toEqual([]);
  expect(differences({ roles: [{ name: 'new' }] }, seen, { ...RULES, extras: ['roles'] })).toEqual(['roles']);
});
