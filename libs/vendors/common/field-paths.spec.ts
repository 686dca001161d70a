import { describe, expect, it } from 'vitest';
import { matchesPath, pathKind } from './field-paths.js';

describe('a pattern', () => {
  it.each<{ pattern: string; path: string; covers: boolean; reason: string }>([
    { pattern: 'active', path: 'active', covers: true, reason: 'the field itself' },
    { pattern: 'policy', path: 'policy.days', covers: true, reason: 'what lies below it' },
    { pattern: 'policy.days', path: 'policy', covers: false, reason: 'what lies above it' },
    { pattern: 'act', path: 'active', covers: false, reason: 'a field that begins alike' },
    { pattern: 'roles[].callback', path: 'roles[12].callback', covers: true, reason: '[] is every item' },
    { pattern: 'roles[]', path: 'roles[0].headers[1].name', covers: true, reason: 'what lies below an item' },
    { pattern: 'roles[].headers[].name', path: 'roles[0].headers[1].name', covers: true, reason: 'items in items' },
    { pattern: 'roles[1].callback', path: 'roles[1].callback', covers: true, reason: 'one item' },
    { pattern: 'roles[1].callback', path: 'roles[2].callback', covers: false, reason: 'another item' },
    { pattern: 'roles[1]', path: 'roles[12]', covers: false, reason: 'an item whose number begins alike' },
    { pattern: 'roles', path: 'roles[0]', covers: true, reason: 'an array covers its items' },
    { pattern: 'roles[]', path: 'roles', covers: false, reason: 'an item is not the array' },
    { pattern: 'roles[]', path: 'roles.x', covers: false, reason: '[] stands for items only' },
    { pattern: 'roles[]', path: 'roles[]', covers: true, reason: 'a path that is a pattern itself' },
  ])('$pattern and $path: $reason', ({ pattern, path, covers }) => {
    expect(matchesPath(pattern, path)).toBe(covers);
  });
});

describe('what a path names', () => {
  const known = {
    fields: ['active', 'policy.days', 'roles[].name', 'roles[].headers[].name'],
    secrets: ['roles[].headers[].value', 'login.password'],
  };
  it.each<{ path: string; kind: ReturnType<typeof pathKind>; reason: string }>([
    { path: 'active', kind: 'field', reason: 'a field' },
    { path: 'policy', kind: 'field', reason: 'an object that holds one' },
    { path: 'roles', kind: 'field', reason: 'an array whose items hold one' },
    { path: 'roles[]', kind: 'field', reason: 'every item' },
    { path: 'roles[3].headers[0].name', kind: 'field', reason: 'a field of one item' },
    { path: 'roles[].headers[].value', kind: 'secret', reason: 'a secret of every item' },
    { path: 'roles[0].headers[2].value', kind: 'secret', reason: 'a secret of one item' },
    { path: 'login.password', kind: 'secret', reason: 'a secret' },
    { path: 'login', kind: 'none', reason: 'an object with nothing but secrets in it is never compared' },
    { path: 'activ', kind: 'none', reason: 'a slip' },
    { path: 'policy.days.more', kind: 'none', reason: 'below a value there is nothing' },
    { path: 'roles.name', kind: 'none', reason: 'items are left out' },
    { path: '', kind: 'none', reason: 'no path' },
  ])('$path: $reason', ({ path, kind }) => {
    expect(pathKind(path, known)).toBe(kind);
  });
});
