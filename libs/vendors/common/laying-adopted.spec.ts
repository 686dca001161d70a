import { describe, it } from 'vitest';
import { check, type Case } from './laying.fixture.js';

const a = { name: 'a' };
const b = { name: 'b' };
const c = { name: 'c' };

describe('an adopted object', () => {
  const cases: Case[] = [
    {
      reason: 'a dropped field goes back to its former value',
      previous: { x: 1 },
      wanted: {},
      former: { x: 0 },
      read: { x: 1 },
      stands: { x: 0 },
      differs: [['x', 0, 1]],
    },
    {
      reason: 'a dropped field that it did not have goes back to the default',
      previous: { active: false },
      wanted: {},
      former: {},
      read: { active: false },
      stands: {},
      differs: [['active', true, false]],
    },
    {
      reason: 'a dropped field that somebody has taken away comes back with its former value',
      previous: { x: 1 },
      wanted: {},
      former: { x: 0 },
      read: {},
      stands: { x: 0 },
      differs: [['x', 0, null]],
    },
    {
      reason: 'what nobody of us named stays, whatever it was before',
      previous: {},
      wanted: {},
      former: { x: 0 },
      read: { x: 1 },
      stands: { x: 1 },
      differs: [],
    },
    {
      reason: 'inside of an object only what was named goes back',
      previous: { object: { a: 1, b: 1 } },
      wanted: { object: { b: 2 } },
      former: { object: { a: 0, theirs: 0 } },
      read: { object: { a: 1, b: 1, theirs: 5 } },
      stands: { object: { a: 0, b: 2, theirs: 5 } },
      differs: [
        ['object.b', 2, 1],
        ['object.a', 0, 1],
      ],
    },
    {
      reason: 'a dropped object goes back as far as it was named',
      previous: { object: { a: 1 } },
      wanted: {},
      former: { object: { a: 0 } },
      read: { object: { a: 1, theirs: 5 } },
      stands: { object: { a: 0, theirs: 5 } },
      differs: [['object.a', 0, 1]],
    },
    {
      reason: 'an object that the vendor takes only complete goes back as a whole, with the secret that stands',
      previous: { login: { user: 'ours' } },
      wanted: {},
      former: { login: { user: 'theirs', realm: 'r' } },
      read: { login: { user: 'ours', secret: 's' } },
      stands: { login: { user: 'theirs', realm: 'r', secret: 's' } },
      differs: [
        ['login.user', 'theirs', 'ours'],
        ['login.realm', 'r', null],
      ],
    },
    {
      reason: 'items of a set: ours that is dropped goes, theirs goes back, what nobody named stays',
      previous: { items: [{ ...a, x: 1 }, b] },
      wanted: { items: [c] },
      former: { items: [{ ...a, x: 0 }] },
      read: { items: [{ ...a, x: 1 }, b, { name: 'later' }] },
      stands: { items: [c, { ...a, x: 0 }, { name: 'later' }] },
      differs: [
        ['items[0]', c, null],
        ['items[1].x', 0, 1],
        ['items[3]', null, b],
      ],
    },
    {
      reason: 'a dropped set: theirs stays',
      previous: { items: [b] },
      wanted: {},
      former: { items: [a] },
      read: { items: [a, b] },
      stands: { items: [a] },
      differs: [['items[1]', null, b]],
    },
    {
      reason: 'a dropped set that it did not have goes',
      previous: { items: [b] },
      wanted: {},
      former: {},
      read: { items: [b] },
      stands: {},
      differs: [['items[0]', null, b]],
    },
    {
      reason: 'an item of theirs that was named, dropped and taken away meanwhile comes back',
      previous: { pairs: [a] },
      wanted: { pairs: [] },
      former: { pairs: [{ ...a, x: 0 }] },
      read: { pairs: [c] },
      stands: { pairs: [c, { ...a, x: 0 }] },
      differs: [['pairs[1]', { ...a, x: 0 }, null]],
    },
    {
      reason: 'but not where its secret is gone with it',
      previous: { items: [a] },
      wanted: { items: [] },
      former: { items: [a] },
      read: { items: [c] },
      stands: { items: [c] },
      differs: [],
    },
    {
      reason: 'plain values go back as one value',
      previous: { tags: ['x'] },
      wanted: {},
      former: { tags: ['y'] },
      read: { tags: ['x'] },
      stands: { tags: ['y'] },
      differs: [['tags', ['y'], ['x']]],
    },
    {
      reason: 'its secrets stay as they stand, named before or now',
      previous: { password: 'p' },
      wanted: { login: { user: 'u', secret: 'ours' } },
      former: { login: { user: 'u' } },
      read: { password: 'theirs', login: { user: 'u', secret: 'theirs' } },
      stands: { password: 'theirs', login: { user: 'u', secret: 'theirs' } },
      differs: [],
    },
    {
      reason: 'secrets are ours in what it did not have',
      previous: { items: [{ ...b, token: '1' }] },
      wanted: { items: [{ ...b, token: '2' }] },
      former: { items: [{ ...a }] },
      read: {
        items: [
          { ...a, token: 'theirs' },
          { ...b, token: '1' },
        ],
      },
      stands: {
        items: [
          { ...b, token: '2' },
          { ...a, token: 'theirs' },
        ],
      },
      differs: [],
    },
    {
      reason: 'without its former body a dropped field goes back to the default, and what stands is theirs',
      previous: { x: 1 },
      wanted: { items: [{ ...a, token: 'ours' }] },
      read: { x: 1, items: [{ ...a, token: 'theirs' }, b] },
      stands: { items: [{ ...a, token: 'theirs' }, b] },
      differs: [['x', null, 1]],
    },
  ];
  it.each(cases)('$reason', (each) => check('adopted', each));
});

describe('a body that is put back whole', () => {
  it('keeps of what stands the secrets alone', () => {
    check('restore', {
      reason: '',
      wanted: { x: 0, items: [a], login: { user: 'u' } },
      read: { x: 1, y: 1, password: 'p', items: [{ ...a, token: 't', z: 1 }, b], login: { user: 'v', secret: 's' } },
      stands: { x: 0, password: 'p', items: [{ ...a, token: 't' }], login: { user: 'u', secret: 's' } },
      differs: [
        ['x', 0, 1],
        ['items[0].z', null, 1],
        ['items[1]', null, b],
        ['login.user', 'u', 'v'],
        ['y', null, 1],
      ],
    });
  });

  it('replaces everything where it is ours', () => {
    check('replace', {
      reason: '',
      wanted: { x: 0, password: 'new' },
      read: { x: 0, y: 1, password: 'p', login: { user: 'v', secret: 's' } },
      stands: { x: 0, password: 'new' },
      differs: [
        ['y', null, 1],
        ['login.user', null, 'v'],
      ],
    });
  });
});
