import { describe, expect, it } from 'vitest';
import { createSealer, isSealed, openSecrets, SealError, type KeyRing, type SealedFor } from './index.js';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const first: KeyRing = { active: 'k1', hash: 'k1', keys: new Map([['k1', key(1)]]) };
const rotated: KeyRing = { active: 'k2', hash: 'k1', keys: new Map([...first.keys, ['k2', key(2)]]) };

const PLACE = { accountId: 'acme.support', field: '/egain/authentication/basicAuth/password' };

describe('createSealer', () => {
  it.each(['', 'pass word', 'ümläut ✓', 'x'.repeat(10_000)])('opens what it sealed', (text) => {
    const sealer = createSealer(first);
    const sealed = sealer.seal(text, PLACE);
    expect(sealed).toMatch(/^sealed:v2:k1:[\w-]+$/);
    expect(isSealed(sealed)).toBe(true);
    expect(sealer.open(sealed, PLACE)).toBe(text);
  });

  it('never gives the same sealed text twice, so equal secrets do not show', () => {
    const sealer = createSealer(first);
    expect(sealer.seal('a', PLACE)).not.toBe(sealer.seal('a', PLACE));
  });

  it.each<{ reason: string; spoil: (sealed: string) => string; place?: Partial<SealedFor>; message: RegExp }>([
    {
      reason: 'another account',
      spoil: (s) => s,
      place: { accountId: 'acme.sales' },
      message: /does not belong to acme\.sales at \/egain\/authentication/,
    },
    {
      reason: 'another field, to which it would be sent elsewhere',
      spoil: (s) => s,
      place: { field: '/egain/clientApplication/roles/headers/value' },
      message: /does not belong to acme\.support at \/egain\/clientApplication\/roles/,
    },
    {
      reason: 'the version that is bound to less',
      spoil: (s) => s.replace(':v2:', ':v1:'),
      message: /was changed/,
    },
    { reason: 'an unknown version', spoil: (s) => s.replace(':v2:', ':v9:'), message: /not a sealed one/ },
    {
      reason: 'a changed byte',
      spoil: (s) => `${s.slice(0, -2)}${s.endsWith('AA') ? 'BB' : 'AA'}`,
      message: /was changed/,
    },
    { reason: 'a cut text', spoil: (s) => s.slice(0, 30), message: /was changed/ },
    { reason: 'a key that the ring has lost', spoil: (s) => s.replace(':k1:', ':k9:'), message: /no key "k9"/ },
    { reason: 'the id of another key', spoil: (s) => s.replace(':k1:', ':k2:'), message: /was changed/ },
    { reason: 'no sealed value', spoil: () => 'in clear', message: /not a sealed one/ },
  ])('refuses $reason', ({ spoil, place = {}, message }) => {
    const sealed = createSealer(first).seal('canary', PLACE);
    expect(() => createSealer(rotated).open(spoil(sealed), { ...PLACE, ...place })).toThrow(message);
  });

  it('opens after a rotation what was sealed before, and seals under the new key', () => {
    const sealed = createSealer(first).seal('canary', PLACE);
    const after = createSealer(rotated);
    expect(after.open(sealed, PLACE)).toBe('canary');
    expect(after.seal('canary', PLACE)).toMatch(/^sealed:v2:k2:/);
  });

  it('opens what version 1 has sealed for the account: live accounts keep such values', () => {
    const sealed = 'sealed:v1:k1:BQUFBQUFBQUFBQUF8McI4hBwqGKeoO4ivDzsU_qdC2QiPA';
    expect(createSealer(rotated).open(sealed, PLACE)).toBe('canary');
    expect(() => createSealer(rotated).open(sealed, { ...PLACE, accountId: 'acme.sales' })).toThrow(SealError);
  });

  it('hashes alike through a rotation, and otherwise under another hash key', () => {
    const hash = createSealer(first).hmac('pass');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(createSealer(rotated).hmac('pass')).toBe(hash);
    expect(createSealer({ ...rotated, hash: 'k2' }).hmac('pass')).not.toBe(hash);
    expect(createSealer(first).hmac('Pass')).not.toBe(hash);
  });
});

describe('openSecrets', () => {
  const sealer = createSealer(first);
  const inNode = (field: string): string => `/egain/authentication${field}`;
  const deps = {
    sealer,
    accountId: 'acme.support',
    tenant: 'acme',
    env: { GANGWAY_SECRET_A: 'from env' },
    mayName: () => true,
    secretsDir: undefined,
  };

  it('opens sealed values and references at the secret paths and nothing elsewhere', () => {
    const sealed = sealer.seal('clear', PLACE);
    const body = {
      name: sealed,
      basicAuth: { username: 'hub', password: sealed },
      headers: [
        { name: 'a', value: { env: 'GANGWAY_SECRET_A' } },
        { name: 'b', value: 'inline' },
      ],
    };
    expect(openSecrets(body, ['basicAuth.password', 'headers[].value', 'absent.path'], inNode, deps)).toEqual({
      name: sealed,
      basicAuth: { username: 'hub', password: 'clear' },
      headers: [
        { name: 'a', value: 'from env' },
        { name: 'b', value: 'inline' },
      ],
    });
    expect(body.basicAuth.password).toBe(sealed);
  });

  it("does not open another account's value", () => {
    const body = { secret: sealer.seal('clear', { accountId: 'acme.sales', field: inNode('/secret') }) };
    expect(() => openSecrets(body, ['secret'], inNode, deps)).toThrow('does not belong to acme.support');
  });

  it('opens an item of a list wherever it has moved in it, and in no other field', () => {
    const value = sealer.seal('clear', { accountId: 'acme.support', field: inNode('/headers/value') });
    const moved = {
      headers: [
        { name: 'new', value: 'inline' },
        { name: 'a', value },
      ],
    };
    expect(openSecrets(moved, ['headers[].value'], inNode, deps)).toEqual({
      headers: [
        { name: 'new', value: 'inline' },
        { name: 'a', value: 'clear' },
      ],
    });
    expect(() => openSecrets({ token: value }, ['token'], inNode, deps)).toThrow(
      'does not belong to acme.support at /egain/authentication/token',
    );
  });
});
