import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { VendorError, vendorFault, type HeartbeatDetails, type VendorFault } from '#libs/contracts/index.js';
import { HttpFault } from '#libs/http/index.js';
import { FakeContext, FakeVendor, TIMING } from '#libs/resources/fake-vendor.fixture.js';
import { FencedError } from '#libs/resources/index.js';
import { transportFault } from '#libs/vendors/common/index.js';
import { toTemporalFailure } from './failures.js';

const CREATE = { resource: 'channel', operation: 'create' } as const;
const EGAIN = { vendor: 'egain', label: 'eGain' } as const;

const unavailable = new VendorError(
  vendorFault({ ...CREATE, vendor: 'egain', code: 'VENDOR_UNAVAILABLE', message: 'HTTP 503', retryable: true }),
);
const heldBack = transportFault(EGAIN, CREATE, new HttpFault('not-sent', 'it waited too long for its turn'));

/** An attempt whose step first failed so many milliseconds ago; null: never. */
function attempt(failedMsAgo: number | null): FakeContext {
  const vendor = new FakeVendor(true);
  const firstFaultAt = failedMsAgo === null ? null : new Date(vendor.clock - failedMsAgo).toISOString();
  const previous: HeartbeatDetails = { phase: 'looking', settled: false, firstFaultAt };
  return new FakeContext(vendor, 2, previous);
}

async function failureOf(thrown: unknown, ctx: FakeContext): Promise<ApplicationFailure> {
  const failure = await toTemporalFailure(thrown, ctx, undefined);
  if (failure instanceof ApplicationFailure) return failure;
  throw new Error('an ApplicationFailure was expected', { cause: failure });
}

describe('the clock after which a step is given up', () => {
  it('is started by the first fault of the vendor', async () => {
    const ctx = attempt(null);
    expect(await failureOf(unavailable, ctx)).toMatchObject({ nonRetryable: false });
    expect(ctx.details().firstFaultAt).not.toBeNull();
    expect(await failureOf(unavailable, attempt(TIMING.giveUpAfterMs))).toMatchObject({ nonRetryable: true });
  });

  it('is neither started nor run out by a call that our own limits held back', async () => {
    const fresh = attempt(null);
    const failure = await failureOf(heldBack, fresh);
    expect(failure).toMatchObject({ type: 'VENDOR_UNAVAILABLE', nonRetryable: false });
    expect((failure.details?.[0] as VendorFault).heldBack).toBe(true);
    expect(fresh.details().firstFaultAt).toBeNull();
    expect(await failureOf(heldBack, attempt(TIMING.giveUpAfterMs))).toMatchObject({ nonRetryable: false });
  });

  it('is started when the call of a list first failed that the step waited for', async () => {
    const ctx = attempt(null);
    const since = new Date(TIMING.giveUpAfterMs / 2).toISOString();
    const fault = { code: 'VENDOR_UNAVAILABLE', httpStatus: 503, message: 'HTTP 503', since };
    const readings = [{ kind: 'channel', page: 3, of: 9, fault }];
    ctx.details = () => ({ phase: 'looking', settled: false, firstFaultAt: null, readings });
    await failureOf(unavailable, ctx);
    expect(ctx.confirmed.at(-1)?.firstFaultAt).toBe(since);
  });

  it('runs for a vendor that no connection comes about to: that is its fault', async () => {
    const ctx = attempt(null);
    await failureOf(transportFault(EGAIN, CREATE, new HttpFault('connect', 'refused')), ctx);
    expect(ctx.details().firstFaultAt).not.toBeNull();
  });
});

describe('the pause before the next attempt', () => {
  const { initialIntervalMs, maximumIntervalMs } = TIMING;
  const LEAST = 0.8; // of the back-off: its spread
  const asks: { retryAfterMs: number | null; reason: string }[] = [
    { retryAfterMs: null, reason: 'the vendor asks for nothing' },
    { retryAfterMs: 0, reason: 'no pause at all would end the activity for good' },
    { retryAfterMs: -5_000, reason: 'a moment that has passed' },
    { retryAfterMs: 1, reason: 'less than our own pause' },
  ];
  it.each(asks)('is never below our own: $reason', async ({ retryAfterMs }) => {
    const fault = { ...unavailable.fault, retryAfterMs };
    for (const attempts of [1, 2, 5, 40]) {
      const ctx = new FakeContext(new FakeVendor(true), attempts);
      const failure = await failureOf(new VendorError(fault), ctx);
      expect(failure.nonRetryable).toBe(false);
      const own = Math.min(initialIntervalMs * 2 ** (attempts - 1) * LEAST, maximumIntervalMs);
      expect(failure.nextRetryDelay, `attempt ${String(attempts)}`).toBeGreaterThanOrEqual(own);
    }
  });

  it('is what the vendor asks for where that is longer', async () => {
    const fault = { ...unavailable.fault, retryAfterMs: 90_000 };
    expect(await failureOf(new VendorError(fault), attempt(null))).toMatchObject({ nextRetryDelay: 90_000 });
  });

  it('is that of the one who bounds the wait where it is no fault', async () => {
    const fault = { ...unavailable.fault, code: 'NOT_READY' as const, retryAfterMs: 2_000 };
    const ctx = new FakeContext(new FakeVendor(true), 12);
    expect(await failureOf(new VendorError(fault), ctx)).toMatchObject({ nextRetryDelay: 2_000 });
  });
});

describe('what an attempt knows of its object', () => {
  const stands = {
    id: 'app-1',
    since: '2026-01-01T00:00:00Z',
    ownership: 'created',
    issued: { secret: 'sealed' },
  } as const;
  const removing = [{ id: 'app-2', issued: {} }];
  const known: HeartbeatDetails = { phase: 'posting', settled: true, firstFaultAt: null, stands, removing };
  const knowledge = {
    unclear: false,
    attempt: 2,
    provisioned: { id: 'app-1', ownership: 'created', issued: { secret: 'sealed' } },
    removing,
  };
  const withAll = (facts: { workerStops?: boolean } = {}): FakeContext =>
    Object.assign(new FakeContext(new FakeVendor(true), 2, known), facts);

  const ends: { thrown: unknown; reason: string }[] = [
    { thrown: unavailable, reason: "a vendor's fault" },
    { thrown: new TypeError('nobody foresaw it'), reason: 'a step that broke' },
    { thrown: new FencedError('another attempt holds the step'), reason: 'an attempt that lost its step' },
  ];
  it.each(ends)('is told with $reason', async ({ thrown }) => {
    expect((await failureOf(thrown, withAll())).details?.[0]).toMatchObject(knowledge);
  });

  it('is told with a cancellation, also one that came amid a read', async () => {
    for (const thrown of [new FencedError('the step was cancelled', { cancelled: true }), unavailable]) {
      const ctx = withAll();
      ctx.cancel();
      const failure = await toTemporalFailure(thrown, ctx, undefined);
      expect(failure).toBeInstanceOf(CancelledFailure);
      expect((failure as CancelledFailure).details).toEqual([knowledge]);
    }
  });

  it('is told with the stop of the worker, which is no cancellation: another attempt goes on', async () => {
    const ctx = withAll({ workerStops: true });
    ctx.cancel();
    const failure = await failureOf(new FencedError('the step was cancelled', { cancelled: true }), ctx);
    expect(failure).toMatchObject({ type: 'OUTCOME_UNKNOWN', nonRetryable: false });
    expect(failure.details).toEqual([knowledge]);
  });
});
