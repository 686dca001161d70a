import { describe, expect, it } from 'vitest';
import { readCron, type Cron } from './cron.js';
import { clockChanges, instantsOf, offsetAt, timeZoneFault } from './time-zone.js';
import { nextTimes, shortestPeriodMs } from './times.js';
import { scheduleWarnings } from './warnings.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function cronOf(text: string): Cron {
  const reading = readCron(text);
  if ('faults' in reading) throw new Error(reading.faults.join('; '));
  return reading.cron;
}

function next(text: string, zone: string, after: string, count: number): string[] {
  return nextTimes(cronOf(text), zone, Date.parse(after), count).map((time) =>
    new Date(time).toISOString().slice(0, 16),
  );
}

describe('nextTimes', () => {
  it.each([
    {
      reason: 'in UTC every day has the time once',
      args: ['30 2 * * *', 'UTC', '2027-03-27T12:00:00Z'],
      times: ['2027-03-28T02:30', '2027-03-29T02:30', '2027-03-30T02:30'],
    },
    {
      reason: 'a time that the clock skips in spring does not come that day',
      args: ['30 2 * * *', 'Europe/Berlin', '2027-03-27T12:00:00Z'],
      times: ['2027-03-29T00:30', '2027-03-30T00:30', '2027-03-31T00:30'],
    },
    {
      reason: 'a time that the clock shows twice in autumn comes twice',
      args: ['30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00:00Z'],
      times: ['2027-10-31T00:30', '2027-10-31T01:30', '2027-11-01T01:30'],
    },
    {
      reason: 'a time before the change keeps its hour on both sides of it',
      args: ['0 1 * * *', 'America/New_York', '2027-03-13T12:00:00Z'],
      times: ['2027-03-14T06:00', '2027-03-15T05:00', '2027-03-16T05:00'],
    },
    {
      reason: 'every hour is every hour, also in the night in which the clock skips one',
      args: ['0 * * * *', 'Europe/Berlin', '2027-03-28T00:30:00Z'],
      times: ['2027-03-28T01:00', '2027-03-28T02:00', '2027-03-28T03:00'],
    },
    {
      reason: 'a time is after what is asked for, never the same',
      args: ['0 3 * * *', 'UTC', '2027-01-01T03:00:00Z'],
      times: ['2027-01-02T03:00', '2027-01-03T03:00', '2027-01-04T03:00'],
    },
    {
      reason: 'of both days both must fit: the next firsts that are Mondays',
      args: ['0 3 1 * 1', 'UTC', '2027-01-01T00:00:00Z'],
      times: ['2027-02-01T03:00', '2027-03-01T03:00', '2027-11-01T03:00'],
    },
    {
      reason: 'a leap day comes every fourth year',
      args: ['0 0 29 2 *', 'UTC', '2027-01-01T00:00:00Z'],
      times: ['2028-02-29T00:00', '2032-02-29T00:00', '2036-02-29T00:00'],
    },
    {
      reason: 'a day of the zone begins before that of UTC',
      args: ['0 5 1 1 *', 'Asia/Tokyo', '2026-12-31T12:00:00Z'],
      times: ['2026-12-31T20:00', '2027-12-31T20:00', '2028-12-31T20:00'],
    },
  ])('$reason', ({ args, times }) => {
    const [text = '', zone = '', after = ''] = args;
    expect(next(text, zone, after, 3)).toEqual(times);
  });

  it('is empty for a day that no year has', () => {
    expect(next('0 0 31 2 *', 'UTC', '2027-01-01T00:00:00Z', 1)).toEqual([]);
  });
});

describe('shortestPeriodMs', () => {
  it.each([
    { text: '*/15 * * * *', ms: 15 * MINUTE, reason: 'every quarter' },
    { text: '0,50 * * * *', ms: 10 * MINUTE, reason: 'the gap over the full hour' },
    { text: '0 23,1 * * *', ms: 2 * HOUR, reason: 'the gap over midnight' },
    { text: '0 3 * * *', ms: DAY, reason: 'once a day' },
    { text: '0 3 * * 1', ms: 7 * DAY, reason: 'once a week' },
    { text: '0 3 1 * *', ms: 28 * DAY, reason: 'once a month: February is the shortest' },
    { text: '0 3 29 2 *', ms: 1_461 * DAY, reason: 'a leap day' },
    { text: '0 3 31 2 *', ms: undefined, reason: 'a day that no year has' },
  ])('is $ms for $text: $reason', ({ text, ms }) => {
    expect(shortestPeriodMs(cronOf(text))).toBe(ms);
  });
});

