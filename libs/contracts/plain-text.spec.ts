import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainLine } from './plain-text.js';

describe('a line', () => {
  const cases = [
    { text: ' a\n  b\r\nc\t', line: 'a b c', reason: 'line breaks become blanks' },
    { text: 'a\u001b[31mred\u001b[0m', line: 'a [31mred [0m', reason: 'escape sequences lose what makes them work' },
    { text: 'a\u0000b\u0085c\u2028d\u2029e', line: 'a b c d e', reason: 'other separators too' },
    { text: 'pay\u202Eelbisivni\u202C', line: 'payelbisivni', reason: 'marks of direction go' },
    { text: 'zero\u200Bwidth\uFEFF', line: 'zerowidth', reason: 'invisible characters go' },
    { text: 'half \ud83d pair', line: 'half pair', reason: 'halves of a pair go' },
    { text: 'Größe 😀 日本', line: 'Größe 😀 日本', reason: 'all else stays' },
  ];
  it.each(cases)('$reason', ({ text, line }) => {
    expect(plainLine(text)).toBe(line);
  });

  it('is cut, never within a pair', () => {
    expect(plainLine('x'.repeat(11), 10)).toBe(`${'x'.repeat(9)}…`);
    expect(plainLine(`${'x'.repeat(8)}😀😀`, 10)).toBe(`${'x'.repeat(8)}…`);
  });

  it('holds no break, no escape and no half of a pair, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (text, limit) => {
        const line = plainLine(text, limit);
        expect(line.length).toBeLessThanOrEqual(limit);
        expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
