import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cronText, narrowsBothDays, readCron, type Cron } from './cron.js';

function cronOf(text: string): Cron {
  const reading = readCron(text);
  if ('faults' in reading) throw new Error(reading.faults.join('; '));
  return reading.cron;
}

function faultsOf(text: string): string[] {
  const reading = readCron(text);
  return 'faults' in reading ? reading.faults : [];
}

describe('readCron', () => {
  it.each([
    { text: '30 3 * * *', numbers: '30 3 * * *', reason: 'a time of every day' },
    { text: '  5,10   0-2 1 */6 1-5 ', numbers: '5,10 0,1,2 1 1,7 1,2,3,4,5', reason: 'lists, ranges, steps, blanks' },
    {
      text: '*/15 8-18/5 * jan,Dec MON-fri',
      numbers: '0,15,30,45 8,13,18 * 1,12 1,2,3,4,5',
      reason: 'names, in any case',
    },
    { text: '0 0 * * 7', numbers: '0 0 * * 0', reason: 'Sunday as 7' },
    { text: '0 0 * * 5-7', numbers: '0 0 * * 0,5,6', reason: 'a range that ends with Sunday' },
    { text: '0 0 * * 0-7', numbers: '0 0 * * *', reason: 'both Sundays are one day' },
    { text: '0 0 * * */2', numbers: '0 0 * * 0,2,4,6', reason: 'a step over the days of the week, from Sunday on' },
    { text: '0-59 0-23 1-31 1-12 0-6', numbers: '* * * * *', reason: 'ranges that hold everything' },
  ])('reads $text: $reason', ({ text, numbers }) => {
    expect(cronText(cronOf(text))).toBe(numbers);
  });

  it('reads what it writes as the same cron', () => {
    const field = (min: number, max: number): fc.Arbitrary<number[]> =>
      fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 8 }).map((all) => all.sort((a, b) => a - b));
    const crons = fc.record({
      minutes: field(0, 59),
      hours: field(0, 23),
      daysOfMonth: field(1, 31),
      months: field(1, 12),
      daysOfWeek: field(0, 6),
    });
    fc.assert(
      fc.property(crons, (cron) => {
        expect(cronOf(cronText(cron))).toEqual(cron);
      }),
    );
  });

  it.each([
    { text: '', says: 'must not be empty', reason: 'nothing' },
    { text: '30 3 * *', says: 'has 4', reason: 'four fields' },
    { text: '0 30 3 * * *', says: 'seconds and years are not known here', reason: 'six fields' },
    { text: '@daily', says: 'for @daily write "0 0 * * *"', reason: 'a word that means a cron' },
    { text: '@every 6h', says: 'give a period as every', reason: 'a word that means a period' },
    { text: '@reboot', says: 'not a word', reason: 'a word that means neither' },
    { text: 'every day at noon', says: 'has 4', reason: 'a sentence' },
    { text: 'TZ=Europe/Berlin 30 3 * * *', says: 'give it as timezone', reason: 'a time zone inside' },
    { text: 'CRON_TZ=UTC 30 3 * * *', says: 'give it as timezone', reason: 'the other spelling of it' },
    { text: '60 3 * * *', says: 'minute: "60" must be a whole number from 0 to 59', reason: 'a minute that is none' },
    { text: '0 3 0 * *', says: 'day of month: "0" must be a whole number from 1 to 31', reason: 'a day that is none' },
    { text: '0 3 * 13 *', says: 'month: "13"', reason: 'a month that is none' },
    { text: '0 3 * * 8', says: 'day of week: "8"', reason: 'a day of the week that is none' },
    { text: '0 3 * * mno', says: 'or sun, mon, tue', reason: 'a misspelt name' },
    { text: '5/10 * * * *', says: 'write 5-59/10 or */10', reason: 'a step without a range' },
    { text: '10-5 * * * *', says: 'ends before it begins', reason: 'a range the wrong way round' },
    { text: '*/0 * * * *', says: 'must be a whole number from 1', reason: 'a step of nothing' },
    { text: '*/2/3 * * * *', says: 'more than one step', reason: 'two steps' },
    { text: '1-2-3 * * * *', says: 'is no range', reason: 'three ends' },
    { text: '1,,2 * * * *', says: 'what is empty', reason: 'a list with a hole' },
    { text: '-1 * * * *', says: 'what is empty', reason: 'a negative number' },
    { text: `${'1,'.repeat(120)}1 * * * *`, says: 'at most 200 characters', reason: 'a text without end' },
  ])('refuses $reason, and says what to write', ({ text, says }) => {
    expect(faultsOf(text).join('; ')).toContain(says);
  });

  it('tells the faults of all fields at once', () => {
    expect(faultsOf('60 24 32 13 8').map((fault) => fault.split(':')[0])).toEqual([
      'minute',
      'hour',
      'day of month',
      'month',
      'day of week',
    ]);
  });
});

describe('narrowsBothDays', () => {
  it.each([
    { text: '0 3 1 * 1', both: true, reason: 'a first that is a Monday' },
    { text: '0 3 1 * *', both: false, reason: 'every first' },
    { text: '0 3 * * 1', both: false, reason: 'every Monday' },
    { text: '0 3 1-31 * 1', both: false, reason: 'all days, written out' },
  ])('is $both for $text: $reason', ({ text, both }) => {
    expect(narrowsBothDays(cronOf(text))).toBe(both);
  });
});
