import { narrowsBothDays, type Cron } from './cron.js';
import { clockChanges, type ClockChange } from './time-zone.js';
import { comesOn, minutesOfDay } from './times.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Clocks are looked at so far ahead: both changes of a year are in it. */
const AHEAD_MS = 366 * DAY_MS;

/** When a schedule starts runs: a cron by the clock of a zone, or a period. */
export type Rule = { cron: Cron; timezone: string } | { everyMs: number; timezone: string | null };

/** Something worth knowing about a schedule: the field and a sentence. */
export interface ScheduleWarning {
  pointer: string;
  message: string;
}

/** What a rule means that its author may not have meant: both days at once, clocks that are put forward or back, very short periods. */
export function scheduleWarnings(rule: Rule, now: number): ScheduleWarning[] {
  if (!('cron' in rule)) return everyWarnings(rule);
  const { cron, timezone } = rule;
  const bothDays = narrowsBothDays(cron)
    ? [
        {
          pointer: '/cron',
          message:
            'comes only on days that match both day of month and day of week; crontab takes one of both. For days of the week alone write * as day of month',
        },
      ]
    : [];
  return [...bothDays, ...clockChanges(timezone, now, now + AHEAD_MS).flatMap((change) => changeWarning(rule, change))];
}

function everyWarnings({ everyMs, timezone }: { everyMs: number; timezone: string | null }): ScheduleWarning[] {
  const short = {
    pointer: '/every',
    message:
      'is below 1m: a run reads whole lists at the vendors, and a time that comes while one runs is skipped. Watch skippedOverlap',
  };
  const zone = { pointer: '/timezone', message: 'has no effect beside every, which counts from 1970-01-01T00:00:00Z' };
  return [...(everyMs < MINUTE_MS ? [short] : []), ...(timezone === null ? [] : [zone])];
}

/** Local times between two readings of a clock do not come, or come twice, on the day of its change. */
function changeWarning(
  { cron, timezone }: Extract<Rule, { cron: Cron }>,
  { at, before, after }: ClockChange,
): ScheduleWarning[] {
  // Every hour of the day: nothing is missed for longer than the schedule's own period.
  if (cron.hours.length === 24) return [];
  const [from, to] = [at + Math.min(before, after), at + Math.max(before, after)];
  const minutes = minutesOfDay(cron);
  const hit = localDays(from, to).flatMap((day) =>
    comesOn(cron, day) ? minutes.map((minute) => day + minute * MINUTE_MS) : [],
  );
  const [first] = hit.filter((local) => local >= from && local < to);
  if (first === undefined) return [];
  const time = new Date(first).toISOString();
  const what = after > before ? 'does not come' : 'may come twice';
  const moved = after > before ? 'forward' : 'back';
  return [
    {
      pointer: '/cron',
      message: `${time.slice(11, 16)} ${what} on ${time.slice(0, 10)}, when clocks are put ${moved} in ${timezone}; UTC has no such days`,
    },
  ];
}

function localDays(from: number, to: number): number[] {
  const first = Math.floor(from / DAY_MS) * DAY_MS;
  const last = Math.floor((to - 1) / DAY_MS) * DAY_MS;
  return first === last ? [first] : [first, last];
}
