import type { Cron } from './cron.js';
import { instantsOf } from './time-zone.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** In so many days the calendar comes round once with its leap year and with all days of the week in it: 28 years. */
const CALENDAR_DAYS = 28 * 365 + 7;
const FIRST_DAY = Date.UTC(2001, 0, 1);

/**
 * The next times of a cron after an instant, in milliseconds, as the server counts them: by what a clock of the zone shows. A time that
 * the clock skips does not come; one that it shows twice stands here twice, and the server takes the second alone east of Greenwich.
 */
export function nextTimes(cron: Cron, timeZone: string, after: number, count: number): number[] {
  const times: number[] = [];
  const today = Math.floor(after / DAY_MS) * DAY_MS;
  for (let day = -1; day <= CALENDAR_DAYS && times.length < count; day += 1) {
    const date = today + day * DAY_MS;
    if (!comesOn(cron, date)) continue;
    const found = minutesOfDay(cron).flatMap((minute) => instantsOf(timeZone, date + minute * MINUTE_MS));
    times.push(...found.filter((instant) => instant > after));
  }
  return times.sort((a, b) => a - b).slice(0, count);
}

/** Whether a cron matches a day, given by its midnight as if it were UTC. */
export function comesOn({ daysOfMonth, months, daysOfWeek }: Cron, date: number): boolean {
  const day = new Date(date);
  return (
    daysOfMonth.includes(day.getUTCDate()) &&
    months.includes(day.getUTCMonth() + 1) &&
    daysOfWeek.includes(day.getUTCDay())
  );
}

/** The minutes of a day that a cron matches, sorted. */
export function minutesOfDay({ minutes, hours }: Cron): number[] {
  return hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute));
}

/** The shortest time between two times of a cron by its clock, in milliseconds; undefined for one that never comes. */
export function shortestPeriodMs(cron: Cron): number | undefined {
  const minutes = minutesOfDay(cron);
  const first = minutes[0] ?? 0;
  const last = minutes.at(-1) ?? 0;
  let shortest = Infinity;
  for (let index = 1; index < minutes.length; index += 1) {
    shortest = Math.min(shortest, (minutes[index] ?? 0) - (minutes[index - 1] ?? 0));
  }
  let before: number | undefined;
  let days = Infinity;
  for (let day = 0; day <= CALENDAR_DAYS && days > 1; day += 1) {
    if (!comesOn(cron, FIRST_DAY + day * DAY_MS)) continue;
    if (before !== undefined) days = Math.min(days, day - before);
    before = day;
  }
  if (before === undefined) return undefined;
  if (days < Infinity) shortest = Math.min(shortest, days * 24 * 60 + first - last);
  return shortest * MINUTE_MS;
}
