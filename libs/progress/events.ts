import type {
  CloseDetails,
  Command,
  Delivery,
  Handoff,
  NotifyEvent,
  OperationInput,
  SearchAttribute,
  Verb,
  VendorFault,
} from '#libs/contracts/index.js';

/** What failed in a step, as far as the history tells. */
export type StepFault = Pick<VendorFault, 'code' | 'message' | 'httpStatus' | 'vendorCode' | 'externalId'>;

/** How an operation's workflow ended. `terminated` stands for every end that our code did not choose. */
export type CloseKind = 'completed' | 'failed' | 'cancelled' | 'terminated';

/** One event of an operation's history, decoded, with what progress is made of. Event ids are those of the operation's own history. */
export type JobEvent = { eventId: number; at: string } & (
  | { type: 'started'; input: OperationInput }
  | { type: 'attributes'; values: { [name in SearchAttribute]?: string | null } }
  /** `queue`: the task queue, which names the connection. */
  | { type: 'scheduled'; key: string; verb: Verb; queue?: string }
  /** Written only when the activity ends: what its last attempt was, and why the one before failed. */
  | { type: 'attempt'; scheduledEventId: number; attempt: number; lastFault: StepFault | null }
  | { type: 'completed'; scheduledEventId: number; result: unknown }
  | { type: 'failed'; scheduledEventId: number; fault: StepFault }
  | { type: 'cancelled'; scheduledEventId: number }
  | { type: 'command'; command: Command }
  /** A task was handed to a person, or what is known of it has changed. */
  | { type: 'handoff'; handoff: Handoff }
  /** The job has asked for an event to be told to these hosts, by a workflow of its own. */
  | { type: 'notice'; workflowId: string; id: string; event: NotifyEvent; hosts: string[] }
  | { type: 'notice-started'; workflowId: string; runId: string }
  /** Told to the job while it is open; null: ended from outside. */
  | { type: 'notice-ended'; workflowId: string; outcomes: Delivery[] | null }
  /** `result` is what a completed operation answered; null for every other end. */
  | { type: 'closed'; how: CloseKind; details: CloseDetails | null; result: unknown }
);

/** An activity that has been scheduled and has not ended, as `describe` tells it. The history does not know these facts. */
export interface PendingStep {
  key: string;
  verb: Verb;
  state: 'scheduled' | 'started';
  /** The attempt that runs or comes next, from 1. */
  attempt: number;
  /** RFC 3339 UTC. Moves with each attempt. */
  scheduledAt: string | null;
  /** When the last attempt ended; null while none has. */
  lastEndedAt: string | null;
  /** When the next attempt is due; null while one runs or waits for a worker. */
  nextAttemptAt: string | null;
  lastFault: StepFault | null;
}

/** What `describe` tells of an operation, or of an account whose operation has not started. */
export interface LiveFacts {
  /** RFC 3339 UTC, when `describe` was asked. */
  at: string;
  pending: readonly PendingStep[];
  /** Since when a task of the workflow itself waits for a worker; null when none does. */
  taskWaitsSince: string | null;
  /** What is known of a task of the workflow that fails again and again; null or absent when none does. */
  taskFailure?: TaskFailure | null;
}

/** A workflow whose own task fails, is tried again, and fails: other code than its history was made by, another key ring, a bug. */
export interface TaskFailure {
  /** RFC 3339 UTC, when the task was to begin. */
  since: string;
  /** Tries that have failed. */
  failed: number;
  /** Temporal's word for why: `NonDeterministicError`, `StartToClose`; null while it has not said. */
  cause: string | null;
}
