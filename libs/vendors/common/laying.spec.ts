import { describe, it } from 'vitest';
import { check, type Case } from './laying.fixture.js';

const a = { name: 'a' };
const b = { name: 'b' };
const c = { name: 'c' };

describe('an object of ours', () => {
  const scalars: Case[] = [
    { reason: 'wanted and standing', wanted: { x: 1 }, read: { x: 1 }, stands: { x: 1 }, differs: [] },
    { reason: 'wanted, another stands', wanted: { x: 1 }, read: { x: 2 }, stands: { x: 1 }, differs: [['x', 1, 2]] },
    { reason: 'wanted, nothing stands', wanted: { x: 1 }, read: {}, stands: { x: 1 }, differs: [['x', 1, null]] },
    { reason: 'nobody names what stands', previous: {}, wanted: {}, read: { x: 1 }, stands: { x: 1 }, differs: [] },
    { reason: 'the earlier body is not known', wanted: {}, read: { x: 1 }, stands: { x: 1 }, differs: [] },
    {
      reason: 'dropped, ours stands',
      previous: { x: 1 },
      wanted: {},
      read: { x: 1 },
      stands: {},
      differs: [['x', null, 1]],
    },
    {
      reason: 'dropped, somebody has set another since',
      previous: { x: 1 },
      wanted: {},
      read: { x: 2 },
      stands: {},
      differs: [['x', null, 2]],
    },
    { reason: 'dropped, nothing stands', previous: { x: 1 }, wanted: {}, read: {}, stands: {}, differs: [] },
    {
      reason: 'dropped, another than the documented default stands',
      previous: { active: false },
      wanted: {},
      read: { active: false },
      stands: {},
      differs: [['active', true, false]],
    },
    {
      reason: 'dropped, the documented default stands',
      previous: { active: false },
      wanted: {},
      read: { active: true },
      stands: {},
      differs: [],
    },
    {
      reason: 'named before and now, somebody has set another since',
      previous: { x: 1 },
      wanted: { x: 2 },
      read: { x: 3 },
      stands: { x: 2 },
      differs: [['x', 2, 3]],
    },
  ];
  const objects: Case[] = [
    {
      reason: 'one field dropped, one kept, one of somebody else',
      previous: { object: { a: 1, b: 2 } },
      wanted: { object: { a: 1 } },
      read: { object: { a: 1, b: 2, theirs: 3 } },
      stands: { object: { a: 1, theirs: 3 } },
      differs: [['object.b', null, 2]],
    },
    {
      reason: 'dropped, with a field of somebody else in it',
      previous: { object: { a: 1 } },
      wanted: {},
      read: { object: { a: 1, theirs: 3 } },
      stands: { object: { theirs: 3 } },
      differs: [['object.a', null, 1]],
    },
    {
      reason: 'dropped, with a documented default that the vendor filled in',
      previous: { object: { a: 1 } },
      wanted: {},
      read: { object: { a: 1, c: false } },
      stands: {},
      differs: [['object.a', null, 1]],
    },
    {
      reason: 'dropped where the vendor takes it only complete',
      previous: { login: { user: 'u', secret: 's' } },
      wanted: {},
      read: { login: { user: 'u', secret: '***', theirs: 1 } },
      stands: {},
      differs: [
        ['login.user', null, 'u'],
        ['login.theirs', null, 1],
      ],
    },
    {
      reason: 'of somebody else',
      previous: {},
      wanted: {},
      read: { object: { theirs: 3 } },
      stands: { object: { theirs: 3 } },
      differs: [],
    },
    {
      reason: 'a reference that is wanted no more',
      previous: { object: { id: { $ref: 'egain.account.x.id' } } },
      wanted: {},
      read: { object: { id: '1' } },
      stands: {},
      differs: [['object.id', null, '1']],
    },
  ];
  const sets: Case[] = [
    {
      reason: 'an item dropped, one wanted, one new; each in its place, with the fields that nobody names',
      previous: { items: [a, b] },
      wanted: { items: [c, b] },
      read: { items: [{ ...b, theirs: 1 }, a] },
      stands: { items: [c, { ...b, theirs: 1 }] },
      differs: [
        ['items[0]', c, null],
        ['items[2]', null, a],
      ],
    },
    {
      reason: 'an item of somebody else: the array is one value',
      previous: { items: [a] },
      wanted: { items: [a] },
      read: { items: [a, c] },
      stands: { items: [a] },
      differs: [['items[1]', null, c]],
    },
    {
      reason: 'a field of an item dropped',
      previous: { items: [{ ...a, x: 1 }] },
      wanted: { items: [a] },
      read: { items: [{ ...a, x: 1, theirs: 2 }] },
      stands: { items: [{ ...a, theirs: 2 }] },
      differs: [['items[0].x', null, 1]],
    },
    {
      reason: 'the set dropped',
      previous: { items: [a] },
      wanted: {},
      read: { items: [a, c] },
      stands: {},
      differs: [
        ['items[0]', null, a],
        ['items[1]', null, c],
      ],
    },
    {
      reason: 'a set that nobody names',
      previous: {},
      wanted: {},
      read: { items: [c] },
      stands: { items: [c] },
      differs: [],
    },
    {
      reason: 'plain values are one value without an order',
      previous: { tags: ['x'] },
      wanted: { tags: ['y', 'x'] },
      read: { tags: ['x', 'theirs'] },
      stands: { tags: ['y', 'x'] },
      differs: [['tags', ['y', 'x'], ['x', 'theirs']]],
    },
    {
      reason: 'plain values dropped',
      previous: { tags: ['x'] },
      wanted: {},
      read: { tags: ['x'] },
      stands: {},
      differs: [['tags', [], ['x']]],
    },
    {
      reason: 'a list is one value with an order',
      previous: { list: [1, 2] },
      wanted: { list: [2, 1] },
      read: { list: [1, 2] },
      stands: { list: [2, 1] },
      differs: [
        ['list[0]', 2, 1],
        ['list[1]', 1, 2],
      ],
    },
    {
      reason: 'a list dropped',
      previous: { list: [1] },
      wanted: {},
      read: { list: [1] },
      stands: {},
      differs: [['list', [], [1]]],
    },
  ];
  const secrets: Case[] = [
    {
      reason: 'a wanted secret is written',
      wanted: { password: 'p' },
      read: { password: '***' },
      stands: { password: 'p' },
      differs: [],
    },
    {
      reason: 'a dropped secret is left out and not compared',
      previous: { password: 'p' },
      wanted: {},
      read: { password: 'p' },
      stands: {},
      differs: [],
    },
    {
      reason: 'a secret that nobody names stays',
      previous: {},
      wanted: {},
      read: { password: 'p' },
      stands: { password: 'p' },
      differs: [],
    },
    {
      reason: 'secrets of items are those that are wanted',
      previous: { items: [{ ...a, token: '1' }] },
      wanted: { items: [{ ...a, token: '2' }] },
      read: { items: [{ ...a, token: '***' }] },
      stands: { items: [{ ...a, token: '2' }] },
      differs: [],
    },
  ];

  it.each(scalars)('a field: $reason', (each) => check('own', each));
  it.each(objects)('an object: $reason', (each) => check('own', each));
  it.each(sets)('an array: $reason', (each) => check('own', each));
  it.each(secrets)('a secret: $reason', (each) => check('own', each));

  it('a former body is of no meaning', () => {
    check('own', {
      reason: '',
      previous: { x: 1 },
      wanted: {},
      former: { x: 0 },
      read: { x: 1 },
      stands: {},
      differs: [['x', null, 1]],
    });
  });
});
