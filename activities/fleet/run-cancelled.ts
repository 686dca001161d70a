import { CancelledFailure } from '@temporalio/common';

/**
 * Whether an activity is to end since its run was cancelled, as opposed to a worker that stops: then what it has had others begin goes on,
 * and it tells so.
 */
export function isRunCancelled({ reason }: AbortSignal): boolean {
  return reason instanceof CancelledFailure && reason.message === 'CANCELLED';
}
