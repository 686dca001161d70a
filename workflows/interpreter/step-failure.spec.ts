import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { HeartbeatDetails, StepKnowledge } from '#libs/contracts/index.js';
import { readStepFailure } from './step-failure.js';

const provisioned = { id: 'app-1', ownership: 'created', issued: { secret: 'sealed' } } as const;
const removing = [{ id: 'app-2', issued: {} }];
const knowledge: StepKnowledge = { unclear: false, attempt: 3, provisioned, removing };
const details: HeartbeatDetails = {
  phase: 'posting',
  settled: true,
  firstFaultAt: null,
  stands: { ...provisioned, since: '2026-01-01T00:00:00Z' },
  removing,
};

function closed(cause: Error): ActivityFailure {
  return new ActivityFailure(
    'closed',
    'egain.channel.ensure',
    'egain.channel/ensure',
    'NON_RETRYABLE_FAILURE',
    'w',
    cause,
  );
}

describe('a step that did not end well', () => {
  const ends: { cause: Error; reason: string }[] = [
    { cause: ApplicationFailure.create({ type: 'CONFLICT', details: [knowledge] }), reason: 'its attempt failed' },
    { cause: new CancelledFailure('cancelled', [knowledge]), reason: 'its attempt was cancelled' },
    { cause: new TimeoutFailure('gone', details, 'HEARTBEAT'), reason: 'the worker of its attempt died' },
  ];
  it.each(ends)('tells what was known of its object: $reason', ({ cause }) => {
    expect(readStepFailure(closed(cause))).toMatchObject({
      mayBeInFlight: false,
      provisioned: { ...provisioned },
      removing,
    });
  });

  const silent: { cause: Error; reason: string }[] = [
    { cause: new CancelledFailure('cancelled', ['ACTIVITY_ID_NOT_STARTED']), reason: 'the server answered for it' },
    { cause: new CancelledFailure('cancelled'), reason: 'a cancellation without a word' },
    { cause: ApplicationFailure.create({ type: 'OUTCOME_UNKNOWN' }), reason: 'a failure without a word' },
    { cause: new TimeoutFailure('gone', undefined, 'HEARTBEAT'), reason: 'frozen before its first heartbeat' },
  ];
  it.each(silent)('counts as in flight where nothing is known: $reason', ({ cause }) => {
    expect(readStepFailure(closed(cause))).toMatchObject({ mayBeInFlight: true });
  });
});
