import { describe, expect, it } from 'vitest';

import { columns } from './columns.js';
import { cut, duration, painter } from './text.js';

describe('text', () => {
  it.each([
    [400, '0.4 s'],
    [12_400, '12 s'],
    [59_700, '1 min 0 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [356_400_000, '4 d 3 h'],
    [-5, '0.0 s'],
  ])('says %i ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('cuts with an ellipsis, and never beyond the width', () => {
    expect([cut('abcdef', 6), cut('abcdef', 4), cut('abcdef', 1), cut('abcdef', 0)]).toEqual([
      'abcdef',
      'abc…',
      'a',
      '',
    ]);
  });

  it('paints only on a terminal that has colours', () => {
    expect(painter({ isTTY: true, hasColors: () => true })('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(painter({ isTTY: true, hasColors: () => false })('red', 'x')).toBe('x');
    expect(painter({ hasColors: () => true })('red', 'x')).toBe('x');
  });

  it('lines columns up', () => {
    expect(
      columns(
        ['A', 'LONG'],
        [
          ['1234', 'x'],
          ['1', ''],
        ],
      ),
    ).toEqual(['A     LONG', '1234  x', '1']);
  });
});
