import type { JobStatus, Progress } from '#libs/contracts/progress.js';

/** Exit codes of every command; README lists them. */
export const EXIT = {
  /** The command did what it was asked. */
  done: 0,
  /** Wrong usage, or the API refused or could not be reached. */
  error: 1,
  /** Drift or planned changes were found. */
  differs: 2,
  /** The job is held, or waits for a person. */
  waiting: 3,
  /** The job was rolled back, cancelled or rejected. */
  undone: 4,
  /** The rollback is incomplete, or the job was interrupted. */
  stuck: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_STATUS: Record<JobStatus, ExitCode> = {
  queued: EXIT.done,
  running: EXIT.done,
  waiting: EXIT.done,
  held: EXIT.waiting,
  'rolling-back': EXIT.done,
  'rollback-incomplete': EXIT.stuck,
  succeeded: EXIT.done,
  'rolled-back': EXIT.undone,
  cancelled: EXIT.undone,
  rejected: EXIT.undone,
  interrupted: EXIT.stuck,
};

/** The exit code that tells how a job stands; a job that is under way by itself counts as done. */
export function exitCodeOf(progress: Pick<Progress, 'status' | 'waitingFor'>): ExitCode {
  return needsPerson(progress) ? EXIT.waiting : BY_STATUS[progress.status];
}

/** True when a job will not move on by itself: it has ended, or a person has to act. */
export function isSettled(progress: Pick<Progress, 'status' | 'waitingFor' | 'closedAt'>): boolean {
  return (
    progress.closedAt !== null ||
    progress.status === 'interrupted' ||
    progress.status === 'rollback-incomplete' ||
    needsPerson(progress)
  );
}

function needsPerson({ status, waitingFor }: Pick<Progress, 'status' | 'waitingFor'>): boolean {
  if (status === 'held') return true;
  const moves = status === 'waiting' || status === 'rolling-back';
  return moves && (waitingFor?.kind === 'handoff' || waitingFor?.kind === 'operator');
}
