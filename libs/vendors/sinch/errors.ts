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

export const SINCH: VendorName = { vendor: 'sinch', label: 'Sinch' };

/** The one table from Sinch's answers to our codes. It decides on the HTTP status, never on the `status` text (`docs/vendors/sinch.md` §5). */
export const SINCH_ROWS: readonly AnswerRow[] = [
  {
    status: 400,
    operations: ['create'],
    code: 'INVALID_REQUEST',
    maybeDuplicate: true,
    clause:
      'refuses what was to be created: a value is wrong, a limit is reached (5 webhooks per app), or a webhook with this target stands already',
    source: 'docs/vendors/sinch.md §4, §5',
  },
  {
    status: 400,
    code: 'INVALID_REQUEST',
    clause: 'refuses the request: a value is missing or wrong',
    source: 'docs/vendors/sinch.md §5',
  },
  {
    status: 401,
    code: 'CREDENTIALS_REJECTED',
    clause: 'does not accept the access key of the connection; check keyId and keySecret',
    source: 'docs/vendors/sinch.md §1, 401 behaviour: a second 401 is terminal',
  },
  {
    status: 403,
    says: /BILLING_CREDIT_LIMIT_BREACHED/,
    code: 'PERMISSION_DENIED',
    clause: 'has blocked the project because its credit is used up; top it up at Sinch, then go on',
    source: 'docs/vendors/sinch.md §5, §7.11',
  },
  {
    status: 403,
    code: 'PERMISSION_DENIED',
    clause: 'does not allow it: the access key belongs to another project, or the product is not enabled for it',
    source: 'docs/vendors/sinch.md §1, §5',
  },
  {
    status: 404,
    operations: ['update'],
    code: 'CONFLICT',
    retryable: true,
    clause: 'does not have the object any more; it vanished while it was to be changed',
    source: 'docs/vendors/sinch.md §5',
  },
  {
    status: 404,
    code: 'INVALID_REQUEST',
    clause: 'knows no such address; check apiBase (the region) and projectId of the connection',
    source: 'docs/vendors/sinch.md §1, §5: unknown path or wrong region',
  },
  {
    status: 408,
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'gave up waiting for the request',
    source: 'docs/vendors/sinch.md §5: as a timeout',
  },
  {
    status: 409,
    code: 'CONFLICT',
    maybeDuplicate: true,
    clause: 'refuses it because of an object that stands already',
    source: 'docs/vendors/sinch.md §5: not documented; a look decides',
  },
  {
    status: 429,
    code: 'RATE_LIMITED',
    retryable: true,
    clause: 'takes no more calls for now',
    source: 'docs/vendors/sinch.md §5, §6: rejected at the edge',
  },
  {
    status: 501,
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'failed',
    source: 'docs/vendors/sinch.md §5, §7.10: documented as a transient fault, not as "never implemented"',
  },
  {
    status: [500, 599],
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'is not available or failed',
    source: 'docs/vendors/sinch.md §5: after a write the outcome is unknown',
  },
  {
    status: [300, 399],
    code: 'INVALID_REQUEST',
    clause: 'sends the call elsewhere, which is not followed; check apiBase of the connection',
    source: 'docs/vendors/sinch.md §1: one host per region',
  },
  {
    status: [402, 499],
    code: 'INVALID_REQUEST',
    clause: 'refuses the request',
    source: 'docs/vendors/sinch.md §5: not documented',
  },
];

/** The fault for an answer that is no success. */
export function sinchFault(purpose: CallPurpose, answer: ApiAnswer): VendorError {
  const { code, text } = parseRefusal(answer.json);
  return refusalFault(SINCH, SINCH_ROWS, purpose, answer, {
    vendorCode: code,
    text,
    retryAfterMs: retryAfterMs(answer.headers),
  });
}
