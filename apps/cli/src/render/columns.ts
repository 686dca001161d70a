import { cut, printable, visibleLength } from './text.js';

/** A table of texts in columns as wide as their content, with a header; cells are made safe for a terminal. */
export function columns(header: readonly string[], rows: readonly (readonly string[])[], width = Infinity): string[] {
  const table = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) => Math.max(...table.map((row) => visibleLength(row[column] ?? ''))));
  return table.map((row) =>
    cut(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
      width,
    ),
  );
}
