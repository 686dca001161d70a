import type { HandoffAnswer } from './handoff.js';
import type { OperationKind } from './operation.js';
import type { JobStatus } from './progress.js';
import type { Plan } from './plan.js';

/** Name of the one signal by which people steer an operation. */
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

interface Commanded {
  /** A UUID; a repeated signal with the same id is dropped. */
  id: string;
  /** The run that it is meant for. */
  runId: string;
  by: string;
  reason: string;
  /** RFC 3339 UTC. */
  at: string;
}

/** The payload of the signal: durable, needs no worker, and the audit of who asked for what. */
export type Command =
  | (Commanded & { verb: 'cancel' | 'rollback' | 'accept-leftovers' })
  /** `plan`: the corrected one to go on with. */
  | (Commanded & { verb: 'retry'; plan?: Plan })
  /** Which hand-off, and what is answered. */
  | (Commanded & { verb: 'handoff' | 'handoff-fetched'; answer: HandoffAnswer });

type Fits = Record<CommandVerb, readonly JobStatus[]>;

const APPLYING: Fits = {
  cancel: ['queued', 'running', 'waiting', 'held'],
  retry: ['held'],
  rollback: ['held', 'rollback-incomplete'],
  'accept-leftovers': ['rollback-incomplete'],
  // And only while one is open: others of the operation's steps may run meanwhile.
  handoff: ['running', 'waiting', 'rolling-back'],
  'handoff-fetched': ['running', 'waiting', 'rolling-back'],
};

const RECONCILING: Fits = {
  cancel: ['queued', 'running', 'waiting'],
  retry: [],
  rollback: [],
  'accept-leftovers': [],
  handoff: ['running', 'waiting'],
  'handoff-fetched': ['running', 'waiting'],
};

const FITS: Record<OperationKind, Fits> = {
  onboard: APPLYING,
  amend: APPLYING,
  offboard: {
    cancel: ['queued', 'running', 'waiting', 'rollback-incomplete'],
    retry: ['rollback-incomplete'],
    rollback: [],
    'accept-leftovers': ['rollback-incomplete'],
    handoff: ['running', 'waiting'],
    'handoff-fetched': ['running', 'waiting'],
  },
  reconcile: RECONCILING,
  sweep: RECONCILING,
};

/**
 * Whether a command makes sense for an operation in a status. The API asks before it signals, the workflow when the signal arrives, the
 * progress to tell which were ignored.
 */
export function commandFits(verb: CommandVerb, status: JobStatus, kind: OperationKind): boolean {
  return FITS[kind][verb].includes(status);
}
