import type { JobStatus, Progress, StepProgress } from '#libs/contracts/progress.js';

import { fitted, isRedrawn, type TableOptions } from './fit.js';
import { isOver, isPending, shownError, stepBlock, stepColumns } from './step-block.js';
import { cut, duration, printable, type Format } from './text.js';

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

const ROOM_FOR_KIND = 60;
const SHORTEST_ID = 12;

/** Progress as a table of its steps: header, steps with their errors, what is waited for, leftovers. An error is told once. */
export function stepTable(progress: Progress, options: TableOptions): string[] {
  const said = progress.steps.flatMap((step) => shownError(step, options)?.message ?? []);
  const head = headLines(progress, said, options);
  const foot = footLines(progress, said, options);
  const room = (options.height ?? Infinity) - head.length - foot.length;
  return [...head, ...stepLines(progress.steps, room, options), ...foot];
}

function headLines(progress: Progress, said: readonly string[], options: TableOptions): string[] {
  const { width, now, paint } = options;
  const until = progress.closedAt === null ? now : Date.parse(progress.closedAt);
  const took = duration(until - Date.parse(progress.startedAt));
  const kind = width >= ROOM_FOR_KIND ? `  ${progress.kind}` : '';
  const facts = `${kind}  ${progress.status}  ${progress.percent} %  ${took}`;
  const title = isRedrawn(options) ? cut(progress.id, Math.max(SHORTEST_ID, width - facts.length)) : progress.id;
  const line = isRedrawn(options) ? cut(`${title}${facts}`, width) : `${title}${facts}`;
  const painted = line.replace(progress.status, paint(JOB_FORMATS[progress.status] ?? 'cyan', progress.status));
  const { reason, waitingFor } = progress;
  // What a person is asked for stands below, and what a step met with stands at the step.
  const known = reason === null || waitingFor?.kind === 'handoff' || said.some((text) => reason.includes(text));
  return [
    paint('bold', painted),
    ...(known ? [] : fitted(printable(reason), options).map((text) => paint('dim', text))),
  ];
}

function stepLines(steps: readonly StepProgress[], room: number, options: TableOptions): string[] {
  const columns = stepColumns(steps, options);
  const blocks = steps.map((step) => ({ step, lines: stepBlock(step, columns, options) }));
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

function footLines(progress: Progress, said: readonly string[], options: TableOptions): string[] {
  const { paint } = options;
  const lines: string[] = [];
  const { waitingFor } = progress;
  if (waitingFor !== null && waitingFor.kind !== 'retry') {
    const who = waitingFor.who === undefined ? '' : ` (${waitingFor.who})`;
    const until = waitingFor.until === undefined ? '' : ` until ${waitingFor.until}`;
    const what = waitingFor.instruction === undefined ? '' : `: ${without(waitingFor.instruction, said)}`;
    const text = printable(`waiting for ${waitingName(waitingFor.kind)}${who}${until}${what}`);
    lines.push(...fitted(text, options, '  ').map((line) => paint('yellow', line)));
  }
  for (const { key, externalId, reason } of progress.leftovers) {
    const why = said.some((text) => reason.includes(text)) ? '' : `: ${reason}`;
    const id = externalId === '' ? '' : ` ${externalId}`;
    const text = printable(`left over: ${key}${id}${why}`);
    lines.push(...fitted(text, options, '  ').map((line) => paint('red', line)));
  }
  return lines;
}

function waitingName(kind: string): string {
  return kind === 'handoff' ? 'a person' : kind === 'operator' ? 'an operator' : kind;
}

/** The text without sentences that stand at a step already, with a word where they were. */
function without(text: string, said: readonly string[]): string {
  const rest = said.reduce((left, sentence) => left.replace(sentence, ''), text).replace(/ {2,}/g, ' ');
  return rest
    .trim()
    .replace(/:$/, ' (see above).')
    .replace(/: (?=[A-Z])/, ' (see above). ');
}
