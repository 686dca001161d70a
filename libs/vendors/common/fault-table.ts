import { VendorError, vendorFault, type ErrorCode, type Vendor, type VendorOperation } from '#libs/contracts/index.js';
import type { HttpFault, HttpFaultKind } from '#libs/http/index.js';
import { cut, scrub } from './scrub.js';

/** A vendor by its names. */
export interface VendorName {
  vendor: Vendor;
  /** As people write it: `eGain`. */
  label: string;
}

/** What a call is for; the context of its fault. */
export interface CallPurpose {
  /** Resource name, or `token`. */
  resource: string;
  operation: VendorOperation;
  externalId?: string;
  /** Secret values that the call carries: taken out of whatever the vendor says about it. */
  secrets?: readonly string[];
}

/** One row of a vendor's table from answers to codes. The first row that fits decides. */
export interface AnswerRow {
  /** HTTP status, or the first and last of a range. */
  status: number | readonly [number, number];
  /** Only for these operations; all when absent. */
  operations?: readonly VendorOperation[];
  /** Only when the vendor's own code or text matches. */
  says?: RegExp;
  code: ErrorCode;
  retryable?: boolean;
  /** A write that was answered so may have taken effect. */
  unknownForWrites?: boolean;
  /** A create that was refused so may have met an object that exists already. */
  maybeDuplicate?: boolean;
  /** A person at the vendor may do what is refused here. */
  personCan?: boolean;
  /** What the vendor does, as the rest of a sentence that begins with its name. */
  clause: string;
  /** Where the row comes from. */
  source: string;
}

/** The facts of a refusal, past the vendor's schema. */
export interface Refusal {
  status: number;
  vendorCode: string | null;
  /** What the vendor says, for people; undefined when it says nothing readable. */
  text: string | undefined;
  retryAfterMs: number | null;
}

const WRITES: readonly VendorOperation[] = ['create', 'update', 'delete'];

/** Longest part of a vendor's own text that a message carries, in characters. */
const TEXT_LIMIT = 300;

/** Whether an operation changes something at the vendor. */
export function isWrite(operation: VendorOperation): boolean {
  return WRITES.includes(operation);
}

/** The fault for an answer, by the vendor's table. An answer that no row knows stays unknown and says so. */
export function refusalFault(
  name: VendorName,
  rows: readonly AnswerRow[],
  purpose: CallPurpose,
  refusal: Refusal,
): VendorError {
  const row = rows.find((candidate) => fits(candidate, purpose, refusal)) ?? UNKNOWN_ANSWER;
  const { status, vendorCode, text } = refusal;
  const code = vendorCode === null ? '' : `, code ${vendorCode}`;
  const quoted = text === undefined ? '' : ` It says: ${cut(scrub(text, purpose.secrets ?? []), TEXT_LIMIT)}`;
  return fault(name, purpose, {
    code: row.code,
    message: `${name.label} ${row.clause} (${describe(purpose)}, HTTP ${status}${code}).${quoted}`,
    httpStatus: status,
    vendorCode,
    retryable: row.retryable ?? false,
    retryAfterMs: row.retryable === true ? refusal.retryAfterMs : null,
    outcomeUnknown: (row.unknownForWrites ?? false) && isWrite(purpose.operation),
    maybeDuplicate: (row.maybeDuplicate ?? false) && purpose.operation === 'create',
    ...(row.personCan === true ? { personCan: true } : {}),
  });
}

/** The fault of a call that brought no whole answer. After a write that may have arrived the outcome is unknown. */
export function transportFault(name: VendorName, purpose: CallPurpose, error: HttpFault): VendorError {
  const unclear = isWrite(purpose.operation) && !error.unsent;
  return fault(
    name,
    purpose,
    {
      code: unclear ? 'OUTCOME_UNKNOWN' : 'VENDOR_UNAVAILABLE',
      message: `${name.label} ${TRANSPORT_CLAUSES[error.kind]} (${describe(purpose)}).${unclear ? ' It may have taken effect.' : ''}`,
      retryable: true,
      outcomeUnknown: unclear,
      ...(error.kind === 'not-sent' ? { heldBack: true } : {}),
    },
    error,
  );
}

/** The fault of a success that cannot be read. After a write the outcome is unknown. */
export function unreadableFault(name: VendorName, purpose: CallPurpose, status: number, what: string): VendorError {
  const unclear = isWrite(purpose.operation);
  return fault(name, purpose, {
    code: unclear ? 'OUTCOME_UNKNOWN' : 'VENDOR_UNAVAILABLE',
    message: `${name.label} answered with success but ${what} (${describe(purpose)}, HTTP ${status}).`,
    httpStatus: status,
    retryable: true,
    outcomeUnknown: unclear,
  });
}

/** Any other fault that a vendor's code finds itself; `message` is a whole sentence. */
export function fault(
  { vendor }: VendorName,
  { resource, operation, externalId }: CallPurpose,
  facts: Pick<VendorError['fault'], 'code' | 'message'> & Partial<VendorError['fault']>,
  cause?: unknown,
): VendorError {
  return new VendorError(
    vendorFault({ vendor, resource, operation, externalId: externalId ?? null, ...facts }),
    cause === undefined ? undefined : { cause },
  );
}

/** `create of channel`, as messages name a call. */
function describe({ operation, resource }: CallPurpose): string {
  return operation === 'token' ? 'access token' : `${operation} of ${resource}`;
}

const UNKNOWN_ANSWER: AnswerRow = {
  status: [0, 999],
  code: 'INVALID_REQUEST',
  clause: 'gave an answer that this engine does not know',
  source: 'docs/architecture.md §5: an unknown answer stays unknown',
};

const TRANSPORT_CLAUSES: Record<HttpFaultKind, string> = {
  'not-sent': 'was not called: the call waited too long for its turn, and nothing was sent',
  connect: 'cannot be reached: no connection came about, and nothing was sent',
  timeout: 'did not answer in time',
  reset: 'broke the connection before it answered',
  truncated: 'broke off in the middle of its answer',
  'too-large': 'sent an answer that is too long to be taken',
  aborted: 'was not asked to the end: the call was stopped',
};

function fits(row: AnswerRow, { operation }: CallPurpose, { status, vendorCode, text }: Refusal): boolean {
  const [first, last] = typeof row.status === 'number' ? [row.status, row.status] : row.status;
  if (status < first || status > last) return false;
  if (row.operations && !row.operations.includes(operation)) return false;
  return row.says === undefined || row.says.test(`${vendorCode ?? ''} ${text ?? ''}`);
}