describe('timeZoneFault', () => {
  it.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'US/Pacific', 'Etc/GMT+5', 'GMT', 'America/Argentina/Buenos_Aires'])(
    'takes %s',
    (name) => expect(timeZoneFault(name)).toBeUndefined(),
  );

  it.each([
    { name: 'Europe/Berln', says: 'did you mean Europe/Berlin?', reason: 'misspelt' },
    { name: 'europe/berlin', says: 'did you mean Europe/Berlin?', reason: 'the server looks names up with their case' },
    { name: '+02:00', says: 'IANA name', reason: 'an offset' },
    { name: 'Local', says: 'IANA name', reason: "the server's own, whatever that is" },
    { name: '', says: 'IANA name', reason: 'nothing' },
    { name: '../etc/passwd', says: 'IANA name', reason: 'a path' },
    { name: 'A'.repeat(200), says: 'IANA name', reason: 'a text without end' },
  ])('refuses $name: $reason', ({ name, says }) => {
    expect(timeZoneFault(name)).toContain(says);
  });
});

describe('clocks', () => {
  it('tells both changes of a year with what is shown before and after', () => {
    const changes = clockChanges('Europe/Berlin', Date.UTC(2027, 0, 1), Date.UTC(2028, 0, 1));
    expect(changes).toEqual([
      { at: Date.UTC(2027, 2, 28, 1), before: HOUR, after: 2 * HOUR },
      { at: Date.UTC(2027, 9, 31, 1), before: 2 * HOUR, after: HOUR },
    ]);
  });

  it('knows offsets of half hours, and changes by half an hour', () => {
    expect(offsetAt('Asia/Kolkata', Date.UTC(2027, 0, 1))).toBe(5.5 * HOUR);
    const changes = clockChanges('Australia/Lord_Howe', Date.UTC(2027, 0, 1), Date.UTC(2028, 0, 1));
    expect(changes.map(({ before, after }) => after - before)).toEqual([-HOUR / 2, HOUR / 2]);
  });

  it('has no instant for a local time that is skipped, and two for one that comes twice', () => {
    expect(instantsOf('Europe/Berlin', Date.UTC(2027, 2, 28, 2, 30))).toEqual([]);
    expect(instantsOf('Europe/Berlin', Date.UTC(2027, 9, 31, 2, 30))).toEqual([
      Date.UTC(2027, 9, 31, 0, 30),
      Date.UTC(2027, 9, 31, 1, 30),
    ]);
  });
});

describe('scheduleWarnings', () => {
  const now = Date.UTC(2026, 11, 1);
  const ofCron = (text: string, timezone: string): string[] =>
    scheduleWarnings({ cron: cronOf(text), timezone }, now).map(({ pointer, message }) => `${pointer} ${message}`);

  it('tells the days on which clocks are changed, where the schedule is hit', () => {
    expect(ofCron('30 2 * * *', 'Europe/Berlin')).toEqual([
      '/cron 02:30 does not come on 2027-03-28, when clocks are put forward in Europe/Berlin; UTC has no such days',
      '/cron 02:30 may come twice on 2027-10-31, when clocks are put back in Europe/Berlin; UTC has no such days',
    ]);
  });

  it.each([
    { text: '30 3 * * *', zone: 'Europe/Berlin', reason: 'the hour after the one that is skipped or repeated' },
    { text: '30 2 * * 1', zone: 'Europe/Berlin', reason: 'clocks are changed on a Sunday there' },
    { text: '30 2 * * *', zone: 'UTC', reason: 'a clock that is never changed' },
    { text: '*/30 * * * *', zone: 'Europe/Berlin', reason: 'every hour: no longer pause than ever' },
  ])('says nothing of $text in $zone: $reason', ({ text, zone }) => {
    expect(ofCron(text, zone)).toEqual([]);
  });

  it('says that both days must match', () => {
    expect(ofCron('0 3 1 * 1', 'UTC')).toEqual([expect.stringContaining('match both day of month and day of week')]);
  });

  it.each([
    { everyMs: 1_000, timezone: null, pointers: ['/every'], reason: 'a period below a minute' },
    { everyMs: MINUTE, timezone: null, pointers: [], reason: 'a minute is none below' },
    { everyMs: HOUR, timezone: 'UTC', pointers: ['/timezone'], reason: 'periods know no zone' },
  ])('warns of $pointers for every $everyMs: $reason', ({ everyMs, timezone, pointers }) => {
    expect(scheduleWarnings({ everyMs, timezone }, now).map(({ pointer }) => pointer)).toEqual(pointers);
  });
});
