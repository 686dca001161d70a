import { describe, expect, it } from 'vitest';
import type { VendorFault, VendorOperation } from '#libs/contracts/index.js';
import { answerWith } from '../common/answer.fixture.js';
import { SINCH_ROWS, sinchFault } from './errors.js';

function bodyOf(status: string, message = 'why'): unknown {
  return { error: { code: 1, status, message, details: [{ '@type': 'x' }] } };
}

describe('the table of answers', () => {
  const cases: {
    operation: VendorOperation;
    status: number;
    json?: unknown;
    fault: Partial<VendorFault>;
    reason: string;
  }[] = [
    {
      operation: 'create',
      status: 400,
      json: bodyOf('INVALID_ARGUMENT'),
      fault: { code: 'INVALID_REQUEST', vendorCode: 'INVALID_ARGUMENT', maybeDuplicate: true },
      reason: 'a webhook with this target may stand already',
    },
    {
      operation: 'update',
      status: 400,
      json: { code: 400, status: 'INVALID_REQUEST', message: 'no wrapper' },
      fault: { code: 'INVALID_REQUEST', vendorCode: 'INVALID_REQUEST', maybeDuplicate: false },
      reason: 'a body without its wrapper is read as well',
    },
    {
      operation: 'list',
      status: 401,
      fault: { code: 'CREDENTIALS_REJECTED', retryable: false },
      reason: 'a second 401',
    },
    {
      operation: 'create',
      status: 403,
      json: bodyOf('X', 'BILLING_CREDIT_LIMIT_BREACHED'),
      fault: { code: 'PERMISSION_DENIED', message: expect.stringContaining('credit') as string },
      reason: 'a project without credit is not a missing permission',
    },
    { operation: 'get', status: 403, fault: { code: 'PERMISSION_DENIED' }, reason: 'A 403 must not be read as gone' },
    { operation: 'update', status: 404, fault: { code: 'CONFLICT', retryable: true }, reason: 'it vanished' },
    { operation: 'list', status: 404, fault: { code: 'INVALID_REQUEST' }, reason: 'a wrong region or project' },
    {
      operation: 'create',
      status: 429,
      fault: { code: 'RATE_LIMITED', outcomeUnknown: false },
      reason: 'too many calls',
    },
    {
      operation: 'create',
      status: 501,
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: true },
      reason: '501 is a transient fault here',
    },
    {
      operation: 'get',
      status: 500,
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: false },
      reason: 'a read has no effect',
    },
    { operation: 'delete', status: 504, fault: { outcomeUnknown: true, retryable: true }, reason: 'a gateway gave up' },
  ];
  it.each(cases)('$operation $status: $reason', ({ operation, status, json, fault }) => {
    expect(sinchFault({ resource: 'app', operation }, answerWith(status, json)).fault).toMatchObject(fault);
  });

  it('cites the page in every row', () => {
    expect(SINCH_ROWS.filter(({ source }) => !/§/.test(source))).toEqual([]);
  });
});
