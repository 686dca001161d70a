import { describe, expect, it } from 'vitest';

import { columns } from './columns.js';
import { cut, duration, painter, wrap } from './text.js';

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

  it.each([
    { reason: 'a short text is one line', text: 'one two', width: 10, lines: ['one two'] },
    { reason: 'it breaks between words', text: 'one two three', width: 8, lines: ['one two', '  three'] },
    {
      reason: 'a word that is too long stays whole',
      text: 'a 0123456789 b',
      width: 6,
      lines: ['a', '  0123456789', '  b'],
    },
    { reason: 'blanks before the first word are kept', text: '    one two', width: 8, lines: ['    one', '  two'] },
    { reason: 'blanks within a line are kept', text: 'one  two  three', width: 10, lines: ['one  two', '  three'] },
    { reason: 'an empty text is an empty line', text: '', width: 8, lines: [''] },
    { reason: 'without a terminal nothing is broken', text: 'one two', width: Infinity, lines: ['one two'] },
  ])('breaks into lines: $reason', ({ text, width, lines }) => {
    expect(wrap(text, width, '  ')).toEqual(lines);
  });

  const row = ['acme.support', 'held', 'INVALID_REQUEST', 'a2d2b59f-36af-43e5-8d6b-d41af5bdf8e6'];
  it.each([
    { width: 80, shown: ['ACCOUNT', 'STATUS', 'ERROR', 'RUN'] },
    { width: 50, shown: ['ACCOUNT', 'STATUS', 'ERROR'] },
    { width: 30, shown: ['ACCOUNT', 'STATUS'] },
  ])('leaves columns out before it cuts: $width characters', ({ width, shown }) => {
    const lines = columns(['ACCOUNT', 'STATUS', 'ERROR', 'RUN'], [row], { width, optional: ['RUN', 'ERROR'] });
    expect(lines[0]?.split(/ +/)).toEqual(shown);
    expect(lines[1]).toContain(row[shown.length - 1]);
  });

  it('leaves out an optional column that says nothing', () => {
    const rows = [row.with(2, '')];
    expect(columns(['ACCOUNT', 'STATUS', 'ERROR', 'RUN'], rows, { optional: ['ERROR'] })[0]).toMatch(
      /^ACCOUNT +STATUS +RUN$/,
    );
    expect(columns(['ACCOUNT', 'STATUS', 'ERROR', 'RUN'], rows)[0]).toContain('ERROR');
  });

  it('breaks the last column, or puts its text below where that takes too many lines', () => {
    const reason = 'stands already and is shared with others';
    expect(columns(['NODE', 'REASON'], [['a.b', reason]], { width: 32 })).toEqual([
      'NODE  REASON',
      'a.b   stands already and is',
      '      shared with others',
    ]);
    expect(columns(['NODE', 'REASON'], [['egain.account.custom.acme', reason]], { width: 40 })).toEqual([
      'NODE                       REASON',
      'egain.account.custom.acme',
      '    stands already and is shared with',
      '    others',
    ]);
  });
});
