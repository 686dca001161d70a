import type { Vendor } from './names.js';
import { plainLine } from './plain-text.js';

/** The few codes that every fault of a vendor is brought to (`docs/architecture.md` §5). */
export const ERROR_CODES = [
  'VENDOR_UNAVAILABLE',
  'RATE_LIMITED',
  'CREDENTIALS_REJECTED',
  'PERMISSION_DENIED',
  'INVALID_REQUEST',
  'CONFLICT',
  'FOREIGN_RESOURCE',
  'AMBIGUOUS',
  'CANNOT_ENUMERATE',
  'STILL_REFERENCED',
  'NOT_READY',
  'OUTCOME_UNKNOWN',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What a call to a vendor was for. */
export type VendorOperation = 'token' | 'list' | 'get' | 'create' | 'update' | 'delete' | 'ready';

/** The facts of a vendor's fault, as typed fields: nobody parses a message. */
export interface VendorFault {
  code: ErrorCode;
  vendor: Vendor;
  /** Resource name, `channel`; `token` for a credential call. */
  resource: string;
  operation: VendorOperation;
  /** HTTP status of the answer; null when none came. */
  httpStatus: number | null;
  /** The vendor's own code (`400-143`, `INVALID_ARGUMENT`); null when it sent none. */
  vendorCode: string | null;
  /** The vendor's id of the object concerned; null when unknown. */
  externalId: string | null;
  /** A plain sentence for a support person, without secrets. */
  message: string;
  /** Whether the same call may succeed later. */
  retryable: boolean;
  /** Milliseconds that the vendor asked us to wait; null when it did not say. */
  retryAfterMs: number | null;
  /** True when a write may have taken effect although it failed: a timeout, a reset, a 5xx, an unreadable 2xx. */
  outcomeUnknown: boolean;
  /** True when the refusal of a create may be about an object that exists already (400, 409). */
  maybeDuplicate: boolean;
  /** True when the call waited for its turn under our own limits until it was too late to send it: no fault of the vendor. Absent: false. */
  heldBack?: boolean;
  /** True when a person at the vendor may do what its API does not let us do. Absent: false. */
  personCan?: boolean;
}

/** A fault of a vendor as an exception. Thrown by the vendor clients and the algorithms on resources; nothing else carries vendor facts. */
export class VendorError extends Error {
  readonly fault: VendorFault;

  constructor(fault: VendorFault, options?: { cause?: unknown }) {
    super(fault.message, options);
    this.name = 'VendorError';
    this.fault = fault;
  }
}

/** Builds a fault from its code and context; what is not given takes its neutral value. */
export function vendorFault(
  fault: Pick<VendorFault, 'code' | 'vendor' | 'resource' | 'operation' | 'message'> & Partial<VendorFault>,
): VendorFault {
  return {
    httpStatus: null,
    vendorCode: null,
    externalId: null,
    retryable: false,
    retryAfterMs: null,
    outcomeUnknown: false,
    maybeDuplicate: false,
    ...fault,
    // It may quote what a vendor named or said.
    message: plainLine(fault.message),
  };
}

/** Types of the failures with which workflows of ours close. */
export const CLOSE_TYPES = ['ROLLED_BACK', 'CANCELLED', 'REJECTED', 'ROLLBACK_INCOMPLETE', 'FAILED'] as const;
export type CloseType = (typeof CLOSE_TYPES)[number];
