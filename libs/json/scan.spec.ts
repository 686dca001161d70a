import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEEPEST, scanJson, type BrokenJson } from './scan.js';

function broken(text: string): BrokenJson {
  const scan = scanJson(text);
  if (scan.sound) throw new Error('it is sound');
  return scan;
}

describe('a JSON text', () => {
  it('is sound exactly where JSON.parse reads it', () => {
    const texts = fc.oneof(
      fc.json({ maxDepth: 5 }),
      fc.json().chain((text) =>
        fc
          .record({
            at: fc.nat(text.length),
            with: fc.constantFrom('', ',', '"', '}', ']', '\\', ' ', '\n', 'x', '0'),
          })
          .map(({ at, with: piece }) => `${text.slice(0, at)}${piece}${text.slice(at + (piece === '' ? 1 : 0))}`),
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(scanJson(text).sound).toBe(parses(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    { text: '', line: 1, column: 1, problem: 'the text ends where a value was expected' },
    { text: '{\n  "a": 1,\n}', line: 3, column: 1, problem: 'a comma stands before the closing bracket: take it out' },
    { text: '{\r\n"a": 1\r\n"b": 2}', line: 3, column: 1, problem: 'a comma or } was expected here' },
    { text: '[\r1\r2]', line: 3, column: 1, problem: 'a comma or ] was expected here' },
    { text: '{ // why', line: 1, column: 3, problem: 'JSON has no comments: take it out' },
    { text: '"\\ud8"', line: 1, column: 1, problem: expect.stringContaining('unknown escape') as string },
    { text: '"a\tb"', line: 1, column: 1, problem: expect.stringContaining('control character') as string },
  ])('tells where it is broken: $text', ({ text, ...place }) => {
    expect(broken(text)).toMatchObject({ ...place, tooDeep: false });
  });

  it(`goes ${DEEPEST} levels deep, and tells where it goes deeper`, () => {
    const nested = (levels: number): string => `${'{"a":['.repeat(levels / 2)}1${']}'.repeat(levels / 2)}`;
    expect(scanJson(nested(DEEPEST)).sound).toBe(true);
    expect(broken(nested(DEEPEST + 2))).toMatchObject({ tooDeep: true, problem: 'is nested deeper than 64 levels' });
    expect(broken(nested(6_000)).path).toEqual(Array.from({ length: DEEPEST + 1 }, (_, i) => (i % 2 === 0 ? 'a' : 0)));
  });

  it('tells each key that is there twice, also one that is written in another way', () => {
    const text = '{"a":1,"b":{"c":1,"\\u0063":2},"list":[{"x":1},{"x":1,"x":2}],"a":3,"a":4}';
    expect(scanJson(text)).toMatchObject({ duplicates: [['b', 'c'], ['list', 1, 'x'], ['a'], ['a']], poisoned: [] });
  });

  it('tells keys that would reach a prototype, and none that only look so', () => {
    const text =
      '{"__proto__":1,"a":{"\\u005f_proto__":2,"constructor":{"prototype":3}},"prototype":4,"b":"__proto__"}';
    expect(scanJson(text)).toMatchObject({
      poisoned: [['__proto__'], ['a', '__proto__'], ['a', 'constructor', 'prototype']],
    });
  });

  it('is looked through in a moment, whatever two megabytes hold', () => {
    const size = 2_000_000;
    const texts = [
      `[${'1,'.repeat(size / 2)}1]`,
      `{${'"a":1,'.repeat(size / 6)}"a":1}`,
      `"${'\\n'.repeat(size / 2)}"`,
      `[${'\n'.repeat(size)}x`,
      '['.repeat(size),
    ];
    for (const text of texts) {
      const begun = performance.now();
      scanJson(text);
      expect(performance.now() - begun, text.slice(0, 10)).toBeLessThan(1_000); // some 50 ms; a slow machine is no fault
    }
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
