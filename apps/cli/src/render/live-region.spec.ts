import { describe, expect, it } from 'vitest';

import { createLiveRegion } from './live-region.js';

function recorder(columns = 80): { columns: number; written: string[]; write(text: string): void } {
  const written: string[] = [];
  return { columns, written, write: (text) => void written.push(text) };
}

describe('createLiveRegion', () => {
  it('draws over the rows that it drew before', () => {
    const terminal = recorder();
    const region = createLiveRegion(terminal);
    region.draw(['a', 'b']);
    region.draw(['c']);
    region.end();
    expect(terminal.written).toEqual(['\u001b[?25la\nb\n', '\u001b[2A\r\u001b[0Jc\n', '\u001b[?25h']);
  });

  it('counts the rows into which a window that became narrower has wrapped its lines', () => {
    const terminal = recorder();
    const region = createLiveRegion(terminal);
    region.draw(['x'.repeat(70), '']);
    terminal.columns = 30;
    region.draw(['y']);
    expect(terminal.written.at(-1)).toBe('\u001b[4A\r\u001b[0Jy\n');
  });

  it('prints above what it has drawn', () => {
    const terminal = recorder();
    const region = createLiveRegion(terminal);
    region.draw(['a']);
    region.print('note');
    expect(terminal.written.at(-1)).toBe('\u001b[1A\r\u001b[0Jnote\na\n');
  });
});
