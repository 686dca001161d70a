import { CANCELLED_IN_TEMPORAL, cancelledBy } from '#libs/contracts/index.js';
import type { Job } from './job.js';

/** Why a job is not where it was meant to go: a step's failure or a person's wish. Null when nothing went wrong. */
export function causeOf(job: Job): string | null {
  if (job.cancelledBy) return cancelledBy(job.cancelledBy);
  if (job.rejectedBy) return `Rejected by ${job.rejectedBy.by}: ${job.rejectedBy.reason}`;
  const failing = job.failedStep === null ? undefined : job.steps.get(job.failedStep);
  const step = failing?.ensureError ? failing : [...job.steps.values()].find((each) => each.ensureError !== null);
  if (!step?.ensureError) return null;
  const { code, message } = step.ensureError;
  return `${code}: ${message}`;
}

/** The reason with which a job closed. */
export function closeReason(job: Job): string | null {
  switch (job.status) {
    case 'succeeded':
      return null;
    case 'interrupted':
      return 'Terminated in Temporal itself; what the job made may still stand.';
    case 'cancelled':
      // A step that had failed before is not why.
      return job.cancelledBy ? cancelledBy(job.cancelledBy) : (job.closed?.details?.reason ?? CANCELLED_IN_TEMPORAL);
    default: {
      const details = job.closed?.details;
      return causeOf(job) ?? details?.reason ?? null;
    }
  }
}
