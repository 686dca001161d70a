import type { VendorFault } from '#libs/contracts/index.js';

/** A call of a reading that fails for a passing reason and is made again. */
export interface ReadingFault {
  fault: VendorFault;
  /** When this call first failed, milliseconds since the epoch. */
  since: number;
  /** When it is made again, milliseconds since the epoch. */
  againAt: number;
}

/** How far a reading is, for whoever waits for it. */
export interface ReadingState {
  /** What is listed, by its resource name: `channel`. */
  kind: string;
  /** Calls of the reading that have been answered. */
  page: number;
  /** How many there will be in all, about; null while that is not known. */
  of: number | null;
  /** Null while nothing is wrong. */
  fault: ReadingFault | null;
  /** True once whoever is told waits no longer: it has ended, well or not, or they have left. */
  over: boolean;
}

/** What somebody wants of a list, and how long they wait. */
export interface Question {
  /**
   * The reading's first call was sent at or after this moment, by `performance.now()`. Default: the moment of asking; a later one
   * counts as that. An earlier one says that the question has been open since then: a reading that others began meanwhile serves it.
   * What such a reading does not show is not there; what it shows may have gone since, so who acts on it reads it by its id.
   */
  begunAfter?: number | undefined;
  /** How long after its end such a reading may serve, in milliseconds. Default 60,000; longer than 600,000 is no use. */
  endedWithinMs?: number | undefined;
  /**
   * `preview`: only a dry run waits for it, so the pages that jobs wait for go first. `fleet`: only a run over the fleet does; such a
   * question gives its lane to a read of one object too. Default `job`.
   */
  lane?: 'job' | 'preview' | 'fleet' | undefined;
  /** Ends the waiting. The reading goes on for the others. */
  signal?: AbortSignal | undefined;
  /** Does the waiting for a reading that is not there yet; default: `wait` alone. Who waits may let others work meanwhile. */
  whileWaiting?: (<T>(wait: () => Promise<T>) => Promise<T>) | undefined;
  /** Told how far the reading is, whenever that changes. Of several kinds at once where several lists are needed. */
  onReading?: ((state: ReadingState) => void) | undefined;
}
