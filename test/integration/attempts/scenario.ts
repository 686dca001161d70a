import type { HeartbeatDetails } from '#libs/contracts/index.js';
import type { HeartbeatChange } from '#libs/resources/index.js';

/** What the first attempt of a step does; the second one tells what it read. Times are milliseconds since the attempt began. */
export interface Scenario {
  confirms: { afterMs: number; change: HeartbeatChange }[];
  /** When it fails; never: it goes on until it is stopped or killed. */
  failsAfterMs?: number;
}

/** What an attempt read of the one before, and how that one looked from outside. */
export interface Outcome {
  attempt: number;
  previous: HeartbeatDetails | null;
}

/** Activity type, and its id in the one workflow that schedules it. */
export const ATTEMPT = 'attempt';
