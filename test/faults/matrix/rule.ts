import type { Target } from './chain.js';
import type { FaultKind, Persistence } from './faults.js';

/**
 * How the job of a cell ends.
 * - `succeeded`: the plan stands, once
 * - `rolled-back`: nothing of the account stands
 * - `rollback-incomplete`: says so and waits; once the fault is gone and an operator asks for `rollback`, as above
 * - `waiting`: a person's answer could not be judged, and is asked for again; once the fault is gone and it comes, it succeeds
 * - `held`: waits, since a person could do what is refused; once the fault is gone and an operator asks for `retry`, it succeeds
 */
export type End = 'succeeded' | 'rolled-back' | 'rollback-incomplete' | 'held' | 'waiting';

/** The first rule that fits decides; what `when` does not name fits. */
export interface Rule {
  when: {
    direction?: Target['direction'];
    vendor?: Target['vendor'];
    resource?: string;
    operations?: readonly string[];
    standing?: readonly Target['standing'][];
    marked?: boolean;
    byPerson?: boolean;
    kinds?: readonly FaultKind[];
    statuses?: readonly number[];
    asksToWait?: boolean;
    persistences?: readonly Persistence[];
  };
  /** `well`: as if there had been no fault, which is `succeeded` forward and `rolled-back` on the way back. */
  end: End | 'well';
  writesNothing?: boolean;
  reason: string;
}

export const PASSING: readonly Persistence[] = ['once', 'burst'];
export const TAKES_EFFECT: readonly FaultKind[] = ['unanswered', 'unreadable', 'late'];
