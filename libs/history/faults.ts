import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { CLOSE_TYPES, ERROR_CODES, type CloseDetails, type VendorFault } from '#libs/contracts/index.js';
import type { StepFault } from '#libs/progress/index.js';

/** The vendor facts of a decoded activity failure; null for an absent one. */
export function stepFault(error: Error | undefined): StepFault | null {
  if (!error) return null;
  if (error instanceof TimeoutFailure) return unknownOutcome('the worker that ran the step went away');
  if (!(error instanceof ApplicationFailure)) return unknownOutcome(error.message);
  const details = (error.details?.[0] ?? {}) as Partial<VendorFault>;
  return {
    code: ERROR_CODES.find((code) => code === error.type) ?? 'OUTCOME_UNKNOWN',
    message: error.message,
    httpStatus: details.httpStatus ?? null,
    vendorCode: details.vendorCode ?? null,
    externalId: details.externalId ?? null,
  };
}

/** What an operation said when it closed as failed; null when the failure is none of ours. */
export function closeDetails(error: Error | undefined): CloseDetails | null {
  if (!(error instanceof ApplicationFailure) || !CLOSE_TYPES.some((type) => type === error.type)) return null;
  return (error.details?.[0] as CloseDetails | undefined) ?? null;
}

function unknownOutcome(message: string): StepFault {
  return { code: 'OUTCOME_UNKNOWN', message, httpStatus: null, vendorCode: null, externalId: null };
}
