import type { VendorError } from '#libs/contracts/index.js';
import {
  refusalFault,
  retryAfterMs,
  type AnswerRow,
  type ApiAnswer,
  type CallPurpose,
  type VendorName,
} from '../common/index.js';
import { parseRefusal } from './schema.js';

export const LIVEPERSON: VendorName = { vendor: 'liveperson', label: 'LivePerson' };

/** Least pause after a 429 (`docs/vendors/liveperson.md` §10), in milliseconds. */
const LEAST_PAUSE_MS = 1_000;
/** And before the next login (`docs/vendors/liveperson.md` §4). */
const LEAST_LOGIN_PAUSE_MS = 5_000;

/** Faults that every service of LivePerson may answer with. */
const COMMON_ROWS: readonly AnswerRow[] = [
  {
    status: 408,
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'gave up waiting for the request',
    source: 'docs/vendors/liveperson.md §6.4 step 6: as a timeout',
  },
  {
    status: 429,
    code: 'RATE_LIMITED',
    retryable: true,
    clause: 'takes no more calls for now',
    source: 'docs/vendors/liveperson.md §10',
  },
  {
    status: [500, 599],
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'is not available or failed',
    source: 'docs/vendors/liveperson.md §10: after a write as after a timeout',
  },
];

export const DOMAIN_ROWS: readonly AnswerRow[] = [
  ...COMMON_ROWS,
  {
    status: [300, 499],
    code: 'INVALID_REQUEST',
    clause: 'does not know the account at its Domain API; check accountId and domainApi of the connection',
    source: 'docs/vendors/liveperson.md §3: a wrong account id cannot be cured by trying again',
  },
];

export const LOGIN_ROWS: readonly AnswerRow[] = [
  ...COMMON_ROWS,
  {
    status: 451,
    code: 'PERMISSION_DENIED',
    clause: 'has blocked the user or the account of the connection; LivePerson must unblock it',
    source: 'docs/vendors/liveperson.md §4, §10',
  },
  {
    status: [400, 401],
    code: 'CREDENTIALS_REJECTED',
    clause: 'does not accept the login of the connection; check username and password (an SSO account needs a bearer)',
    source: 'docs/vendors/liveperson.md §4',
  },
  {
    status: [300, 499],
    code: 'PERMISSION_DENIED',
    clause: 'does not let the user of the connection log in',
    source: 'docs/vendors/liveperson.md §4: not documented',
  },
];

