/** Longest pause between two looks at something that others have under way. Milliseconds. */
const LONGEST_MS = 300_000;

/**
 * How long to wait before something that others have under way is asked for again, in milliseconds: twice as long each time, so that the
 * history of who waits stays small however long they take.
 * @param tries how often it was asked for, from 1
 */
export function growingPause(firstMs: number, tries: number): number {
  return Math.min(firstMs * 2 ** Math.min(tries - 1, 20), LONGEST_MS);
}
