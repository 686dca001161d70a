import { describe, expect, it } from 'vitest';
import { quotable, scrub, secretValues } from './scrub.js';

const PATHS = ['password', 'headers[].value', 'payload'];

describe('secrets of a request', () => {
  it('are found at their paths, and inside one that is JSON or a form', () => {
    const body = {
      name: 'acme',
      password: 'p1',
      headers: [{ name: 'a', value: 'h1' }, { name: 'b' }],
      payload: '{"clientId":"id-1","nested":[{"clientSecret":"s-1"}]}',
    };
    expect(secretValues(body, PATHS)).toEqual(['p1', 'h1', body.payload, 'id-1', 's-1']);
    expect(secretValues({ payload: 'client_secret=s%2F2&x=y' }, PATHS)).toEqual([
      'client_secret=s%2F2&x=y',
      's/2',
      'y',
    ]);
    expect(secretValues({ payload: '{broken' }, PATHS)).toEqual(['{broken']);
  });

  const cases = [
    { text: 'hunter2 is too weak', secrets: ['hunter2'], clean: '[secret] is too weak', reason: 'as it is' },
    { text: 'got "a\\"b"', secrets: ['a"b'], clean: 'got "[secret]"', reason: 'as JSON writes it' },
    { text: 'got a%2Fb', secrets: ['a/b'], clean: 'got [secret]', reason: 'as a URL writes it' },
    {
      text: 'bad header Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
      secrets: [],
      clean: 'bad header Authorization: Bearer [secret]',
      reason: 'the token of the call itself, though nobody names it',
    },
    {
      text: 'Bearer authentication is needed',
      secrets: [],
      clean: 'Bearer authentication is needed',
      reason: 'no token',
    },
    { text: 'abcdef abc', secrets: ['abc', 'abcdef'], clean: '[secret] [secret]', reason: 'the longest first' },
    { text: 'to be or no', secrets: ['no', ''], clean: 'to be or no', reason: 'not what stands in any text by chance' },
  ];
  it.each(cases)('are taken out of a text $reason', ({ text, secrets, clean }) => {
    expect(scrub(text, secrets)).toBe(clean);
  });
});

describe('what a vendor says', () => {
  it('is quoted in one line of limited length', () => {
    expect(quotable(' a\n  b ', [], 10)).toBe('a b');
    expect(quotable('x'.repeat(11), [], 10)).toBe(`${'x'.repeat(9)}…`);
    expect(quotable(' \u200B\n ', [], 10)).toBeUndefined();
  });

  it('gives no secret away, also with what is invisible in the midst of it', () => {
    expect(quotable('got hun\u200Bter2', ['hunter2'], 100)).toBe('got [secret]');
    expect(quotable('got hunter2', ['hunter2'], 100)).toBe('got [secret]');
    expect(quotable('got line\none', ['line\none'], 100)).toBe('got [secret]');
    expect(quotable(`${'x'.repeat(95)} hunter2`, ['hunter2'], 100)).toBe(`${'x'.repeat(95)} [se…`);
  });
});
