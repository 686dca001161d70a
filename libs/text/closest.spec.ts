import { describe, expect, it } from 'vitest';
import { closestOf, Hints } from './closest.js';

const NAMES = ['display_name', 'description', 'scope', 'v1', 'v3', 'richText'];

describe('the closest name', () => {
  it.each([
    ['case and underscores do not count', 'displayname', 'display_name'],
    ['nor do hyphens and blanks', 'Display-Name ', 'display_name'],
    ['one letter is another', 'discription', 'description'],
    ['one letter is missing', 'sope', 'scope'],
    ['four letters are too many for that length', 'telescope', undefined],
    ['two letters have changed places', 'scpoe', 'scope'],
    ['short names are too near to each other', 'v2', undefined],
    ['but the same name is the same', 'V3', 'v3'],
    ['nothing is near to nothing', '', undefined],
    ['and to what is nothing once folded', '___', undefined],
    ['what is much longer is no misspelling', `display_name${'e'.repeat(100)}`, undefined],
    ['however long it is', 'x'.repeat(2_000_000), undefined],
  ])('%s', (_reason, word, expected) => {
    expect(closestOf(NAMES)(word)).toBe(expected);
  });

  it('is the nearest of several, and the first of those that are equally near', () => {
    expect(closestOf(['channels', 'channel', 'chanel'])('chanell')).toBe('chanel');
    expect(closestOf(['sinch.app', 'sinch.apt'])('sinch.apx')).toBe('sinch.app');
  });
});

describe('hints', () => {
  it('are given for the first twenty findings and not even looked for afterwards', () => {
    const hints = new Hints();
    let asked = 0;
    const given = Array.from({ length: 50 }, () => hints.next(() => ++asked));
    expect(given.filter((hint) => hint !== undefined)).toHaveLength(20);
    expect(asked).toBe(20);
  });
});
