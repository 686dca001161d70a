import { describe, expect, it } from 'vitest';
import type { VendorFault, VendorOperation } from '#libs/contracts/index.js';
import { answerWith } from './answer.fixture.js';
import { refusalFault, unreadableFault, type AnswerRow } from './fault-table.js';

const NAME = { vendor: 'egain', label: 'eGain' } as const;
const ROWS: readonly AnswerRow[] = [
  { status: 403, code: 'PERMISSION_DENIED', clause: 'wants a grant', source: 'test' },
  {
    status: [500, 599],
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'is down',
    source: 'test',
  },
  { status: 429, code: 'RATE_LIMITED', retryable: true, clause: 'is busy', source: 'test' },
  {
    status: [300, 499],
    code: 'INVALID_REQUEST',
    maybeDuplicate: true,
    clause: 'refuses it; check apiBase',
    source: 'test',
  },
];
const PAGE =
  '<!DOCTYPE html><html><head><title>Access denied</title></head><body><h1>Request blocked</h1><p>Reference 18.2f</p></body></html>';

function faultFor(operation: VendorOperation, status: number, body: unknown): VendorFault {
  const refusal = { vendorCode: null, text: undefined, retryAfterMs: 1_000 };
  return refusalFault(NAME, ROWS, { resource: 'channel', operation }, answerWith(status, body), refusal).fault;
}

describe('a page in place of an answer', () => {
  const verdicts: { operation: VendorOperation; status: number; retryable: boolean; reason: string }[] = [
    { operation: 'create', status: 403, retryable: false, reason: 'a firewall knows nothing of grants' },
    { operation: 'get', status: 401, retryable: false, reason: 'a login on the way knows nothing of our credentials' },
    { operation: 'token', status: 401, retryable: false, reason: 'the same in front of the token endpoint' },
    { operation: 'update', status: 400, retryable: false, reason: 'it has not read our values' },
    { operation: 'create', status: 409, retryable: false, reason: 'it knows no objects' },
    { operation: 'list', status: 407, retryable: false, reason: 'a proxy wants a login' },
    { operation: 'get', status: 404, retryable: true, reason: 'a gateway without a backend knows no objects' },
    { operation: 'delete', status: 410, retryable: true, reason: 'the same when something is removed' },
  ];
  it.each(verdicts)('is no verdict of the vendor: $operation $status, $reason', ({ operation, status, retryable }) => {
    const fault = faultFor(operation, status, PAGE);
    const isWrite = ['create', 'update', 'delete'].includes(operation);
    expect(fault).toMatchObject({
      code: 'VENDOR_UNAVAILABLE',
      retryable,
      outcomeUnknown: isWrite,
      maybeDuplicate: false,
    });
    expect(fault.message).toContain('a firewall, proxy or gateway on the way did; check');
    expect(fault.message).toContain(`HTTP ${String(status)}). A web page came from api.vendor.example`);
    expect(fault.message).toContain('The page says: Access denied Request blocked Reference 18.2f');
    expect(fault.message).not.toContain('grant');
  });

  const others: { operation: VendorOperation; status: number; code: string; reason: string }[] = [
    { operation: 'create', status: 503, code: 'VENDOR_UNAVAILABLE', reason: 'down is down, whoever says so' },
    { operation: 'list', status: 429, code: 'RATE_LIMITED', reason: 'busy is busy' },
    { operation: 'list', status: 404, code: 'INVALID_REQUEST', reason: 'a web server that knows no such address' },
    { operation: 'token', status: 405, code: 'INVALID_REQUEST', reason: 'the same' },
    { operation: 'get', status: 302, code: 'INVALID_REQUEST', reason: 'a redirect' },
  ];
  it.each(others)('leaves the status its meaning: $operation $status, $reason', ({ operation, status, code }) => {
    const { code: found, message } = faultFor(operation, status, PAGE);
    expect(found).toBe(code);
    expect(message).toContain('A web page came from api.vendor.example, and not the API');
  });

  it('under a success is none', () => {
    const answer = answerWith(200, PAGE);
    const { fault } = unreadableFault(
      NAME,
      { resource: 'channel', operation: 'update' },
      answer,
      'did not answer itself',
    );
    expect(fault).toMatchObject({ code: 'OUTCOME_UNKNOWN', outcomeUnknown: true, retryable: true });
    expect(fault.message).toContain('The page says: Access denied');
  });
});

describe('what the vendor says', () => {
  const said: { body: unknown; says: string; reason: string }[] = [
    { body: { detail: 'The name is too long.' }, says: 'The name is too long.', reason: 'RFC 9457' },
    { body: [{ message: 'one' }], says: 'one', reason: 'a list' },
    { body: 'RBAC: access denied', says: 'RBAC: access denied', reason: 'plain text' },
    { body: { message: 'a\u001b[31m\nb\u202e' }, says: 'a [31m b', reason: 'without what alters how it is shown' },
  ];
  it.each(said)('is quoted: $reason', ({ body, says }) => {
    const fault = faultFor('create', 403, body);
    expect(fault).toMatchObject({ code: 'PERMISSION_DENIED', outcomeUnknown: false });
    expect(fault.message).toBe(`eGain wants a grant (create of channel, HTTP 403). It says: ${says}`);
  });

  it('is quoted of an error under a success', () => {
    const answer = answerWith(200, { code: '500-1', developerMessage: 'The store is closed' });
    const purpose = { resource: 'channel', operation: 'list' } as const;
    expect(unreadableFault(NAME, purpose, answer, 'its body tells of an error').message).toBe(
      'eGain answered with success but its body tells of an error (list of channel, HTTP 200). It says: The store is closed',
    );
  });

  it.each([
    {
      body: 'upstream connect error: reset by peer',
      says: ' It says: upstream connect error: reset by peer',
      reason: 'words',
    },
    { body: 'access_token=eyJhbGciOiJSUzI1NiJ9.e30', says: ' It says: …', reason: 'a token in a form nobody expected' },
    { body: { client_secret: 's3cret', description: 's3cret' }, says: '', reason: 'JSON that tells of no error' },
  ])('is quoted of a success without what may have just been issued: $reason', ({ body, says }) => {
    const purpose = { resource: 'app', operation: 'create' } as const;
    const { message } = unreadableFault(NAME, purpose, answerWith(200, body), 'named no id');
    expect(message).toBe(`eGain answered with success but named no id (create of app, HTTP 200).${says}`);
  });

  it('is told as unreadable where it is', () => {
    const answer = {
      ...answerWith(400, ''),
      form: 'unreadable',
      undecodable: 'is not in the coding that its header names (gzip)',
    } as const;
    const refusal = { vendorCode: null, text: undefined, retryAfterMs: null };
    const { message } = refusalFault(NAME, ROWS, { resource: 'channel', operation: 'get' }, answer, refusal);
    expect(message).toMatch(/HTTP 400\)\. Its body is not in the coding that its header names \(gzip\)\.$/);
  });

  it('names a code only where it is one', () => {
    const refusal = { text: undefined, retryAfterMs: null };
    const purpose = { resource: 'channel', operation: 'get' } as const;
    const codeOf = (vendorCode: string): string | null =>
      refusalFault(NAME, ROWS, purpose, answerWith(403), { ...refusal, vendorCode }).fault.vendorCode;
    expect(['403-197', 'PERMISSION_DENIED', 'a\nb', 'x'.repeat(100), ''].map(codeOf)).toEqual([
      '403-197',
      'PERMISSION_DENIED',
      null,
      null,
      null,
    ]);
  });
});
