import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.js';

describe('a duration', () => {
  it.each([
    ['200ms', 200],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
    ['1.5s', 1_500],
    ['0s', 0],
    ['PT5M', 300_000],
    ['P30D', 2_592_000_000],
    ['P1W', 604_800_000],
    ['P1DT2H3M4.5S', 93_784_500],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ['', 'empty'],
    ['5', 'no unit'],
    ['5 m', 'a blank'],
    ['-5m', 'time does not run back'],
    ['5M', 'units are lower-case'],
    ['1m30s', 'one unit only'],
    ['P', 'nothing in it'],
    ['P1DT', 'nothing behind the T'],
    ['P1M', 'a month has no fixed length'],
    ['P1Y', 'a year has no fixed length'],
    ['999999999999d', 'more than can be counted'],
  ])('%s is none: %s', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
