import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MARK_BYTES, NAME_BYTES } from '#libs/contracts/index.js';
import { ObjectTable } from './object-table.js';

const name = (mark: Uint8Array): Uint8Array => mark.subarray(0, NAME_BYTES);
const print = (mark: Uint8Array): Uint8Array => mark.subarray(NAME_BYTES);

describe('the table of recorded objects', () => {
  it('finds each of many, also after it has grown several times', () => {
    const marks = Array.from({ length: 5_000 }, () => randomBytes(MARK_BYTES));
    const table = new ObjectTable();
    for (const [owner, mark] of marks.entries()) table.add(mark, owner);
    expect(table.size).toBe(marks.length);
    const found = marks.map((mark) => table.see(name(mark), print(mark)));
    expect(found.every(([first], owner) => first?.owner === owner && first.same)).toBe(true);
    expect(table.ownersOfUnseen().size).toBe(0);
  });

  it('tells all who record one object, and who of them knows it otherwise', () => {
    const [mark, other] = [randomBytes(MARK_BYTES), randomBytes(MARK_BYTES - NAME_BYTES)];
    const table = new ObjectTable();
    table.add(mark, 0);
    table.add(Buffer.concat([name(mark), other]), 1);
    expect(table.see(name(mark), print(mark))).toEqual([
      { owner: 0, same: true },
      { owner: 1, same: false },
    ]);
    expect(
      table.see(name(mark), undefined).some(({ same }) => same),
      'without a fingerprint nothing is the same',
    ).toBe(false);
  });

  it('knows what was not seen, and does not take what nobody records for it', () => {
    const [seen, unseen, foreign] = [1, 2, 3].map(() => randomBytes(MARK_BYTES));
    const table = new ObjectTable();
    table.add(seen ?? Buffer.of(), 0);
    table.add(unseen ?? Buffer.of(), 1);
    expect(table.see(name(foreign ?? Buffer.of()), undefined)).toEqual([]);
    table.see(name(seen ?? Buffer.of()), undefined);
    expect([...table.ownersOfUnseen()]).toEqual([1]);
    expect(table.isUnseen(name(unseen ?? Buffer.of()), 1)).toBe(true);
    expect(table.isUnseen(name(seen ?? Buffer.of()), 0)).toBe(false);
    expect(table.isUnseen(name(foreign ?? Buffer.of()), 1), 'nobody records it').toBe(false);
  });
});
