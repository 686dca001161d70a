import type { ErrorCode } from '#libs/contracts/index.js';

/** Why a plan did not come to stand. */
export interface StepFault {
  step: string;
  code: ErrorCode;
  message: string;
  /** hold: an operator decides, whatever the spec says. reject: a person refused what the plan needs. Absent: as the spec says. */
  then?: 'hold' | 'reject';
}
