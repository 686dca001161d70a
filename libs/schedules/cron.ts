/** What a cron of five fields matches: the values of each field, sorted. */
export interface Cron {
  minutes: readonly number[];
  hours: readonly number[];
  daysOfMonth: readonly number[];
  months: readonly number[];
  /** 0 is Sunday. */
  daysOfWeek: readonly number[];
}

/** A cron that was read, or everything that is wrong with the text. */
export type CronReading = { cron: Cron } | { faults: string[] };

interface Field {
  name: string;
  min: number;
  max: number;
  /** Names of its values, the first one that of `min`. */
  names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Sunday may be written as 7 too. */
const SUNDAY = 7;

const FIELDS = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, names: MONTHS },
  { name: 'day of week', min: 0, max: SUNDAY, names: DAYS },
] as const satisfies readonly Field[];

/** Words that some programs take in place of five fields, and what they mean. */
const WORDS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** Longest text that is looked at, in characters. */
export const CRON_LIMIT = 200;

const FORM =
  'five fields with blanks between them: minute, hour, day of month, month, day of week, as in "30 3 * * 1-5"';

/** Reads five fields: numbers, `*`, ranges, steps and lists, and the English names of months and days by three letters. */
export function readCron(text: string): CronReading {
  const trimmed = text.trim();
  if (trimmed.length > CRON_LIMIT) return { faults: [`must have at most ${CRON_LIMIT} characters`] };
  const whole = faultOfWhole(trimmed);
  if (whole !== undefined) return { faults: [whole] };
  const parts = trimmed.split(/\s+/);
  const readings = FIELDS.map((field, index) => readField(parts[index] ?? '', field));
  const faults = readings.flatMap((reading) => (typeof reading === 'string' ? [reading] : []));
  if (faults.length > 0) return { faults };
  const [minutes = [], hours = [], daysOfMonth = [], months = [], daysOfWeek = []] = readings as number[][];
  const days = [...new Set(daysOfWeek.map((day) => day % SUNDAY))].sort((a, b) => a - b);
  return { cron: { minutes, hours, daysOfMonth, months, daysOfWeek: days } };
}

/** The same cron in numbers, as it is handed to a server. */
export function cronText({ minutes, hours, daysOfMonth, months, daysOfWeek }: Cron): string {
  const field = (values: readonly number[], count: number): string =>
    values.length === count ? '*' : values.join(',');
  return [
    field(minutes, 60),
    field(hours, 24),
    field(daysOfMonth, 31),
    field(months, 12),
    field(daysOfWeek, DAYS.length),
  ].join(' ');
}

/** Whether both days are narrowed: such a cron comes only on days that match both. */
export function narrowsBothDays({ daysOfMonth, daysOfWeek }: Cron): boolean {
  return daysOfMonth.length < 31 && daysOfWeek.length < DAYS.length;
}

function faultOfWhole(text: string): string | undefined {
  if (/^(?:CRON_)?TZ=/i.test(text)) return 'must not name a time zone: give it as timezone, and here the five fields';
  if (text.startsWith('@')) {
    const [word = ''] = text.split(/\s/);
    const meant = WORDS[word.toLowerCase()];
    if (meant !== undefined) return `must be ${FORM}; for ${word} write "${meant}"`;
    if (word.toLowerCase() === '@every') return 'must be five fields: give a period as every, for example "6h"';
    return `must be ${FORM}, not a word`;
  }
  const count = text === '' ? 0 : text.split(/\s+/).length;
  if (count === FIELDS.length) return undefined;
  if (count === 0) return `must not be empty: give ${FORM}`;
  const more = count === 6 || count === 7 ? '; seconds and years are not known here' : '';
  return `must have five fields, and has ${count}: give ${FORM}${more}`;
}

/** The values that a field matches, sorted; a sentence where it cannot be read. */
function readField(text: string, field: Field): number[] | string {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const read = readPart(part, field);
    if (typeof read === 'string') return `${field.name}: ${read}`;
    for (const value of read) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function readPart(text: string, field: Field): number[] | string {
  const [range = '', stepText, ...more] = text.split('/');
  if (more.length > 0) return `${shown(text)} has more than one step`;
  const step = stepText === undefined ? 1 : wholeNumber(stepText);
  if (step === undefined || step < 1) return `the step in ${shown(text)} must be a whole number from 1`;
  const bounds = readRange(range, field);
  if (typeof bounds === 'string') return bounds;
  const [first, last] = bounds;
  if (stepText !== undefined && first === last && range !== '*') {
    return `a step needs a range: write ${range}-${field.max}/${stepText} or */${stepText}`;
  }
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function readRange(text: string, field: Field): readonly [number, number] | string {
  // Both 0 and 7 are Sunday: all days are seven values.
  if (text === '*') return [field.min, field.max === SUNDAY ? SUNDAY - 1 : field.max];
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) return `${shown(text)} is no range: write first-last`;
  const first = readValue(from, field);
  if (typeof first === 'string') return first;
  const last = to === undefined ? first : readValue(to, field);
  if (typeof last === 'string') return last;
  return last < first ? `${shown(text)} ends before it begins` : [first, last];
}

function readValue(text: string, { min, max, names = [] }: Field): number | string {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + min;
  const value = wholeNumber(text);
  if (value !== undefined && value >= min && value <= max) return value;
  const words = names.length === 0 ? '' : `, or ${names.join(', ')}`;
  return `${shown(text)} must be a whole number from ${min} to ${max}${words}`;
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function shown(text: string): string {
  return text === '' ? 'what is empty' : `"${text.slice(0, 20)}"`;
}
