/** The times of one connection by which the algorithms wait and give up; all in milliseconds (`api.md` section 3). */
export interface Timing {
  /** D: deadline of one call; an effect of a call may show until then. */
  deadlineMs: number;
  /** Pauses before the looks that settle an unclear outcome, one after the other. */
  settleMs: readonly number[];
  initialIntervalMs: number;
  maximumIntervalMs: number;
  /** After a step's first fault; then it has failed for good. */
  giveUpAfterMs: number;
}

/** How long after it was sent a call may still take effect: the deadline and all settle pauses. */
export function inFlightMs(timing: Timing): number {
  return timing.deadlineMs + timing.settleMs.reduce((sum, ms) => sum + ms, 0);
}
