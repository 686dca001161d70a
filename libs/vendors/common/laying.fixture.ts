import { expect } from 'vitest';
import type { Difference, JsonObject } from '#libs/contracts/index.js';
import type { Desired } from '#libs/resources/contract.js';
import { differences } from './differences.js';
import type { FieldRules } from './field-rules.js';
import { layOver } from './laying.js';

export const RULES: FieldRules = {
  secrets: ['password', 'items[].token', 'login.secret'],
  ignored: [],
  defaults: { active: true, 'object.c': false },
  sets: { items: 'name', pairs: 'name', tags: null },
  units: ['login'],
};

/** One row of a table of the rule: what each body names, and what follows. */
export interface Case {
  reason: string;
  previous?: JsonObject;
  wanted: JsonObject;
  former?: JsonObject;
  read: JsonObject;
  stands: JsonObject;
  /** Path, what is expected, what is seen. */
  differs: [string, Difference['expected'], Difference['seen']][];
}

/** Lays and compares one row; what then stands shows no difference, and a second write changes nothing. */
export function check(mode: Desired['mode'], { previous, wanted, former, read, stands, differs }: Case): void {
  const desired = { body: wanted, mode, ...(previous ? { previous } : {}), ...(former ? { former } : {}) };
  expect(layOver(desired, read, RULES)).toEqual(stands);
  expect(differences(desired, read, RULES)).toEqual(
    differs.map(([path, expected, seen]) => ({ path, expected, seen })),
  );
  expect(differences(desired, stands, RULES)).toEqual([]);
  expect(layOver(desired, stands, RULES)).toEqual(stands);
}
