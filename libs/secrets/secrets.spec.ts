import { describe, expect, it } from 'vitest';
import { createSealer, isSealed, openSecrets, type KeyRing } from './index.js';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const first: KeyRing = { active: 'k1', hash: 'k1', keys: new Map([['k1', key(1)]]) };
const rotated: KeyRing = { active: 'k2', hash: 'k1', keys: new Map([...first.keys, ['k2', key(2)]]) };

describe('createSealer', () => {
  it.each(['', 'pass word', 'ümläut ✓', 'x'.repeat(10_000)])('opens what it sealed', (text) => {
    const sealer = createSealer(first);
    const sealed = sealer.seal(text, 'acme.support');
    expect(sealed).toMatch(/^sealed:v1:k1:[\w-]+$/);
    expect(isSealed(sealed)).toBe(true);
    expect(sealer.open(sealed, 'acme.support')).toBe(text);
  });

  it('never gives the same sealed text twice, so equal secrets do not show', () => {
    const sealer = createSealer(first);
    expect(sealer.seal('a', 'acme.support')).not.toBe(sealer.seal('a', 'acme.support'));
  });

  it.each<{ reason: string; spoil: (sealed: string) => string; account?: string; message: RegExp }>([
    { reason: 'another account', spoil: (s) => s, account: 'acme.sales', message: /does not belong to acme\.sales/ },
    {
      reason: 'a changed byte',
      spoil: (s) => `${s.slice(0, -2)}${s.endsWith('AA') ? 'BB' : 'AA'}`,
      message: /was changed/,
    },
    { reason: 'a cut text', spoil: (s) => s.slice(0, 30), message: /was changed/ },
    { reason: 'a key that the ring has lost', spoil: (s) => s.replace(':k1:', ':k9:'), message: /no key "k9"/ },
    { reason: 'the id of another key', spoil: (s) => s.replace(':k1:', ':k2:'), message: /was changed/ },
    { reason: 'no sealed value', spoil: () => 'in clear', message: /not a sealed one/ },
  ])('refuses $reason', ({ spoil, account = 'acme.support', message }) => {
    const sealed = createSealer(first).seal('canary', 'acme.support');
    expect(() => createSealer(rotated).open(spoil(sealed), account)).toThrow(message);
  });

  it('opens after a rotation what was sealed before, and seals under the new key', () => {
    const sealed = createSealer(first).seal('canary', 'acme.support');
    const after = createSealer(rotated);
    expect(after.open(sealed, 'acme.support')).toBe('canary');
    expect(after.seal('canary', 'acme.support')).toMatch(/^sealed:v1:k2:/);
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
  const deps = {
    sealer,
    accountId: 'acme.support',
    tenant: 'acme',
    env: { GANGWAY_SECRET_A: 'from env' },
    mayName: () => true,
    secretsDir: undefined,
  };

  it('opens sealed values and references at the secret paths and nothing elsewhere', () => {
    const sealed = sealer.seal('clear', 'acme.support');
    const body = {
      name: sealed,
      basicAuth: { username: 'hub', password: sealed },
      headers: [
        { name: 'a', value: { env: 'GANGWAY_SECRET_A' } },
        { name: 'b', value: 'inline' },
      ],
    };
    expect(openSecrets(body, ['basicAuth.password', 'headers[].value', 'absent.path'], deps)).toEqual({
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
    const body = { secret: sealer.seal('clear', 'acme.sales') };
    expect(() => openSecrets(body, ['secret'], deps)).toThrow('does not belong to acme.support');
  });
});
