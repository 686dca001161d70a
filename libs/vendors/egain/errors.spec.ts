import { describe, expect, it } from 'vitest';
import type { VendorFault, VendorOperation } from '#libs/contracts/index.js';
import { answerWith as answer } from '../common/answer.fixture.js';
import type { ApiAnswer } from '../common/index.js';
import { EGAIN_ROWS, egainFault, isStale } from './errors.js';

const ERROR = { code: '400-143', developerMessage: 'Required attribute missing', details: [{ key: 'name' }] };

describe('the table of answers', () => {
  const cases: { operation: VendorOperation; answer: ApiAnswer; fault: Partial<VendorFault>; reason: string }[] = [
    {
      operation: 'create',
      answer: answer(400, ERROR),
      fault: { code: 'INVALID_REQUEST', vendorCode: '400-143', maybeDuplicate: true, outcomeUnknown: false },
      reason: 'any 400 of a create may be a duplicate',
    },
    {
      operation: 'create',
      answer: answer(409),
      fault: { code: 'CONFLICT', maybeDuplicate: true, retryable: false },
      reason: 'a 409 of a create is a duplicate',
    },
    {
      operation: 'update',
      answer: answer(400, ERROR),
      fault: { code: 'INVALID_REQUEST', maybeDuplicate: false, retryable: false },
      reason: 'a 400 of an update is our mistake',
    },
    {
      operation: 'update',
      answer: answer(404),
      fault: { code: 'CONFLICT', retryable: true },
      reason: 'an object that vanished is looked for again',
    },
    {
      operation: 'delete',
      answer: answer(400),
      fault: { code: 'STILL_REFERENCED', retryable: false },
      reason: 'a delete is refused because of a reference',
    },
    { operation: 'delete', answer: answer(409), fault: { code: 'STILL_REFERENCED' }, reason: 'the same by 409' },
    {
      operation: 'delete',
      answer: answer(403),
      fault: { code: 'PERMISSION_DENIED', retryable: false },
      reason: 'A 403 must not be read as gone',
    },
    {
      operation: 'get',
      answer: answer(401),
      fault: { code: 'CREDENTIALS_REJECTED', retryable: false },
      reason: 'a second 401 is a fault of the credential',
    },
    {
      operation: 'list',
      answer: answer(404),
      fault: { code: 'INVALID_REQUEST', retryable: false },
      reason: 'a list that is not found is a wrong address, never an empty list',
    },
    {
      operation: 'create',
      answer: answer(429, { code: '429-001' }, { 'retry-after': '3' }),
      fault: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: 3_000, outcomeUnknown: false },
      reason: 'too many calls: nothing was done, and it says how long to wait',
    },
    {
      operation: 'create',
      answer: answer(500),
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: true },
      reason: 'a 500 may come after the effect',
    },
    {
      operation: 'get',
      answer: answer(503),
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: false },
      reason: 'a read has no effect',
    },
    {
      operation: 'create',
      answer: answer(302),
      fault: { code: 'INVALID_REQUEST', outcomeUnknown: false },
      reason: 'a redirect is not followed',
    },
    { operation: 'create', answer: answer(418), fault: { code: 'INVALID_REQUEST' }, reason: 'an undocumented refusal' },
    {
      operation: 'create',
      answer: answer(600),
      fault: { code: 'INVALID_REQUEST', message: expect.stringContaining('does not know') as string },
      reason: 'an answer that is unknown says so',
    },
  ];
  it.each(cases)('$operation $answer.status is $fault.code: $reason', ({ operation, answer: given, fault }) => {
    expect(egainFault({ resource: 'channel', operation }, given).fault).toMatchObject(fault);
  });

  it('cites the page in every row', () => {
    expect(EGAIN_ROWS.filter(({ source }) => !/§/.test(source))).toEqual([]);
  });
});

describe('a message', () => {
  it('is a sentence with the operation, the status, the code and what eGain says', () => {
    const { message } = egainFault({ resource: 'channel', operation: 'update' }, answer(400, ERROR)).fault;
    expect(message).toBe(
      'eGain refuses the request: a value is missing or wrong (update of channel, HTTP 400, code 400-143). It says: Required attribute missing [name]',
    );
  });

  it('prefers the words that are meant for people', () => {
    const body = { ...ERROR, userMessage: 'Please give a name' };
    expect(egainFault({ resource: 'channel', operation: 'create' }, answer(400, body)).message).toContain(
      'It says: Please give a name [name]',
    );
  });

  it.each([undefined, { code: 400143 }, { code: null, details: 7 }, []])('stands without them, too (%j)', (body) => {
    const { fault } = egainFault({ resource: 'channel', operation: 'create' }, answer(400, body));
    expect(fault.code).toBe('INVALID_REQUEST');
    expect(fault.message).not.toContain('It says');
  });
});

describe('a stale update', () => {
  const cases: { answer: ApiAnswer; stale: boolean; reason: string }[] = [
    { answer: answer(409), stale: true, reason: 'any 409' },
    { answer: answer(412), stale: true, reason: 'a precondition' },
    {
      answer: answer(400, { details: [{ key: 'modified', value: 'x' }] }),
      stale: true,
      reason: 'a 400 about modified',
    },
    {
      answer: answer(400, { developerMessage: 'The modified date does not match' }),
      stale: true,
      reason: 'in its words',
    },
    { answer: answer(400, ERROR), stale: false, reason: 'another 400' },
    { answer: answer(500), stale: false, reason: 'a server fault' },
  ];
  it.each(cases)('$answer.status $stale: $reason', ({ answer: given, stale }) => {
    expect(isStale(given)).toBe(stale);
  });
});
