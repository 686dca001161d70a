import { beforeEach, describe, expect, it } from 'vitest';
import { VendorError, vendorFault, type HeartbeatDetails, type ReadingNote } from '#libs/contracts/index.js';
import type { ReadingState } from '#libs/readings/index.js';
import { ReadingWatch } from './reading-watch.js';

const SINCE = Date.parse('2026-01-01T00:00:00.000Z');
const GIVE_UP_MS = 60_000;

let details: HeartbeatDetails;
let notes: ReadingNote[][];
let cancellation: AbortController;
let watch: ReadingWatch;
beforeEach(() => {
  details = { phase: 'looking', settled: false, firstFaultAt: null };
  notes = [];
  cancellation = new AbortController();
  watch = new ReadingWatch({
    signal: cancellation.signal,
    timing: { giveUpAfterMs: GIVE_UP_MS },
    lane: 'job',
    whileWaiting: (wait) => wait(),
    details: () => details,
    note: (readings) => notes.push(readings),
  });
});

function tell(change: Partial<ReadingState>): void {
  watch.options.onReading?.({ kind: 'channel', page: 0, of: null, fault: null, over: false, ...change });
}

/** A call that fails since `SINCE`, and is made again so much later. */
function failing(againAfterMs: number): NonNullable<ReadingState['fault']> {
  const context = {
    vendor: 'egain',
    resource: 'channel',
    operation: 'list',
    message: 'eGain is not available',
  } as const;
  const fault = vendorFault({ code: 'VENDOR_UNAVAILABLE', retryable: true, httpStatus: 503, ...context });
  return { fault, since: SINCE, againAt: SINCE + againAfterMs };
}

describe('what a step waits for', () => {
  it('is noted by kind with its pages, and no longer once it is over', () => {
    tell({ page: 11, of: 134 });
    tell({ kind: 'account', page: 2 });
    tell({ page: 12, of: 134, over: true });
    expect(notes.at(1)).toEqual([
      { kind: 'channel', page: 11, of: 134, fault: null },
      { kind: 'account', page: 2, of: null, fault: null },
    ]);
    expect(notes.at(-1)).toEqual([{ kind: 'account', page: 2, of: null, fault: null }]);
  });

  it('is noted with its fault and since when, also when it has ended by it: the attempt ends so, and counts from then', () => {
    tell({ page: 3, of: 9, fault: failing(4_000) });
    tell({ page: 3, of: 9, fault: failing(8_000), over: true });
    const fault = {
      code: 'VENDOR_UNAVAILABLE',
      httpStatus: 503,
      message: 'eGain is not available',
      since: '2026-01-01T00:00:00.000Z',
    };
    expect(notes.at(-1)).toEqual([{ kind: 'channel', page: 3, of: 9, fault }]);
  });
});

describe('the waiting', () => {
  it('ends with the cancellation of the step', () => {
    expect(watch.options.signal?.aborted).toBe(false);
    cancellation.abort(new Error('cancelled'));
    expect(watch.options.signal?.aborted).toBe(true);
  });

  const cases: { firstFaultMsAgo: number | null; againAfterMs: number; ends: boolean; reason: string }[] = [
    { firstFaultMsAgo: null, againAfterMs: 60_000, ends: false, reason: 'the step is just not given up by then' },
    { firstFaultMsAgo: null, againAfterMs: 60_001, ends: true, reason: 'the vendor asks for more than there is' },
    { firstFaultMsAgo: 59_000, againAfterMs: 900, ends: false, reason: 'a second is left' },
    { firstFaultMsAgo: 59_000, againAfterMs: 1_100, ends: true, reason: 'an attempt before has used up the rest' },
  ];
  it.each(cases)('ends with the fault where the step would be given up first: $ends, $reason', (given) => {
    const { firstFaultMsAgo: ago, againAfterMs, ends } = given;
    if (ago !== null) details = { ...details, firstFaultAt: new Date(SINCE - ago).toISOString() };
    tell({ fault: failing(againAfterMs) });
    const { signal } = watch.options;
    expect(signal?.aborted).toBe(ends);
    if (ends) expect(signal?.reason).toBeInstanceOf(VendorError);
  });
});
