import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { secretChanges } from './secret-changes.js';

const SECRETS = ['password', 'headers[].value'];
const same = (body: JsonObject): JsonObject => body;

/** Opens every value but `sealed`, of which the key is gone. */
function opening(body: JsonObject): JsonObject {
  if (JSON.stringify(body).includes('lost')) throw new Error('no such key');
  return JSON.parse(JSON.stringify(body).replaceAll('sealed:', '')) as JsonObject;
}

describe('what is told of secrets', () => {
  it.each<{ reason: string; previous: JsonObject; wanted: JsonObject; changes: [string, unknown, unknown][] }>([
    { reason: 'equal ones are none', previous: { password: 'a' }, wanted: { password: 'a' }, changes: [] },
    {
      reason: 'another one is hidden on both sides',
      previous: { password: 'a' },
      wanted: { password: 'b' },
      changes: [['password', '[secret]', '[secret]']],
    },
    {
      reason: 'a new one stands on one side',
      previous: {},
      wanted: { password: 'b' },
      changes: [['password', '[secret]', null]],
    },
    {
      reason: 'a dropped one stands on the other',
      previous: { password: 'a' },
      wanted: {},
      changes: [['password', null, '[secret]']],
    },
    {
      reason: 'only the item that differs is named',
      previous: { headers: [{ value: 'x' }, { value: 'y' }] },
      wanted: { headers: [{ value: 'x' }, { value: 'z' }] },
      changes: [['headers[1].value', '[secret]', '[secret]']],
    },
  ])('$reason', ({ previous, wanted, changes }) => {
    const found = secretChanges(SECRETS, previous, wanted, same);
    expect(found).toEqual(changes.map(([path, expected, seen]) => ({ path, expected, seen })));
    expect(JSON.stringify(found)).not.toMatch(/"[abxyz]"/);
  });

  it('compares what is sealed by what it holds', () => {
    expect(secretChanges(SECRETS, { password: 'sealed:a' }, { password: 'a' }, opening)).toEqual([]);
  });

  it('counts one that cannot be opened any more as another one', () => {
    const found = secretChanges(SECRETS, { password: 'lost' }, { password: 'lost' }, opening);
    expect(found).toEqual([{ path: 'password', expected: '[secret]', seen: '[secret]' }]);
  });
});
