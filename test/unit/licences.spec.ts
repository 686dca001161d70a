import { describe, expect, it } from 'vitest';

import { licencesOf } from '#scripts/lib/licences.mjs';

describe('licencesOf', () => {
  it('lists every component under its licence, once, by name', () => {
    const { lines, faults } = licencesOf({
      components: [
        { name: 'b', version: '2.0.0', licenses: [{ license: { id: 'MIT' } }] },
        { name: 'a', version: '1.0.0', licenses: [{ expression: '(MIT OR Apache-2.0)' }] },
        { name: 'b', version: '2.0.0', licenses: [{ license: { id: 'MIT' } }] },
        { name: 'c', version: '3.0.0', licenses: [{ license: { name: 'Own licence' } }, { license: { id: 'ISC' } }] },
      ],
    });
    expect(lines).toEqual(['(MIT OR Apache-2.0)\ta@1.0.0', 'MIT\tb@2.0.0', 'Own licence AND ISC\tc@3.0.0']);
    expect(faults).toEqual([]);
  });

  it('takes what a person has read in the file of a version, and of no other', () => {
    expect(licencesOf({ components: [{ name: 'unionfs', version: '4.6.0' }] }).lines).toEqual([
      'Unlicense\tunionfs@4.6.0',
    ]);
    expect(licencesOf({ components: [{ name: 'unionfs', version: '4.7.0' }] }).faults).toHaveLength(1);
  });

  it('names a component without a licence: nobody may just use it', () => {
    expect(licencesOf({ components: [{ name: 'x', version: '1.0.0' }] })).toEqual({
      lines: [],
      faults: ['x@1.0.0 names no licence: look at it, and tell its authors'],
    });
  });
});
