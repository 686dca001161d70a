import { VendorError, type HeartbeatDetails, type PagesNote, type ReadingNote } from '#libs/contracts/index.js';
import type { ReadingState } from '#libs/readings/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import type { Timing } from '#libs/resources/index.js';

/** Longer than a step pauses between two attempts, in milliseconds, unless its vendor asks for more. */
const LINGER_MS = 75_000;

/** What the watch works with: the running attempt. */
export interface Watched {
  signal: AbortSignal;
  timing: Pick<Timing, 'giveUpAfterMs'>;
  lane: NonNullable<ReadOptions['lane']>;
  whileWaiting: NonNullable<ReadOptions['whileWaiting']>;
  details: () => HeartbeatDetails;
  /** Notes what the step waits for, and how far all its readings are; goes to the server with the next heartbeat. */
  note: (readings: ReadingNote[], pages: PagesNote) => void;
}

/**
 * Brings what the readings of an attempt tell into its heartbeats, and ends the waiting where the step would be given up before a failed
 * call is made again.
 */
export class ReadingWatch {
  /** For every read of the attempt. */
  readonly options: ReadOptions;
  private readonly states = new Map<string, ReadingState>();
  /** Pages of each list that was asked for, also of those that have been read. */
  private readonly pages = new Map<string, PagesNote>();
  private readonly patience = new AbortController();

  constructor(private readonly watched: Watched) {
    const { signal, lane, whileWaiting } = watched;
    this.options = {
      signal: AbortSignal.any([signal, this.patience.signal]),
      lane,
      whileWaiting,
      onReading: (state) => this.tell(state),
    };
  }

  /**
   * The attempt has ended. Readings that it did not wait for to their ends go on for a while: its next attempt needs them again, and
   * what it takes until then is not lost.
   */
  end(): void {
    setTimeout(() => this.patience.abort(new Error('the step waits no longer')), LINGER_MS).unref();
  }

  private tell(state: ReadingState): void {
    const { timing, details, note } = this.watched;
    // What failed stays: it is why the attempt ends, and since when it counts.
    if (state.over && state.fault === null) this.states.delete(state.kind);
    else this.states.set(state.kind, state);
    this.pages.set(state.kind, { read: state.page, of: state.over ? state.page : state.of });
    note([...this.states.values()].map(noteOf), sum([...this.pages.values()]));
    const { fault } = state;
    if (fault === null || state.over) return;
    const { firstFaultAt } = details();
    const since = firstFaultAt === null ? fault.since : Date.parse(firstFaultAt);
    if (fault.againAt - since > timing.giveUpAfterMs) this.patience.abort(new VendorError(fault.fault));
  }
}

function sum(all: readonly PagesNote[]): PagesNote {
  const known = all.flatMap(({ read, of }) => (of === null ? [] : [Math.max(read, of)]));
  return {
    read: all.reduce((total, { read }) => total + read, 0),
    of: known.length < all.length ? null : known.reduce((total, of) => total + of, 0),
  };
}

function noteOf({ kind, page, of, fault }: ReadingState): ReadingNote {
  return {
    kind,
    page,
    of,
    fault: fault && {
      code: fault.fault.code,
      httpStatus: fault.fault.httpStatus,
      message: fault.fault.message,
      since: new Date(fault.since).toISOString(),
    },
  };
}
