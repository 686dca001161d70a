import { printable, visibleLength, wrap } from './text.js';

/** Where less is left for the last column, or its text would take more lines, the text goes below its row. */
const LEAST_ROOM = 24;
const MOST_LINES = 3;
const BELOW = '    ';

export interface ColumnsOptions {
  /** Characters per line. Default: as many as it takes. */
  width?: number;
  /** Headers of the columns that are left out where they are empty, or where they do not fit: the first one first. */
  optional?: readonly string[];
}

/**
 * A table of texts in columns as wide as their content, with a header; cells are made safe for a terminal. What does not fit is never
 * cut: optional columns are left out, and the last one is broken into lines.
 */
export function columns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { width = Infinity, optional = [] }: ColumnsOptions = {},
): string[] {
  const table = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) => Math.max(...table.map((row) => visibleLength(row[column] ?? ''))));
  const empty = optional.filter((name) => table.slice(1).every((row) => (row[header.indexOf(name)] ?? '') === ''));
  const shown = shownColumns(header, widths, { width, optional, empty });
  const last = shown.at(-1) ?? 0;
  const before = shown.slice(0, -1);
  const indent = before.reduce((sum, column) => sum + (widths[column] ?? 0) + 2, 0);
  return table.flatMap((row) => {
    const start = before.map((column) => `${(row[column] ?? '').padEnd(widths[column] ?? 0)}  `).join('');
    const text = row[last] ?? '';
    if (indent + text.length <= width || text === '') return [`${start}${text}`.trimEnd()];
    const [first = '', ...others] = wrap(text, width - indent);
    const fits = others.length < MOST_LINES && [first, ...others].every((line) => line.length <= width - indent);
    if (before.length > 0 && (width - indent < LEAST_ROOM || !fits)) {
      return [start.trimEnd(), ...wrap(`${BELOW}${text}`, width, BELOW)];
    }
    return [`${start}${first}`, ...others.map((line) => `${' '.repeat(indent)}${line}`)];
  });
}

/** Indexes of the columns that there is room for. */
function shownColumns(
  header: readonly string[],
  widths: readonly number[],
  { width, optional, empty }: Required<ColumnsOptions> & { empty: readonly string[] },
): number[] {
  let shown = header.flatMap((name, column) => (empty.includes(name) ? [] : [column]));
  const total = (): number => shown.reduce((sum, column) => sum + (widths[column] ?? 0) + 2, -2);
  for (const name of optional) {
    if (total() <= width) break;
    shown = shown.filter((column) => header[column] !== name);
  }
  return shown;
}
