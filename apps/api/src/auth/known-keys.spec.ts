import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ApiKey } from '#libs/config/api-keys.js';
import { KnownKeys } from './known-keys.js';

function key(id: string, change: Partial<ApiKey> = {}): ApiKey {
  const sha256 = createHash('sha256').update(`gwk_${id}`).digest('hex');
  return { id, sha256, tenants: ['acme'], scopes: ['onboardings:read'], ...change };
}

it('finds a key by its text until its end', () => {
  let now = Date.parse('2026-01-01T11:59:59.999Z');
  const ending = key('ending', { notAfter: '2026-01-01T12:00:00Z' });
  const keys = [ending, key('lasting')];
  const known = new KnownKeys(() => keys, { now: () => now });
  expect([known.find('gwk_ending'), known.find('gwk_other')]).toEqual([ending, undefined]);
  expect(known.has(ending)).toBe(true);
  now += 1;
  expect([known.find('gwk_ending'), known.find('gwk_lasting')]).toEqual(['ended', keys[1]]);
  expect(known.has(ending)).toBe(false);
});

it.each([
  { reason: 'a list read again that says the same', next: [key('ci')], has: true },
  { reason: 'a key that is there no more', next: [key('other')], has: false },
  { reason: 'another key of the same id', next: [key('ci', { sha256: 'ab'.repeat(32) })], has: false },
  { reason: 'a scope that was taken away', next: [key('ci', { scopes: [] })], has: false },
  { reason: 'another tenant', next: [key('ci', { tenants: ['globex'] })], has: false },
  { reason: 'an end that has passed', next: [key('ci', { notAfter: '2020-01-01T00:00:00Z' })], has: false },
])('knows of a key that was found: $reason', ({ next, has }) => {
  const first = key('ci');
  let keys = [first];
  const known = new KnownKeys(() => keys);
  expect(known.find('gwk_ci')).toBe(first);
  keys = next;
  expect(known.has(first)).toBe(has);
});

it('tells what came, went and changed when the list is read again, once', () => {
  const told: string[] = [];
  let keys = [key('going'), key('same'), key('narrowed'), key('ending')];
  const known = new KnownKeys(() => keys, { changed: ({ key: { id }, change }) => told.push(`${id} ${change}`) });
  known.find('gwk_same');
  expect(told).toEqual([]);
  keys = [
    key('same'),
    key('narrowed', { scopes: [] }),
    key('ending', { notAfter: '2027-01-01T00:00:00Z' }),
    key('new'),
  ];
  known.find('gwk_same');
  known.find('gwk_same');
  expect(told).toEqual(['going removed', 'narrowed changed', 'ending changed', 'new added']);
});
