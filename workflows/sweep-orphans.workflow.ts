import { isCancellation, scheduleActivity, sleep, type ActivityOptions } from '@temporalio/workflow';
import {
  scanTaskQueue,
  sweepActivityType,
  type CloseDetails,
  type OperationInput,
  type OperationResult,
  type SweepLook,
  type SweepOutcome,
  type SweepStepInput,
} from '#libs/contracts/index.js';
import { closing } from './interpreter/closing.js';
import { readStepFailure } from './interpreter/step-failure.js';

/**
 * Removes objects that carry the marker of an account that is not there, under that account's lock. Looks twice, so far apart that no
 * write of a job that was cut off can land in between; what something refers to, or has changed, stays.
 * @returns what became of each object
 * @throws ApplicationFailure `FAILED` when it could not be done, so that the account that it held ends too
 */
export async function sweepOrphans(input: OperationInput): Promise<OperationResult> {
  try {
    return await swept(input);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { message: reason, code } = readStepFailure(error);
    const details: CloseDetails = { status: 'failed', reason, code, step: null, leftovers: [] };
    throw closing('FAILED', reason, [details]);
  }
}

async function swept({ tenant, account, sweep }: OperationInput): Promise<OperationResult> {
  if (!sweep) return { resources: [], swept: [] };
  const { connection, targets } = sweep;
  const { vendor } = connection;
  const options: ActivityOptions = {
    taskQueue: scanTaskQueue(connection),
    scheduleToStartTimeout: '10m',
    startToCloseTimeout: '1h',
    heartbeatTimeout: '10s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 5 },
    priority: { priorityKey: 5 },
  };
  const step = <R>(verb: 'look' | 'remove', input: SweepStepInput): Promise<R> =>
    scheduleActivity<R>(sweepActivityType(vendor, verb), [input], { ...options, activityId: `sweep:${verb}` });
  const ref = { tenant, account };
  const first = await step<SweepLook>('look', { account: ref, targets });
  const spared = new Set(first.outcomes.map(({ resource, externalId }) => `${resource} ${externalId}`));
  const rest = targets.filter(({ resource, externalId }) => !spared.has(`${resource} ${externalId}`));
  if (rest.length === 0) return { resources: [], swept: first.outcomes };
  await sleep(first.waitMs, { summary: 'before the second look' });
  const removed = await step<SweepOutcome[]>('remove', { account: ref, targets: rest });
  return { resources: [], swept: [...first.outcomes, ...removed] };
}
