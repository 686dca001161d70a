import type { JobStatus, Progress, StepProgress, StepStatus } from '#libs/contracts/progress.js';

import { cut, duration, printable, type Format, type Paint } from './text.js';

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

const JOB_FORMATS: Partial<Record<JobStatus, Format>> = {
  succeeded: 'green',
  held: 'yellow',
  waiting: 'yellow',
  'rolling-back': 'magenta',
  'rolled-back': 'magenta',
  cancelled: 'magenta',
  rejected: 'magenta',
  'rollback-incomplete': 'red',
  interrupted: 'red',
};

const STATUS_WIDTH = 'undo-failed'.length;
const ORIGIN_WIDTH = 'unchanged'.length;
/** Widths of the terminal from which on a column is shown. */
const ROOM_FOR_TIME = 60;
const ROOM_FOR_ORIGIN = 76;
const ROOM_FOR_ID = 100;
/** Below this a step's key is cut no further; the line's end is. */
const SHORTEST_KEY = 12;

export interface TableOptions {
  /** Characters per line. */
  width: number;
  /** Lines that may be used; steps that are done or pending give way first. Default: all that are needed. */
  height?: number;
  /** Milliseconds since 1970, for what is still running. */
  now: number;
  paint: Paint;
}

/** Progress as a table of its steps: header, steps with their errors, what is waited for, leftovers. No line is longer than `width`. */
export function stepTable(progress: Progress, options: TableOptions): string[] {
  const head = headLines(progress, options);
  const foot = footLines(progress, options);
  const room = (options.height ?? Infinity) - head.length - foot.length;
  return [...head, ...stepLines(progress.steps, room, options), ...foot];
}

/** The word and the symbol for a step's status, as plain text: `✓ done`. */
export function statusWord(status: StepStatus): string {
  return `${SYMBOLS[status][0]} ${status}`;
}

function headLines(progress: Progress, { width, now, paint }: TableOptions): string[] {
  const until = progress.closedAt === null ? now : Date.parse(progress.closedAt);
  const took = duration(until - Date.parse(progress.startedAt));
  const kind = width >= ROOM_FOR_TIME ? `  ${progress.kind}` : '';
  const facts = `${kind}  ${progress.status}  ${progress.percent} %  ${took}`;
  const title = cut(progress.id, Math.max(SHORTEST_KEY, width - facts.length));
  const line = cut(`${title}${facts}`, width);
  const painted = line.replace(progress.status, paint(JOB_FORMATS[progress.status] ?? 'cyan', progress.status));
  const lines = [paint('bold', painted)];
  if (progress.reason !== null) lines.push(paint('dim', cut(printable(progress.reason), width)));
  return lines;
}

function stepLines(steps: readonly StepProgress[], room: number, options: TableOptions): string[] {
  const keyWidth = Math.max(SHORTEST_KEY, ...steps.map((step) => step.key.length));
  const blocks = steps.map((step) => ({ step, lines: stepBlock(step, keyWidth, options) }));
  const total = blocks.reduce((sum, block) => sum + block.lines.length, 0);
  if (total <= room) return blocks.flatMap((block) => block.lines);

  // Too many for the screen: what is over or has not begun is only counted.
  const shown = new Set(blocks);
  let left = total;
  for (const quiet of [isOver, isPending, () => true]) {
    for (const block of blocks) {
      if (left <= room - 1 || !shown.has(block) || !quiet(block.step)) continue;
      shown.delete(block);
      left -= block.lines.length;
    }
  }
  const hidden = blocks.length - shown.size;
  return [
    ...blocks.filter((block) => shown.has(block)).flatMap((block) => block.lines),
    options.paint('dim', cut(`  … ${hidden} more steps`, options.width)),
  ];
}

function stepBlock(step: StepProgress, keyWidth: number, { width, now, paint }: TableOptions): string[] {
  const [symbol, format] = SYMBOLS[step.status];
  const tail: string[] = [step.status.padEnd(STATUS_WIDTH)];
  if (width >= ROOM_FOR_TIME) tail.push(timeOf(step, now).padStart(9));
  if (width >= ROOM_FOR_ORIGIN) tail.push((step.origin ?? attemptOf(step)).padEnd(ORIGIN_WIDTH));
  if (width >= ROOM_FOR_ID) tail.push(printable(step.externalId ?? ''));
  const fixed = STATUS_WIDTH + 4 + (width >= ROOM_FOR_TIME ? 11 : 0) + (width >= ROOM_FOR_ORIGIN ? 11 : 0);
  const column = Math.min(keyWidth, Math.max(SHORTEST_KEY, width - fixed));
  const key = cut(printable(step.key), column).padEnd(column);
  const line = cut(`${symbol} ${key}  ${tail.join('  ')}`.trimEnd(), width);
  const status = `  ${step.status}`; // with the blanks before it, since a key may hold the word too
  const lines = [line.replace(symbol, paint(format, symbol)).replace(status, paint(format, status))];
  if (step.lastError !== null && !isOver(step)) {
    const { code, message } = step.lastError;
    lines.push(paint('dim', cut(`    ${code}: ${printable(message)}${nextTry(step, now)}`, width)));
  }
  return lines;
}

function footLines(progress: Progress, { width, paint }: TableOptions): string[] {
  const lines: string[] = [];
  const { waitingFor } = progress;
  if (waitingFor !== null && waitingFor.kind !== 'retry') {
    const who = waitingFor.who === undefined ? '' : ` (${waitingFor.who})`;
    const until = waitingFor.until === undefined ? '' : ` until ${waitingFor.until}`;
    const what = waitingFor.instruction === undefined ? '' : `: ${waitingFor.instruction}`;
    lines.push(paint('yellow', cut(printable(`waiting for ${waitingFor.kind}${who}${until}${what}`), width)));
  }
  for (const { key, externalId, reason } of progress.leftovers) {
    lines.push(paint('red', cut(printable(`left over: ${key} ${externalId}: ${reason}`), width)));
  }
  return lines;
}

function timeOf(step: StepProgress, now: number): string {
  if (step.startedAt === null) return '';
  return duration((step.endedAt === null ? now : Date.parse(step.endedAt)) - Date.parse(step.startedAt));
}

function attemptOf(step: StepProgress): string {
  return step.attempt > 1 ? `try ${step.attempt}` : '';
}

function nextTry(step: StepProgress, now: number): string {
  const retryAt = step.lastError?.retryAt;
  if (retryAt === null || retryAt === undefined || step.status !== 'retrying') return '';
  const wait = Date.parse(retryAt) - now;
  return wait > 0 ? ` (again in ${duration(wait)}, attempt ${step.attempt + 1})` : '';
}

function isOver({ status }: StepProgress): boolean {
  return status === 'done' || status === 'undone' || status === 'skipped' || status === 'kept';
}

function isPending({ status }: StepProgress): boolean {
  return status === 'pending';
}
