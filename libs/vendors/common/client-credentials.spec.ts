import { afterEach, describe, expect, it } from 'vitest';
import { VendorError, type VendorFault } from '#libs/contracts/index.js';
import { HttpConnection } from '#libs/http/index.js';
import { fakeServer, reply, type FakeServer } from '#libs/http/test-server.js';
import { issueToken, type TokenEndpoint } from './client-credentials.js';
import type { VendorName } from './fault-table.js';

const NAME: VendorName = { vendor: 'egain', label: 'eGain' };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Asks a token endpoint that answers so. */
async function ask(status: number, body: unknown, headers: Record<string, string> = {}) {
  const server: FakeServer = await fakeServer((_request, response) => reply(response, status, body, headers));
  open.push(() => server.close());
  const connection = new HttpConnection({ requestsPerSecond: 1_000, concurrency: 1, timeoutMs: 2_000 });
  open.push(() => connection.close());
  const endpoint: TokenEndpoint = {
    url: `${server.url}/token`,
    form: { grant_type: 'client_credentials', client_secret: 's3cret/value' },
    secrets: ['s3cret/value'],
    defaultLifetimeMs: 300_000,
  };
  return { answer: issueToken(NAME, connection, endpoint), server };
}

async function faultOf(call: Promise<unknown>): Promise<VendorFault> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof VendorError) return error.fault;
  throw new Error('a VendorError was expected', { cause: error });
}

describe('an issued token', () => {
  const cases = [
    { body: { access_token: 't', expires_in: 60 }, ms: 60_000, reason: 'with its life' },
    { body: { access_token: 't', expires_in: '60' }, ms: 60_000, reason: 'with its life as text' },
    { body: { access_token: 't' }, ms: 300_000, reason: 'without: five minutes are assumed' },
    { body: { access_token: 't', expires_in: 'long' }, ms: 300_000, reason: 'with no life that could be read' },
  ];
  it.each(cases)('is taken $reason', async ({ body, ms }) => {
    const { answer, server } = await ask(200, body);
    expect(await answer).toEqual({ token: 't', expiresInMs: ms });
    expect(server.got[0]?.body).toBe('grant_type=client_credentials&client_secret=s3cret%2Fvalue');
  });
});

describe('a token that is not issued', () => {
  const cases: { status: number; body: unknown; fault: Partial<VendorFault>; reason: string }[] = [
    {
      status: 401,
      body: { error: 'invalid_client' },
      fault: { code: 'CREDENTIALS_REJECTED', retryable: false, vendorCode: 'invalid_client' },
      reason: 'a wrong id or secret',
    },
    {
      status: 400,
      body: { error: 'invalid_client' },
      fault: { code: 'CREDENTIALS_REJECTED' },
      reason: 'the same by 400',
    },
    {
      status: 400,
      body: { error: 'invalid_scope' },
      fault: { code: 'PERMISSION_DENIED' },
      reason: 'a scope not granted',
    },
    { status: 400, body: { error: 'invalid_request' }, fault: { code: 'INVALID_REQUEST' }, reason: 'a wrong request' },
    {
      status: 400,
      body: { error: 'temporarily_unavailable' },
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true },
      reason: 'a refusal that passes',
    },
    {
      status: 401,
      body: '<html>',
      fault: { code: 'CREDENTIALS_REJECTED' },
      reason: 'a gateway with a page of its own',
    },
    { status: 404, body: {}, fault: { code: 'INVALID_REQUEST', retryable: false }, reason: 'a wrong address' },
    { status: 302, body: {}, fault: { code: 'INVALID_REQUEST', retryable: false }, reason: 'a redirect' },
    { status: 429, body: {}, fault: { code: 'RATE_LIMITED', retryable: true, retryAfterMs: null }, reason: 'too many' },
    { status: 503, body: {}, fault: { code: 'VENDOR_UNAVAILABLE', retryable: true }, reason: 'a server that is down' },
    {
      status: 200,
      body: {},
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true },
      reason: 'a success without a token',
    },
    {
      status: 200,
      body: { access_token: 'a\r\nb' },
      fault: { code: 'VENDOR_UNAVAILABLE', retryable: true },
      reason: 'a token that no header can carry',
    },
  ];
  it.each(cases)('is $fault.code for $reason', async ({ status, body, fault }) => {
    const { answer } = await ask(status, body);
    expect(await faultOf(answer)).toMatchObject({ ...fault, operation: 'token', outcomeUnknown: false });
  });

  it('does not show the secret that the server repeats', async () => {
    const { answer } = await ask(400, { error: 'invalid_client', error_description: 'bad s3cret/value' });
    expect((await faultOf(answer)).message).toMatch(/It says: bad \[secret\]$/);
  });
});
