import { VendorError, vendorFault, type ErrorCode, type Vendor, type VendorOperation } from '#libs/contracts/index.js';
import type { HttpFault, HttpFaultKind } from '#libs/http/index.js';
import { quotable } from './scrub.js';
import { tellsOfError, type ApiAnswer } from './answer.js';

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

/** What a vendor's schema finds in the body of a refusal. */
export interface Refusal {
  /** The vendor's own code; null when it sent none. */
  vendorCode: string | null;
  /** What the vendor says, for people; undefined: what any JSON or text says counts. */
  text: string | undefined;
  /** The pause that the answer asks for; null: none. */
  retryAfterMs: number | null;
}

const WRITES: readonly VendorOperation[] = ['create', 'update', 'delete'];

/** Longest part of a vendor's own text that a message carries, in characters. */
export const TEXT_LIMIT = 300;

/** Whether an operation changes something at the vendor. */
export function isWrite(operation: VendorOperation): boolean {
  return WRITES.includes(operation);
}

/**
 * The fault for an answer that is no success, by the vendor's table. An answer that no row knows stays unknown and says so; a page
 * that came in place of the vendor's answer is not judged as the vendor's word.
 */
export function refusalFault(
  name: VendorName,
  rows: readonly AnswerRow[],
  purpose: CallPurpose,
  answer: ApiAnswer,
  refusal: Refusal,
): VendorError {
  const { status } = answer;
  const vendorCode = codeIn(refusal.vendorCode);
  const text = refusal.text ?? answer.says;
  const said = quotable(text, purpose.secrets ?? [], TEXT_LIMIT);
  const facts = { status, vendorCode, text };
  const row = pageRow(answer, purpose) ?? rows.find((each) => fits(each, purpose, facts)) ?? UNKNOWN_ANSWER;
  const code = vendorCode === null ? '' : `, code ${vendorCode}`;
  return fault(name, purpose, {
    code: row.code,
    message: `${name.label} ${row.clause} (${describe(purpose)}, HTTP ${status}${code}).${quoteOf(answer, said)}`,
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

/** The fault of a success that cannot be read; `what`: the rest of a sentence about the vendor. After a write the outcome is unknown. */
export function unreadableFault(name: VendorName, purpose: CallPurpose, answer: ApiAnswer, what: string): VendorError {
  const unclear = isWrite(purpose.operation);
  const said = quotable(wordsOfSuccess(answer), purpose.secrets ?? [], TEXT_LIMIT);
  return fault(name, purpose, {
    code: unclear ? 'OUTCOME_UNKNOWN' : 'VENDOR_UNAVAILABLE',
    message: `${name.label} answered with success but ${what} (${describe(purpose)}, HTTP ${answer.status}).${quoteOf(answer, said)}`,
    httpStatus: answer.status,
    retryable: true,
    outcomeUnknown: unclear,
  });
}

/**
 * What a success says that is none. It may be a good answer after all, in a form that nobody expected, with a token or a secret that
 * the vendor has just issued: so JSON is quoted only where it tells of an error, and a text without its long words.
 */
function wordsOfSuccess({ form, json, says }: ApiAnswer): string | undefined {
  if (form === 'json' && !tellsOfError(json)) return undefined;
  return form === 'text' ? says?.replace(/[^\s,;:'"]{20,}/g, '…') : says;
}

/** What the body of an answer says, quoted as the last sentences of a message, and whose words they are. */
function quoteOf({ form, host, undecodable }: ApiAnswer, said: string | undefined): string {
  if (form === 'unreadable') return ` Its body ${undecodable ?? 'cannot be read'}.`;
  if (form !== 'page') return said === undefined ? '' : ` It says: ${said}`;
  const words = said === undefined ? '' : ` The page says: ${said}`;
  return ` A web page came from ${host}, and not the API's own answer.${words}`;
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

const BY_THE_WAY =
  'did not answer itself: a firewall, proxy or gateway on the way did; check what stands between the worker and its API';

/** Statuses that tell of no object or address. */
const NOT_THERE = [404, 405, 410];
/** What is asked of an address that must be there. */
const OF_AN_ADDRESS: readonly VendorOperation[] = ['list', 'create', 'token'];

/**
 * The row for a page under a status that would be a verdict of the vendor on us: on our grants, our credentials, our values, an object.
 * Whoever sent it may have passed the call on before. A redirect, a wrong address, a busy or a failing server are told as always, by
 * whomever.
 */
function pageRow({ form, status }: ApiAnswer, { operation }: CallPurpose): AnswerRow | undefined {
  if (form !== 'page' || status < 400 || status >= 500 || status === 408 || status === 429) return undefined;
  const isNotThere = NOT_THERE.includes(status);
  if (isNotThere && OF_AN_ADDRESS.includes(operation)) return undefined;
  return {
    status,
    code: 'VENDOR_UNAVAILABLE',
    // A gateway without a backend passes; a refusal by something on the way stays until somebody sees to it.
    retryable: isNotThere,
    unknownForWrites: true,
    clause: BY_THE_WAY,
    source:
      'docs/vendors/egain.md §9.1, docs/vendors/sinch.md §5, docs/vendors/liveperson.md §10: all of them answer in JSON',
  };
}

/** A vendor's own code as a field and a message may carry it; null for what is none. */
function codeIn(code: string | null): string | null {
  return code !== null && /^[\w.:/-]{1,64}$/.test(code) ? code : null;
}

const TRANSPORT_CLAUSES: Record<HttpFaultKind, string> = {
  'not-sent': 'was not called: the call waited too long for its turn, and nothing was sent',
  connect: 'cannot be reached: no connection came about, and nothing was sent',
  timeout: 'did not answer in time',
  reset: 'broke the connection before it answered',
  truncated: 'broke off in the middle of its answer',
  'too-large': 'sent an answer that is too long to be taken',
  aborted: 'was not asked to the end: the call was stopped',
};

function fits(
  row: AnswerRow,
  { operation }: CallPurpose,
  { status, vendorCode, text }: { status: number; vendorCode: string | null; text: string | undefined },
): boolean {
  const [first, last] = typeof row.status === 'number' ? [row.status, row.status] : row.status;
  if (status < first || status > last) return false;
  if (row.operations && !row.operations.includes(operation)) return false;
  return row.says === undefined || row.says.test(`${vendorCode ?? ''} ${text ?? ''}`);
}
