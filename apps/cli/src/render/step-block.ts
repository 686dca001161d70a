import type { StepError, StepProgress, StepStatus } from '#libs/contracts/progress.js';

import { fitted, isRedrawn, type TableOptions } from './fit.js';
import { cut, duration, printable, type Format } from './text.js';

const SYMBOLS: Record<StepStatus, [symbol: string, format: Format]> = {
  pending: ['·', 'dim'],
  running: ['▶', 'cyan'],
  retrying: ['↻', 'yellow'],
  waiting: ['…', 'yellow'],
  done: ['✓', 'green'],
  failed: ['✗', 'red'],
  undoing: ['◀', 'magenta'],
  undone: ['↩', 'magenta'],
  kept: ['=', 'blue'],
  'undo-failed': ['!', 'red'],
  skipped: ['-', 'dim'],
};

/** Below this a step's key is cut no further; the line's end is. */
const SHORTEST_KEY = 12;
/** Widths of a terminal from which on a column is shown in a view that is drawn anew. */
const ROOM_FOR_TIME = 60;
const ROOM_FOR_ORIGIN = 76;
const ROOM_FOR_ID = 100;
const INDENT = '    ';

/** How wide the columns of a table of steps are. */
export interface StepColumns {
  key: number;
  status: number;
  time: number;
  origin: number;
}

/** The widths that these steps need; in a view that is drawn anew the widest that may come, so that nothing moves. */
export function stepColumns(steps: readonly StepProgress[], options: TableOptions): StepColumns {
  const widest = (least: number, text: (step: StepProgress) => string): number =>
    Math.max(least, ...steps.map((step) => text(step).length));
  const redrawn = isRedrawn(options);
  return {
    key: widest(SHORTEST_KEY, ({ key }) => printable(key)),
    status: widest(redrawn ? 'undo-failed'.length : 0, (step) => stateOf(step).text),
    time: redrawn ? 9 : widest(0, (step) => timeOf(step, options.now)),
    origin: redrawn ? 'unchanged'.length : widest(0, originOf),
  };
}

/** The lines of one step: where it stands, its object's id, what it met with. */
export function stepBlock(step: StepProgress, columns: StepColumns, options: TableOptions): string[] {
  const { width, now, paint } = options;
  const redrawn = isRedrawn(options);
  const { symbol, format, text } = stateOf(step);
  const time = !redrawn || width >= ROOM_FOR_TIME;
  const origin = !redrawn || width >= ROOM_FOR_ORIGIN;
  const tail = [text.padEnd(columns.status)];
  if (time) tail.push(timeOf(step, now).padStart(columns.time));
  if (origin) tail.push(originOf(step).padEnd(columns.origin));
  const id = printable(step.externalId ?? '');
  const fixed = columns.status + 4 + (time ? columns.time + 2 : 0) + (origin ? columns.origin + 2 : 0);
  const room = redrawn ? Math.min(columns.key, Math.max(SHORTEST_KEY, width - fixed)) : columns.key;
  const start = `${symbol} ${cut(printable(step.key), room).padEnd(room)}  ${tail.join('  ')}`;
  const beside = redrawn ? width >= ROOM_FOR_ID : start.length + 2 + id.length <= width;
  const line = (beside && id !== '' ? `${start}  ${id}` : start).trimEnd();
  const state = `  ${text}`; // with the blanks before it, since a key may hold the word too
  const painted = (redrawn ? cut(line, width) : line)
    .replace(symbol, paint(format, symbol))
    .replace(state, paint(format, state));
  const below = !redrawn && !beside && id !== '' ? [`${INDENT}${id}`] : [];
  return [painted, ...[...below, ...errorLines(step, options)].map((each) => paint('dim', each))];
}

/** The error of a step that its lines show; null for none. */
export function shownError(step: StepProgress, options: TableOptions): StepError | null {
  const { status, lastError } = step;
  if (status === 'skipped' || (status === 'done' && isRedrawn(options))) return null;
  return lastError;
}

/** Returns true for a step that nothing more happens to. */
export function isOver({ status }: StepProgress): boolean {
  return status === 'done' || status === 'undone' || status === 'skipped' || status === 'kept';
}

export function isPending({ status }: StepProgress): boolean {
  return status === 'pending';
}

/** Where a step stands. One that failed still says so after its undo, which found or left nothing. */
function stateOf({ status, lastError }: StepProgress): { symbol: string; format: Format; text: string } {
  const failed = lastError !== null && (status === 'undone' || status === 'kept');
  const [symbol, format] = SYMBOLS[failed ? 'failed' : status];
  if (!failed) return { symbol, format, text: status };
  return { symbol, format, text: status === 'undone' ? 'failed, nothing stands' : 'failed, kept as it was' };
}

function errorLines(step: StepProgress, options: TableOptions): string[] {
  const error = shownError(step, options);
  if (error === null) return [];
  const tries = step.status === 'done' && step.attempt > 1 ? `at try ${step.attempt}; before that ` : '';
  const text = `${INDENT}${tries}${error.code}: ${printable(error.message)}${nextTry(step, options.now)}`;
  return fitted(text, options, INDENT);
}

function timeOf(step: StepProgress, now: number): string {
  if (step.startedAt === null) return '';
  return duration((step.endedAt === null ? now : Date.parse(step.endedAt)) - Date.parse(step.startedAt));
}

/** How the object came about, or how often that was tried. What is gone had an origin, which reads as if it had it still. */
function originOf({ origin, status, attempt }: StepProgress): string {
  if (status === 'undone') return '';
  return origin ?? (attempt > 1 ? `try ${attempt}` : '');
}

function nextTry(step: StepProgress, now: number): string {
  const retryAt = step.lastError?.retryAt;
  if (retryAt === null || retryAt === undefined || step.status !== 'retrying') return '';
  const wait = Date.parse(retryAt) - now;
  return wait > 0 ? ` (again in ${duration(wait)}, attempt ${step.attempt + 1})` : '';
}
