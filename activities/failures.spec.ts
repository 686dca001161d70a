import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { VendorError, vendorFault, type HeartbeatDetails, type VendorFault } from '#libs/contracts/index.js';
import { HttpFault } from '#libs/http/index.js';
import { FakeContext, FakeVendor, TIMING } from '#libs/resources/fake-vendor.fixture.js';
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
