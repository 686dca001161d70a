import { ERROR_CODES, type ErrorCode } from './errors.js';
import type { HandoffState } from './handoff.js';
import type { Leftover } from './operation.js';
import type { LookFinding } from './steps.js';

/** A code with its sentence. */
export interface RuledFault {
  code: ErrorCode;
  message: string;
}

/** Why a conflict that a look saw ends the operation: read by the workflow and by the progress alike. */
export function conflictFault({ status, reason }: Pick<LookFinding, 'status' | 'reason'>, title: string): RuledFault {
  return { code: status === 'ambiguous' ? 'AMBIGUOUS' : 'FOREIGN_RESOURCE', message: `${title}: ${reason}.` };
}

/** Why a node is not taken back while something stands that may refer to it. */
export function blockedReason(title: string): string {
  return `STILL_REFERENCED: ${title} could not be undone and may refer to it`;
}

/** What a hand-off that ended without a right answer comes to. */
export function handoffCode(state: Extract<HandoffState, 'rejected' | 'overdue'>): ErrorCode {
  return state === 'rejected' ? 'PERMISSION_DENIED' : 'NOT_READY';
}

/** What is said of a step whose worker never answered. */
export const WORKER_WENT_AWAY = 'The worker that ran the step went away.';

/** What is said of an operation that was cancelled in Temporal itself, where no command gives a reason. */
export const CANCELLED_IN_TEMPORAL = 'Cancelled in Temporal.';

/** The code with which a leftover's reason begins; null where it has none. */
export function leftoverCode({ reason }: Leftover): ErrorCode | null {
  return ERROR_CODES.find((code) => reason.startsWith(`${code}:`)) ?? null;
}
