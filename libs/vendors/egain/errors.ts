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

export const EGAIN: VendorName = { vendor: 'egain', label: 'eGain' };

/**
 * The one table from eGain's answers to our codes. It decides on status and operation, never on the number behind a status:
 * those of duplicates, dangling references and referenced objects are not known (`docs/vendors/egain.md` §1.4 and §9.4).
 */
export const EGAIN_ROWS: readonly AnswerRow[] = [
  {
    status: 400,
    operations: ['create'],
    code: 'INVALID_REQUEST',
    maybeDuplicate: true,
    clause: 'refuses what was to be created: a value is missing or wrong, or an object of this name stands already',
    source: 'docs/vendors/egain.md §4 and §9.4: a duplicate may well come as any 400',
  },
  {
    status: 400,
    operations: ['delete'],
    code: 'STILL_REFERENCED',
    clause: 'refuses to delete it, probably because something still refers to it',
    source: 'docs/vendors/egain.md §9.4',
  },
  {
    status: 400,
    code: 'INVALID_REQUEST',
    clause: 'refuses the request: a value is missing or wrong',
    source: 'docs/vendors/egain.md §2, §9.2',
  },
  {
    status: 401,
    code: 'CREDENTIALS_REJECTED',
    clause:
      'does not accept the access token, nor a fresh one; check the OAuth client of the connection in the admin console',
    source: 'docs/vendors/egain.md §3.4: a second 401 is a fault of the credential',
  },
  {
    status: 403,
    code: 'PERMISSION_DENIED',
    clause:
      'does not allow it; an administrator must grant app.conversation.conversationmgr.manage to the OAuth client of the connection',
    source: 'docs/vendors/egain.md §3.3, §3.4',
  },
  {
    status: 404,
    operations: ['update'],
    code: 'CONFLICT',
    retryable: true,
    clause: 'does not have the object any more; it vanished while it was to be changed',
    source: 'docs/vendors/egain.md §9.4: drift',
  },
  {
    status: 404,
    operations: ['list', 'create'],
    code: 'INVALID_REQUEST',
    clause: 'knows no such address; check apiBase of the connection, and ids that the specification gives',
    source: 'docs/vendors/egain.md §9.4: wrong base URL or tenant',
  },
  {
    status: 409,
    operations: ['create'],
    code: 'CONFLICT',
    maybeDuplicate: true,
    clause: 'refuses what was to be created: an object of this name stands already',
    source: 'docs/vendors/egain.md §4: accept 409 too',
  },
  {
    status: 409,
    operations: ['delete'],
    code: 'STILL_REFERENCED',
    clause: 'refuses to delete it, probably because something still refers to it',
    source: 'docs/vendors/egain.md §9.4: as 400',
  },
  {
    status: [409, 409],
    operations: ['update'],
    code: 'CONFLICT',
    retryable: true,
    clause: 'refuses the change: somebody else changes the object at the same time',
    source: 'docs/vendors/egain.md §6: 409-100, re-read and re-decide',
  },
  {
    status: 412,
    code: 'CONFLICT',
    retryable: true,
    clause: 'refuses the change: the object is not as it was read',
    source: 'docs/vendors/egain.md §9.2: 412-100',
  },
  {
    status: 408,
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'gave up waiting for the request',
    source: 'docs/vendors/egain.md §9.4: as a time-out',
  },
  {
    status: 429,
    code: 'RATE_LIMITED',
    retryable: true,
    clause: 'takes no more calls for now',
    source: 'docs/vendors/egain.md §9.3, §9.4: refused before it was processed',
  },
  {
    status: [500, 599],
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'is not available or failed',
    source: 'docs/vendors/egain.md §9.3, §9.4: after a write the outcome is unknown',
  },
  {
    status: [300, 399],
    code: 'INVALID_REQUEST',
    clause: 'sends the call elsewhere, which is not followed; check apiBase of the connection',
    source: 'docs/vendors/egain.md §3.1: address and token URL are settings of the tenant',
  },
  {
    status: [402, 499],
    code: 'INVALID_REQUEST',
    clause: 'refuses the request',
    source: 'docs/vendors/egain.md §2: no other status is documented',
  },
];

/** The fault for an answer that is no success. */
export function egainFault(purpose: CallPurpose, answer: ApiAnswer): VendorError {
  const { code, text, details } = parseRefusal(answer.json);
  const keys = details.slice(0, 5).map(({ key }) => key);
  const named = keys.length > 0 ? ` [${keys.join(', ')}]` : '';
  const said = text ?? answer.says;
  return refusalFault(EGAIN, EGAIN_ROWS, purpose, answer, {
    vendorCode: code,
    text: said === undefined && named === '' ? undefined : `${said ?? ''}${named}`,
    retryAfterMs: retryAfterMs(answer.headers),
  });
}

/** Whether a PUT was refused because the object is no longer as it was read: any 409 or 412, or a 400 that names `modified` (`docs/vendors/egain.md` §6). */
export function isStale({ status, json }: ApiAnswer): boolean {
  if (status === 409 || status === 412) return true;
  if (status !== 400) return false;
  const { text, details } = parseRefusal(json);
  return [text ?? '', ...details.map(({ key }) => key)].some((words) => /\bmodified\b/i.test(words));
}
