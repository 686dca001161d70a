import { describe, expect, it } from 'vitest';
import type { VendorFault, VendorOperation } from '#libs/contracts/index.js';
import { answerWith } from '../common/answer.fixture.js';
import {
  CONFIG_ROWS,
  configFault,
  DOMAIN_ROWS,
  domainFault,
  LOGIN_ROWS,
  loginFault,
  SENTINEL_ROWS,
  sentinelFault,
} from './errors.js';

interface Case {
  operation: VendorOperation;
  status: number;
  json?: unknown;
  fault: Partial<VendorFault>;
  reason: string;
}

describe('the table of the install API', () => {
  it.each<Case>([
    {
      operation: 'create',
      status: 400,
      json: { error: { statusCode: 400, internalCode: 21, messages: ['name', 'taken'] } },
      fault: { code: 'INVALID_REQUEST', vendorCode: '21', maybeDuplicate: true },
      reason: 'a duplicate name may come as 400',
    },
    {
      operation: 'create',
      status: 409,
      fault: { code: 'CONFLICT', maybeDuplicate: true, retryable: false },
      reason: 'or as 409',
    },
    {
      operation: 'create',
      status: 415,
      fault: { code: 'INVALID_REQUEST', maybeDuplicate: false },
      reason: 'no list cures it',
    },
    {
      operation: 'update',
      status: 400,
      fault: { code: 'INVALID_REQUEST', maybeDuplicate: false },
      reason: 'no create',
    },
    { operation: 'update', status: 409, fault: { code: 'CONFLICT', retryable: true }, reason: 'the revision moved on' },
    { operation: 'delete', status: 412, fault: { code: 'CONFLICT', retryable: true }, reason: 'the revision moved on' },
    {
      operation: 'update',
      status: 428,
      fault: { code: 'CONFLICT', retryable: true },
      reason: 'a revision is asked for',
    },
    {
      operation: 'list',
      status: 401,
      fault: { code: 'CREDENTIALS_REJECTED', retryable: false },
      reason: 'a second 401',
    },
    { operation: 'get', status: 403, fault: { code: 'PERMISSION_DENIED' }, reason: 'A 403 must not be read as gone' },
    {
      operation: 'list',
      status: 404,
      fault: { code: 'INVALID_REQUEST', retryable: false },
      reason: 'there is no install API',
    },
    { operation: 'update', status: 404, fault: { code: 'CONFLICT', retryable: true }, reason: 'it vanished' },
    { operation: 'update', status: 410, fault: { code: 'CONFLICT', retryable: true }, reason: 'it vanished' },
    { operation: 'create', status: 408, fault: { retryable: true, outcomeUnknown: true }, reason: 'as a timeout' },
    {
      operation: 'create',
      status: 429,
      fault: { code: 'RATE_LIMITED', outcomeUnknown: false, retryAfterMs: 1_000 },
      reason: 'at least a second',
    },
    {
      operation: 'create',
      status: 503,
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: true },
      reason: 'it may be applied',
    },
    {
      operation: 'get',
      status: 500,
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: false },
      reason: 'a read',
    },
    {
      operation: 'get',
      status: 302,
      fault: { code: 'INVALID_REQUEST', retryable: false },
      reason: 'nothing is followed',
    },
  ])('$operation $status: $reason', ({ operation, status, json, fault }) => {
    expect(configFault({ resource: 'app', operation }, answerWith(status, json)).fault).toMatchObject(fault);
  });

  it.each<[unknown, string]>([
    [{ error: { messages: ['first', 'second'] } }, 'first second'],
    [{ error: 'invalid_client', error_description: 'no such client' }, 'no such client'],
    [{ kind: 'resp', code: 401, body: { title: 'Wrong', details: 'token', errorCode: 40001 } }, 'Wrong token'],
    [{ time: 1, message: 'plain', internalCode: 5 }, 'plain'],
  ])('reads what %j says', (json, says) => {
    const { message } = configFault({ resource: 'app', operation: 'list' }, answerWith(400, json)).fault;
    expect(message).toContain(`It says: ${says}`);
  });

  it('reads nothing into a body that says nothing', () => {
    for (const json of [undefined, null, [], {}, { message: { deep: 1 } }]) {
      const { message, vendorCode } = configFault({ resource: 'app', operation: 'list' }, answerWith(400, json)).fault;
      expect(message).not.toContain('It says');
      expect(vendorCode).toBeNull();
    }
  });
});

describe('the other tables', () => {
  it.each([
    [domainFault, 404, { code: 'INVALID_REQUEST', retryable: false }],
    [domainFault, 500, { code: 'VENDOR_UNAVAILABLE', retryable: true }],
    [loginFault, 451, { code: 'PERMISSION_DENIED', retryable: false }],
    [loginFault, 401, { code: 'CREDENTIALS_REJECTED', retryable: false }],
    [loginFault, 429, { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 5_000 }],
    [sentinelFault, 400, { code: 'NOT_READY', retryable: false }],
    [sentinelFault, 429, { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 1_000 }],
  ])('%s %i', (faultOf, status, fault) => {
    const answer = answerWith(status);
    expect(faultOf({ resource: 'token', operation: 'token' }, answer).fault).toMatchObject(fault);
  });

  it('cite the page in every row', () => {
    const rows = [...CONFIG_ROWS, ...DOMAIN_ROWS, ...LOGIN_ROWS, ...SENTINEL_ROWS];
    expect(rows.filter(({ source }) => !source.startsWith('docs/vendors/liveperson.md §'))).toEqual([]);
  });
});
