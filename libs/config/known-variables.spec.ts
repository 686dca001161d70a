import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { KNOWN_VARIABLES, unknownVariables } from './known-variables.js';

/** Every variable that a source file of the settings names. */
function namedInSources(): Set<string> {
  const folder = import.meta.dirname;
  const sources = fs
    .readdirSync(folder)
    .filter((file) => /(?<!\.spec)\.ts$/.test(file) && file !== 'known-variables.ts')
    .map((file) => fs.readFileSync(path.join(folder, file), 'utf8'));
  const names = sources.flatMap((text) => [...text.matchAll(/'(GANGWAY_[A-Z_]*[A-Z])'|\b(GANGWAY_[A-Z_]*[A-Z]):/g)]);
  return new Set(names.map(([, quoted, key]) => quoted ?? key ?? ''));
}

describe('the known variables', () => {
  it('are those that the settings read: a new one is listed, one that is gone is not', () => {
    expect([...namedInSources()].sort()).toEqual([...KNOWN_VARIABLES].sort());
  });
});

describe('unknownVariables', () => {
  it.each([
    { name: 'GANGWAY_PROT', said: ['GANGWAY_PROT is not a known variable; did you mean GANGWAY_PORT?'] },
    { name: 'GANGWAY_ENCRYPTION_KEY', said: [expect.stringMatching(/did you mean GANGWAY_ENCRYPTION_KEYS\?$/)] },
    { name: 'GANGWAY_WHATEVER_ELSE', said: ['GANGWAY_WHATEVER_ELSE is not a known variable: it has no effect'] },
    { name: 'GANGWAY_PORT', said: [] },
    { name: 'GANGWAY_SECRET_HUB', said: [] },
    { name: 'TEMPORAL_ADRESS', said: [] },
  ])('says of $name: $said', ({ name, said }) => {
    expect(unknownVariables({ [name]: 'canary', HOME: '/' })).toEqual(said);
  });

  it('names them all, in order', () => {
    const lines = unknownVariables({ GANGWAY_B_LATER: '1', GANGWAY_A_SOONER: '2' });
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['GANGWAY_A_SOONER', 'GANGWAY_B_LATER']);
  });
});
