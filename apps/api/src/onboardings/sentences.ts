import type { CommandVerb, JobStatus } from '#libs/contracts/index.js';
import type { Job } from '#libs/progress/index.js';

const STANDS: Record<JobStatus, string> = {
  queued: 'is queued',
  running: 'is running',
  waiting: 'is waiting',
  held: 'is held',
  'rolling-back': 'is being rolled back',
  'rollback-incomplete': 'could not be rolled back as a whole',
  succeeded: 'has succeeded',
  'rolled-back': 'has been rolled back',
  cancelled: 'has been cancelled',
  rejected: 'has been rejected',
  interrupted: 'was terminated in Temporal',
  failed: 'has failed',
};

const CANNOT: Record<CommandVerb, string> = {
  cancel: 'it cannot be cancelled',
  retry: 'it cannot be retried',
  rollback: 'it cannot be rolled back',
  'accept-leftovers': 'it has no leftovers to accept',
  handoff: 'it asks nobody for anything',
  'handoff-fetched': 'it asks nobody for anything',
};

/** How a job stands, as a sentence: "The job has succeeded." `so` goes on with what follows from it. */
export function jobStands({ status, closed }: Pick<Job, 'status' | 'closed'>, so?: string): string {
  const stands = closed && status === 'rollback-incomplete' ? 'has ended with leftovers' : STANDS[status];
  return `The job ${stands}${so === undefined ? '' : `, so ${so}`}.`;
}

/** Why a command is refused: "The job has succeeded, so it cannot be retried." */
export function commandMisfit(verb: CommandVerb, job: Pick<Job, 'status' | 'closed'>): string {
  return jobStands(job, CANNOT[verb]);
}

/** The same for a job that ended while the command was on its way. */
export function commandTooLate(verb: CommandVerb): string {
  return `The job has ended meanwhile, so ${CANNOT[verb]}.`;
}
