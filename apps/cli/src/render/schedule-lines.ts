import type { ScheduleAnswer } from '../api/answers.js';
import { columns } from './columns.js';
import type { PrintOptions } from './plan-table.js';
import { printable, wrap, type Format } from './text.js';

/** A schedule for a person: when and what, its next and its last runs, and what is worth knowing. */
export function scheduleLines(schedule: ScheduleAnswer, { paint, width }: PrintOptions): string[] {
  const { name, cron, every, timezone, jitter, mode, tenant, chain, paused, overdue, lastRuns, nextRuns } = schedule;
  const broken = (text: string, format?: Format): string[] => {
    const lines = wrap(printable(text), width, '  ');
    return format === undefined ? lines : lines.map((line) => paint(format, line));
  };
  const when = cron === undefined ? `every ${every ?? ''}` : `${cron} (${timezone})`;
  const scope = [tenant === null ? 'all tenants' : `tenant ${tenant}`, ...(chain === null ? [] : [`chain ${chain}`])];
  const bounds = [
    ...(schedule.removeOrphans ? ['removes orphans'] : []),
    ...(schedule.maxRepairs === undefined ? [] : [`at most ${schedule.maxRepairs} repairs`]),
    ...(schedule.maxRemovals === undefined ? [] : [`at most ${schedule.maxRemovals} removals`]),
  ];
  const rows = lastRuns.map((run) => [run.id, run.status, run.startedAt, run.closedAt ?? '']);
  return [
    ...broken(`${name}  ${when}${jitter === undefined ? '' : `, up to ${jitter} later`}`),
    ...broken([mode, scope.join(', '), ...bounds].join('; ')),
    ...broken(`set by ${schedule.by} at ${schedule.changedAt}`),
    ...(paused ? broken('paused', 'yellow') : broken(`next: ${nextRuns.join(', ') || 'none'}`)),
    ...(overdue ? broken('overdue: two or more times have passed without a run that completed', 'red') : []),
    ...(schedule.skippedOverlap > 0 ? broken(`skipped while a run was under way: ${schedule.skippedOverlap}`) : []),
    ...(schedule.missedCatchup > 0 ? broken(`missed and not caught up: ${schedule.missedCatchup}`) : []),
    ...schedule.warnings.flatMap(({ pointer, message }) => broken(`warning: ${pointer}: ${message}`, 'yellow')),
    ...(rows.length === 0 ? [] : ['', ...columns(['RUN', 'STATUS', 'STARTED', 'ENDED'], rows, { width })]),
  ];
}
