/** One number of the report. */
export interface Figure {
  name: string;
  /** Null: it cannot be told here, `note` says why. */
  value: number | null;
  unit: 'ms' | 's' | 'x' | 'MB' | 'kB' | 'jobs/s' | '';
  aim?: Aim;
  note?: string;
}

/** What a figure should be; reaching it exactly counts. */
export interface Aim {
  atMost: number;
}

/** What one section found. */
export interface Report {
  title: string;
  figures: Figure[];
  /** How it was measured, for who reads the table. */
  notes: string[];
  /** Why its figures mean little; absent: they were taken on a machine that did nothing else. */
  mark?: string;
}

/** Whether a figure meets its aim; undefined where it has none, or no value. */
export function meets({ value, aim }: Figure): boolean | undefined {
  return aim === undefined || value === null ? undefined : value <= aim.atMost;
}

/** A report as text: a line per figure with its aim beside it, then the notes. */
export function renderReport({ title, figures, notes, mark }: Report): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.value === null ? 'unknown' : withUnit(figure.value, figure.unit),
    aimText(figure),
    figure.note ?? '',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map(([name = '', value = '', aim = '', note = '']) =>
    `  ${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${aim.padEnd(widths[2] ?? 0)}  ${note}`.trimEnd(),
  );
  const marked = mark === undefined ? [] : [`  ! ${mark}`];
  return [title, ...marked, ...lines, ...notes.map((note) => `  (${note})`)].join('\n');
}

function aimText(figure: Figure): string {
  const { aim, unit } = figure;
  if (aim === undefined) return '';
  const met = meets(figure);
  return `aim ≤ ${withUnit(aim.atMost, unit)}${met === undefined ? '' : met ? ' ✓' : ' ✗'}`;
}

function withUnit(value: number, unit: Figure['unit']): string {
  const text = unit === '' ? String(value) : rounded(value);
  return unit === '' ? text : `${text} ${unit}`;
}

function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}
