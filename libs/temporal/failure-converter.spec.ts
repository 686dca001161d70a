import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  defaultPayloadConverter,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
  TimeoutType,
  type ProtoFailure,
} from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { createDecoder } from './decode.js';
import { loadedDataConverter } from './data-converter.js';
import { failureConverter } from './failure-converter.js';
import { encodeErrorToFailure } from '@temporalio/common/lib/internal-non-workflow/index.js';

const CANARY = 'canary +15550100';
const facts = { vendor: 'egain', resource: 'channel', operation: 'create', httpStatus: 503, message: CANARY };

const fault = (details: unknown, type = 'VENDOR_UNAVAILABLE'): ApplicationFailure =>
  ApplicationFailure.create({ type, message: `eGain answers 503 for ${CANARY}`, details: [details] });

const toFailure = (error: unknown): ProtoFailure => failureConverter.errorToFailure(error, defaultPayloadConverter);
const toError = (failure: ProtoFailure): Error => failureConverter.failureToError(failure, defaultPayloadConverter);

describe('failure converter', () => {
  it.each<{ error: unknown; sentence: string }>([
    { error: fault(facts), sentence: 'VENDOR_UNAVAILABLE: egain channel.create HTTP 503' },
    { error: fault({ ...facts, httpStatus: null }), sentence: 'VENDOR_UNAVAILABLE: egain channel.create' },
    { error: fault({ ...facts, resource: CANARY }), sentence: 'VENDOR_UNAVAILABLE: egain HTTP 503' },
    { error: fault({ ...facts, operation: CANARY }), sentence: 'VENDOR_UNAVAILABLE: egain HTTP 503' },
    { error: fault({ ...facts, vendor: CANARY }), sentence: 'VENDOR_UNAVAILABLE' },
    { error: fault({ ...facts, httpStatus: CANARY }), sentence: 'VENDOR_UNAVAILABLE: egain channel.create' },
    { error: fault(undefined), sentence: 'VENDOR_UNAVAILABLE' },
    { error: fault(null), sentence: 'VENDOR_UNAVAILABLE' },
    { error: fault({ code: 'CONFLICT', reason: CANARY }, 'ROLLED_BACK'), sentence: 'ROLLED_BACK: CONFLICT' },
    { error: fault({ code: CANARY }, 'ROLLED_BACK'), sentence: 'ROLLED_BACK' },
    { error: fault({ httpStatus: 503, message: CANARY }, 'RECEIVER_REFUSED'), sentence: 'RECEIVER_REFUSED: HTTP 503' },
    { error: fault({ httpStatus: CANARY }, 'RECEIVER_REFUSED'), sentence: 'RECEIVER_REFUSED' },
    { error: fault({ deliveries: [{ host: CANARY }] }, 'NOT_DELIVERED'), sentence: 'NOT_DELIVERED' },
    { error: fault(facts, CANARY), sentence: 'Internal error' },
    { error: new Error(CANARY), sentence: 'Internal error' },
    { error: CANARY, sentence: 'Internal error' },
    { error: new TimeoutFailure(CANARY, undefined, TimeoutType.HEARTBEAT), sentence: 'Timeout' },
    { error: new CancelledFailure(CANARY), sentence: 'Cancelled' },
    { error: new TerminatedFailure(CANARY), sentence: 'Terminated' },
    {
      error: new ActivityFailure(CANARY, 'egain.channel.ensure', 'a', RetryState.TIMEOUT, undefined, fault(facts)),
      sentence: 'Activity failed: egain.channel.ensure',
    },
    {
      error: new ActivityFailure(CANARY, CANARY, 'a', RetryState.TIMEOUT, undefined, fault(facts)),
      sentence: 'Activity failed',
    },
    {
      error: new ChildWorkflowFailure('default', {}, 'onboardAccount', RetryState.TIMEOUT, fault(facts)),
      sentence: 'Child workflow failed',
    },
  ])('leaves in clear: $sentence', ({ error, sentence }) => {
    const failure = toFailure(error);
    expect(failure.message).toBe(sentence);
    expect(failure.stackTrace).toBe('');
  });

  it('gives the real sentence and the details back', () => {
    const error = toError(toFailure(fault(facts)));
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({
      type: 'VENDOR_UNAVAILABLE',
      message: `eGain answers 503 for ${CANARY}`,
      details: [facts],
    });
  });

  it('gives it back through a wrapper and a second conversion, as a workflow does that fails with what it caught', () => {
    const activity = new ActivityFailure(
      'Activity task failed',
      'egain.channel.ensure',
      'a',
      RetryState.TIMEOUT,
      'w',
      fault(facts),
    );
    const caught = toError(toFailure(activity));
    toFailure(caught);
    const again = toError(toFailure(caught));
    expect(again.message).toBe('Activity task failed');
    expect(again.cause).toMatchObject({ message: `eGain answers 503 for ${CANARY}`, type: 'VENDOR_UNAVAILABLE' });
    expect(toFailure(caught).cause?.message).toBe('VENDOR_UNAVAILABLE: egain channel.create HTTP 503');
  });

  it('keeps no stack of our own failures, and that of a fault in the program', () => {
    expect(toError(toFailure(fault(facts))).stack).toBe('');
    expect(toError(toFailure(new Error('a bug'))).stack).toContain('failure-converter.spec');
  });

  it('lets nothing through in clear once the codec has run, and reads it back', async () => {
    const ring: KeyRing = { active: 'k1', hash: 'k1', keys: new Map([['k1', new Uint8Array(32).fill(1)]]) };
    const converter = loadedDataConverter(ring, 'default');
    const error = fault({ ...facts, cause: CANARY });
    const encoded = await encodeErrorToFailure(converter, error, {
      type: 'workflow',
      namespace: 'default',
      workflowId: 'w',
    });
    const bytes = JSON.stringify(encoded, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
    );
    expect(bytes).not.toContain('canary');
    expect(bytes).toContain('VENDOR_UNAVAILABLE: egain channel.create HTTP 503');
    const back = await createDecoder(converter, 'default').failure(encoded, 'w');
    expect(back?.message).toBe(`eGain answers 503 for ${CANARY}`);
  });
});
