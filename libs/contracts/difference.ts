import type { JsonValue } from './json.js';

/** One field in which an object differs from what it is to be; never a secret, also not inside of a value. */
export interface Difference {
  /** Dots, and `[n]` for an item of an array: `roles[0].callback`. */
  path: string;
  /** What is wanted, or what the field goes back to; null: nothing. */
  expected: JsonValue;
  /** What stands; null: nothing. */
  seen: JsonValue;
}
