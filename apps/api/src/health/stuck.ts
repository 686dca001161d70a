import type { Engine } from '#libs/history/engine.js';
import { PROBLEMS_ATTRIBUTE } from '#libs/history/event.js';
import { countRows } from '#libs/history/rows.js';

/** A count holds for so long, however often it is asked for: it is a list, of which Temporal takes only some a second. Milliseconds. */
const KEPT_MS = 10_000;

/** How many workflows cannot go on since their own tasks fail: by it one sees that a release was wrong. */
export class Stuck {
  private kept: { count: Promise<number | undefined>; until: number } | undefined;

  constructor(private readonly engine: Engine) {}

  /** Returns the count; undefined while Temporal cannot be asked, so that nobody takes silence for health. */
  count(now = Date.now()): Promise<number | undefined> {
    if (!this.kept || now >= this.kept.until) {
      const query = `ExecutionStatus = 'Running' AND ${PROBLEMS_ATTRIBUTE} IS NOT NULL`;
      this.kept = { count: countRows(this.engine, query).catch(() => undefined), until: now + KEPT_MS };
    }
    return this.kept.count;
  }
}
