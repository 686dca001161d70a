import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import type { WriteMode } from '#libs/resources/contract.js';
import { differences } from './differences.js';
import type { FieldRules } from './field-rules.js';

const RULES: FieldRules = {
  secrets: ['password', 'roles[].token', 'login.secret'],
  ignored: ['marker'],
  defaults: { active: true, 'policy.days': 180 },
  sets: { roles: 'name', tags: null },
};

describe('fields that are the same', () => {
  const cases: { desired: JsonObject; seen: JsonObject; reason: string }[] = [
    { desired: {}, seen: { other: 1 }, reason: 'what is not desired is not compared' },
    { desired: { active: true }, seen: {}, reason: 'the documented default stands for an absent field' },
    { desired: { policy: { days: 180 } }, seen: { policy: null }, reason: 'an unset object has its defaults' },
    { desired: { note: null }, seen: {}, reason: 'null is absent' },
    { desired: { password: 'a' }, seen: { password: 'b' }, reason: 'a secret is not compared' },
    { desired: { marker: 'a' }, seen: { marker: 'b' }, reason: 'the place of the marker is not compared' },
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
    expect(differences({ body: desired, mode: 'own' }, seen, RULES)).toEqual([]);
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
    {
      desired: { roles: [{ name: 'a' }] },
      seen: { roles: [{ name: 'b' }] },
      paths: ['roles[0]', 'roles[1]'],
      reason: 'another item of a set: one is missing, and one is to go',
    },
    { desired: { a: { b: 1 } }, seen: { a: 'x' }, paths: ['a'], reason: 'a text where an object should be' },
    { desired: { list: [1] }, seen: { list: 'x' }, paths: ['list'], reason: 'a text where a list should be' },
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
    const found = differences({ body: desired, mode: 'own' }, seen, RULES);
    expect(found.map(({ path }) => path)).toEqual(paths);
  });
});

it('says what is expected and what is seen, the documented default for what is absent', () => {
  const desired = { active: false, policy: { days: 30 }, tags: ['a'], roles: [{ name: 'a' }] };
  const seen = { roles: [{ name: 'b' }] };
  expect(differences({ body: desired, mode: 'own' }, seen, RULES)).toEqual([
    { path: 'active', expected: false, seen: null },
    { path: 'policy.days', expected: 30, seen: null },
    { path: 'tags', expected: ['a'], seen: [] },
    { path: 'roles[0]', expected: { name: 'a' }, seen: null },
    { path: 'roles[1]', expected: null, seen: { name: 'b' } },
  ]);
});

it.each<{ mode: WriteMode; reason: string }>([
  { mode: 'replace', reason: 'goes where the whole is written' },
  { mode: 'restore', reason: 'goes where a former body is put back' },
])('what is not desired $reason', ({ mode }) => {
  const seen = { name: 'x', active: true, policy: { days: 30 }, note: 'theirs', password: 'never shown' };
  expect(differences({ body: { name: 'x' }, mode }, seen, RULES)).toEqual([
    { path: 'policy.days', expected: 180, seen: 30 },
    { path: 'note', expected: null, seen: 'theirs' },
  ]);
});

it('shows no secret, also not inside of an item that comes or goes, or of a value of another kind', () => {
  const desired = { roles: [{ name: 'new', token: 'secret-1' }], login: 'none' };
  const seen = { roles: [{ name: 'old', token: 'secret-2' }], login: { user: 'u', secret: 'secret-3' } };
  const found = differences({ body: desired, mode: 'own' }, seen, RULES);
  expect(found).toHaveLength(3);
  expect(JSON.stringify(found)).not.toContain('secret-');
});

it('lets items of a set stand that nobody wants at an adopted object only', () => {
  const seen = { roles: [{ name: 'theirs' }, { name: 'ours' }] };
  const paths = (body: JsonObject, mode: WriteMode): string[] =>
    differences({ body, mode }, seen, RULES).map(({ path }) => path);
  expect(paths({ roles: [{ name: 'ours' }] }, 'adopted')).toEqual([]);
  expect(paths({ roles: [{ name: 'new' }] }, 'adopted')).toEqual(['roles[0]']);
  expect(paths({ roles: [{ name: 'ours' }] }, 'own')).toEqual(['roles[1]']);
});
