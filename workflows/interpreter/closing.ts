import { ApplicationFailure } from '@temporalio/common';

/**
 * A failure by which a workflow ends on purpose: rolled back, refused, not delivered. It has no stack, for what it says is all there
 * is to know, so the worker's log tells it in one line (`libs/logging`) and keeps stacks for what nobody meant.
 */
export function closing(type: string, message: string, details: unknown[] = []): ApplicationFailure {
  const failure = ApplicationFailure.create({ type, message, nonRetryable: true, details });
  failure.stack = `${type}: ${message}`;
  return failure;
}