/** The install API. Nothing is decided on the text of a body (`docs/vendors/liveperson.md` §10). */
export const CONFIG_ROWS: readonly AnswerRow[] = [
  ...COMMON_ROWS,
  {
    status: 400,
    operations: ['create'],
    code: 'INVALID_REQUEST',
    maybeDuplicate: true,
    clause: 'refuses the manifest, or an app of this client_name stands already',
    source: 'docs/vendors/liveperson.md §10: a duplicate name may come as 400 or 409',
  },
  {
    status: 409,
    operations: ['create'],
    code: 'CONFLICT',
    maybeDuplicate: true,
    clause:
      'refuses the client_name; where no app of this name is listed, it belongs to one that was deleted, or differs only in upper and lower case: use another name',
    source: 'docs/vendors/liveperson.md §10, §12.11',
  },
  { status: 400, code: 'INVALID_REQUEST', clause: 'refuses the manifest', source: 'docs/vendors/liveperson.md §10' },
  {
    status: 401,
    code: 'CREDENTIALS_REJECTED',
    clause: 'does not accept the bearer of the connection; it is wrong or has expired',
    source: 'docs/vendors/liveperson.md §10: after one more login',
  },
  {
    status: 403,
    code: 'PERMISSION_DENIED',
    personCan: true,
    clause: 'does not allow installs to the user of the connection, or to the account; use mode handoff instead',
    source: 'docs/vendors/liveperson.md §10',
  },
  {
    status: 404,
    operations: ['list', 'create'],
    code: 'INVALID_REQUEST',
    personCan: true,
    clause: 'has no install API for this account; use mode handoff instead',
    source: 'docs/vendors/liveperson.md §10: endpoint_missing',
  },
  {
    status: 404,
    operations: ['update'],
    code: 'CONFLICT',
    retryable: true,
    clause: 'does not have the app any more; it vanished while it was to be changed',
    source: 'docs/vendors/liveperson.md §10: not_found',
  },
  {
    status: 410,
    operations: ['update'],
    code: 'CONFLICT',
    retryable: true,
    clause: 'does not have the app any more; it vanished while it was to be changed',
    source: 'docs/vendors/liveperson.md §10: gone',
  },
  {
    status: 409,
    code: 'CONFLICT',
    retryable: true,
    clause: 'refuses it because somebody else keeps changing apps of the account',
    source: 'docs/vendors/liveperson.md §6.2: revision_conflict',
  },
  {
    status: 412,
    code: 'CONFLICT',
    retryable: true,
    clause: 'refuses it because somebody else keeps changing apps of the account',
    source: 'docs/vendors/liveperson.md §6.2: revision_conflict',
  },
  {
    status: 428,
    code: 'CONFLICT',
    retryable: true,
    clause: 'asks for the revision of the apps, which was sent',
    source: 'docs/vendors/liveperson.md §10: revision_conflict',
  },
  {
    status: [300, 399],
    code: 'INVALID_REQUEST',
    clause: 'sends the call elsewhere, which is not followed; check domainApi of the connection',
    source: 'docs/vendors/liveperson.md §3: hosts come from the Domain API alone',
  },
  {
    status: [402, 499],
    code: 'INVALID_REQUEST',
    clause: 'refuses the request',
    source: 'docs/vendors/liveperson.md §10: 406 and 415, and what is not documented',
  },
];

/** Sentinel, apart from its refusals, which the verification judges itself. */
export const SENTINEL_ROWS: readonly AnswerRow[] = [
  ...COMMON_ROWS,
  {
    status: [300, 499],
    code: 'NOT_READY',
    clause: 'does not accept the credentials of the app',
    source: 'docs/vendors/liveperson.md §8.1, §13: any 4xx counts as refusal',
  },
];

/** The fault for an answer of the Domain API that is no success. */
export function domainFault(purpose: CallPurpose, answer: ApiAnswer): VendorError {
  return faultBy(DOMAIN_ROWS, purpose, answer, LEAST_PAUSE_MS);
}

/** The fault for a login that was refused. */
export function loginFault(purpose: CallPurpose, answer: ApiAnswer): VendorError {
  return faultBy(LOGIN_ROWS, purpose, answer, LEAST_LOGIN_PAUSE_MS);
}

/** The fault for an answer of the install API that is no success. */
export function configFault(purpose: CallPurpose, answer: ApiAnswer): VendorError {
  return faultBy(CONFIG_ROWS, purpose, answer, LEAST_PAUSE_MS);
}

/** The fault for an answer of Sentinel that is no success. */
export function sentinelFault(purpose: CallPurpose, answer: ApiAnswer): VendorError {
  return faultBy(SENTINEL_ROWS, purpose, answer, LEAST_PAUSE_MS);
}

/** Whether a PUT or DELETE was refused because the revision that it named is not the current one (`docs/vendors/liveperson.md` §6.2). */
export function isStale({ status }: ApiAnswer): boolean {
  return status === 409 || status === 412 || status === 428;
}

function faultBy(
  rows: readonly AnswerRow[],
  purpose: CallPurpose,
  answer: ApiAnswer,
  leastPauseMs: number,
): VendorError {
  const { code, text } = parseRefusal(answer.json);
  const asked = retryAfterMs(answer.headers);
  const pause = answer.status === 429 ? Math.max(asked ?? 0, leastPauseMs) : asked;
  return refusalFault(LIVEPERSON, rows, purpose, answer, { vendorCode: code, text, retryAfterMs: pause });
}
