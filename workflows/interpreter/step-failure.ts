import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import {
  ERROR_CODES,
  type ErrorCode,
  type HeartbeatDetails,
  type IssuedFor,
  type StepFailureDetails,
  type Provisioned,
  type StepKnowledge,
} from '#libs/contracts/index.js';

/** Why a step did not succeed, and what that means for undo. */
export interface StepFailure {
  kind: 'failed' | 'cancelled';
  code: ErrorCode;
  message: string;
  externalId: string | null;
  /** True when a write of the step may still take effect at the vendor. */
  mayBeInFlight: boolean;
  /** The object that the step had brought to stand before it failed. */
  provisioned?: Provisioned;
  /** Objects that the step was removing, and what was issued for them. */
  removing?: IssuedFor[];
  /** True when a person at the vendor may do what its API does not let us do. */
  personCan?: boolean;
}

/**
 * Reads the failure of an activity. Whatever is not known to be settled counts as in flight. What provisioned when a former scheduling
 * failed (`former`) is still known when this one failed before it got there.
 */
export function readStepFailure(error: unknown, former: StepFailure | null = null): StepFailure {
  const failure = readFailure(error);
  return former?.provisioned === undefined ? failure : { provisioned: former.provisioned, ...failure };
}

function readFailure(error: unknown): StepFailure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure) {
    return {
      kind: 'cancelled',
      code: 'OUTCOME_UNKNOWN',
      message: 'The step was cancelled.',
      externalId: null,
      ...knownBy(cause.details[0]),
    };
  }
  if (cause instanceof TimeoutFailure) {
    const message = 'The worker that ran the step went away.';
    return {
      kind: 'failed',
      code: 'OUTCOME_UNKNOWN',
      message,
      externalId: null,
      mayBeInFlight: !hasSettled(cause.lastHeartbeatDetails),
      ...recordedIn(cause.lastHeartbeatDetails),
    };
  }
  if (cause instanceof ApplicationFailure) {
    const details = cause.details?.[0] as Partial<StepFailureDetails> | undefined;
    return {
      kind: 'failed',
      code: ERROR_CODES.find((code) => code === cause.type) ?? 'OUTCOME_UNKNOWN',
      message: cause.message,
      externalId: details?.externalId ?? null,
      ...knownBy(details),
      ...(details?.personCan === true ? { personCan: true } : {}),
    };
  }
  const message = error instanceof Error ? error.message : 'The step ended without a reason.';
  return { kind: 'failed', code: 'OUTCOME_UNKNOWN', message, externalId: null, mayBeInFlight: true };
}

/** What the attempt said of its object. Cancelled by the server while it backed off, or of another version, it said nothing. */
function knownBy(details: unknown): Pick<StepFailure, 'mayBeInFlight' | 'provisioned' | 'removing'> {
  const { unclear, provisioned, removing } = (details ?? {}) as Partial<StepKnowledge>;
  return {
    mayBeInFlight: unclear !== false,
    ...(provisioned ? { provisioned } : {}),
    ...(removing ? { removing } : {}),
  };
}

/** No heartbeat at all counts as in flight: the attempt may have been frozen before its first. */
function hasSettled(details: unknown): boolean {
  if (typeof details !== 'object' || details === null || !('phase' in details)) return false;
  if ('writing' in details && details.writing === true) return false;
  return details.phase === 'looking' || ('settled' in details && details.settled === true);
}

function recordedIn(details: unknown): Pick<StepFailure, 'provisioned' | 'removing'> {
  const { stands, removing } = (details ?? {}) as Partial<HeartbeatDetails>;
  return { ...(stands ? { provisioned: stands } : {}), ...(removing ? { removing } : {}) };
}
