import type { HandoffAnswer } from './handoff.js';
import type { JobStatus } from './progress.js';
import type { Plan } from './plan.js';

/** Name of the one signal by which people steer a job. */
export const COMMAND_SIGNAL = 'command';

export const COMMAND_VERBS = [
  'cancel',
  'retry',
  'rollback',
  'accept-leftovers',
  /** A person's answer. */
  'handoff',
  /** Somebody has got the file of a hand-off: from then on what it asks for may have been done. */
  'handoff-fetched',
] as const;
export type CommandVerb = (typeof COMMAND_VERBS)[number];

/** The payload of the signal: durable, needs no worker, and the audit of who asked for what. */
export interface Command {
  /** A UUID; a repeated signal with the same id is dropped. */
  id: string;
  verb: CommandVerb;
  /** The run that it is meant for. */
  runId: string;
  by: string;
  reason: string;
  /** RFC 3339 UTC. */
  at: string;
  /** `retry` with a corrected spec: the plan to go on with. */
  plan?: Plan;
  /** `handoff` and `handoff-fetched`: which hand-off, and what is answered. */
  answer?: HandoffAnswer;
}

const FITS: Record<CommandVerb, readonly JobStatus[]> = {
  cancel: ['queued', 'running', 'waiting', 'held'],
  retry: ['held'],
  rollback: ['held', 'rollback-incomplete'],
  'accept-leftovers': ['rollback-incomplete'],
  // And only while one is open: others of the job's steps may run meanwhile.
  handoff: ['running', 'waiting', 'rolling-back'],
  'handoff-fetched': ['running', 'waiting', 'rolling-back'],
};

/** Whether a command makes sense in a status. The API asks before it signals, the workflow when the signal arrives, the progress to tell which were ignored. */
export function commandFits(verb: CommandVerb, status: JobStatus): boolean {
  return FITS[verb].includes(status);
}
