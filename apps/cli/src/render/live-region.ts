import { visibleLength } from './text.js';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** The part of a terminal stream that redrawing needs. */
export interface TerminalStream {
  columns?: number;
  rows?: number;
  write(text: string): unknown;
}

/** Lines at the end of a terminal that are drawn anew in place. */
export interface LiveRegion {
  /** Draws these lines where the former ones stood. */
  draw(lines: readonly string[]): void;
  /** Prints a line above the region, which stays. */
  print(line: string): void;
  /** Leaves what was drawn last and gives the cursor back; nothing may be drawn afterwards. */
  end(): void;
}

export function createLiveRegion(terminal: TerminalStream): LiveRegion {
  let drawn: readonly string[] = [];
  let hidden = false;

  /** Moves to the region's first row. A narrower window has wrapped its lines since, so rows are counted at today's width. */
  const rewind = (): string => {
    const width = Math.max(1, terminal.columns ?? 80);
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(visibleLength(line) / width)), 0);
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[0J`;
  };
  const paragraph = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

  return {
    draw(lines) {
      terminal.write(`${hidden ? '' : HIDE_CURSOR}${rewind()}${paragraph(lines)}`);
      hidden = true;
      drawn = lines;
    },
    print(line) {
      terminal.write(`${rewind()}${line}\n${paragraph(drawn)}`);
    },
    end() {
      if (hidden) terminal.write(SHOW_CURSOR);
      hidden = false;
      drawn = [];
    },
  };
}
