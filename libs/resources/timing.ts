/** The times of one connection by which the algorithms wait and give up; all in milliseconds (`docs/http.md` §3). */
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

/**
 * How long a vendor may take to know an object that it has just made everywhere: twice the settle pauses (120 s with LivePerson's
 * defaults, `docs/vendors/liveperson.md` §8.1). Only a real failure is delayed by it.
 */
export function verifyWithinMs(timing: Timing): number {
  return 2 * settleSum(timing);
}

/** Pause between two looks at whether an object is verified: twice the first settle pause (10 s with LivePerson's defaults). */
export function verifyPauseMs(timing: Timing): number {
  return 2 * (timing.settleMs[0] ?? timing.initialIntervalMs);
}

/** How long after it was sent a call may still take effect: the deadline and all settle pauses. */
export function inFlightMs(timing: Timing): number {
  return timing.deadlineMs + settleSum(timing);
}

function settleSum({ settleMs }: Timing): number {
  return settleMs.reduce((sum, ms) => sum + ms, 0);
}
