import { closestOf } from '#libs/text/closest.js';

const formats = new Map<string, Intl.DateTimeFormat>();
/** Zones of which a format is kept: there are some 600 names. */
const KEPT = 700;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A change of a zone's clock: from the instant on, local time is ahead of UTC by `after` and no longer by `before`. Milliseconds. */
export interface ClockChange {
  at: number;
  before: number;
  after: number;
}

/** Why a text is no time zone by the IANA names, with the cure; undefined for one that is. */
export function timeZoneFault(name: string): string | undefined {
  const cure = 'must be a time zone by its IANA name, such as UTC or Europe/Berlin';
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name) || name.length > 64) return cure;
  const near = closestOf(['UTC', ...Intl.supportedValuesOf('timeZone')])(name);
  const meant = near === undefined || near === name ? '' : `; did you mean ${near}?`;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    // The names are files at the server: case counts there.
    return known.toLowerCase() === name.toLowerCase() && known !== name ? `${cure}; did you mean ${known}?` : undefined;
  } catch {
    return `${cure}${meant}`;
  }
}

/** By how much local time is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(timeZone: string, instant: number): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, value]),
  );
  const number = (type: string): number => Number(parts[type]);
  const local = Date.UTC(
    number('year'),
    number('month') - 1,
    number('day'),
    number('hour'),
    number('minute'),
    number('second'),
  );
  return local - Math.floor(instant / 1_000) * 1_000;
}

/** The instants at which a clock of the zone shows a local time (given as if it were UTC): none, one, or two. Sorted. */
export function instantsOf(timeZone: string, local: number): number[] {
  const offsets = new Set([offsetAt(timeZone, local - DAY_MS), offsetAt(timeZone, local + DAY_MS)]);
  return [...offsets]
    .map((offset) => local - offset)
    .filter((instant) => instant + offsetAt(timeZone, instant) === local)
    .sort((a, b) => a - b);
}

/** The changes of a zone's clock between two instants, in order. */
export function clockChanges(timeZone: string, from: number, to: number): ClockChange[] {
  const changes: ClockChange[] = [];
  let before = offsetAt(timeZone, from);
  for (let day = from; day < to; day += DAY_MS) {
    const end = Math.min(day + DAY_MS, to);
    const after = offsetAt(timeZone, end);
    if (after !== before) changes.push({ at: changeBetween(timeZone, day, end, before), before, after });
    before = after;
  }
  return changes;
}

/** The first whole minute from which on the offset is not `before` any more. */
function changeBetween(timeZone: string, from: number, to: number, before: number): number {
  let low = Math.floor(from / MINUTE_MS);
  let high = Math.ceil(to / MINUTE_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(timeZone, middle * MINUTE_MS) === before) low = middle;
    else high = middle;
  }
  return high * MINUTE_MS;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (formats.size < KEPT) formats.set(timeZone, format);
  return format;
}
