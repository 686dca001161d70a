import { describe, expect, it } from 'vitest';
import { growingPause } from './pauses.js';

/** Events that one failed start and the pause after it write, and those that Temporal takes in a history. */
const EVENTS_A_TRY = 10;
const MOST_EVENTS = 51_200;

describe('the pause before something that others have under way is asked for again', () => {
  it('is short at first, and then grows to five minutes', () => {
    expect([1, 2, 3, 9, 30].map((tries) => growingPause(1_000, tries))).toEqual([
      1_000, 2_000, 4_000, 256_000, 300_000,
    ]);
  });

  it('lets a history outlive ten days of waiting, as for a person who has yet to say what becomes of leftovers', () => {
    let waitedMs = 0;
    let tries = 0;
    while (waitedMs < 10 * 86_400_000) waitedMs += growingPause(1_000, ++tries);
    expect(tries * EVENTS_A_TRY).toBeLessThan(MOST_EVENTS);
  });
});
