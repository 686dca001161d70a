import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SCOPES } from '#libs/config/api-keys.js';
import { apiKey, readAnswer, startApp, type RawAnswer, type TestedApp } from '../testing/app.fixture.js';
import { TIMEOUTS } from './http-server.js';

const KEY = 'gwk_of-the-test';
const settings = { apiKeys: [apiKey(KEY, { id: 'tester', scopes: [...SCOPES] })] };

let app: TestedApp;
beforeAll(async () => {
  app = await startApp(settings);
});
afterAll(() => app.close());

/** Sends a text over a bare connection, and returns what comes until that is closed. */
async function converse(port: number, ...pieces: string[]): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return readAnswer(Buffer.concat(chunks).toString('utf8'));
}

function problemOf({ status, headers, text }: RawAnswer): { status: number; slug: string } {
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control'], 'no cache may answer it to the next caller').toBe('no-store');
  const body = JSON.parse(text) as { type: string; status: number; traceId: string; detail: string };
  expect(body.status).toBe(status);
  expect(body.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(body.detail).not.toBe('');
  return { status, slug: body.type.replace('https://gangway.dev/problems/', '') };
}

describe('what the HTTP server itself refuses is a problem, too', () => {
  const head = 'GET /v1/onboardings HTTP/1.1\r\nhost: x\r\n';
  it.each([
    { reason: 'no HTTP at all', text: 'hello\r\n\r\n', status: 400, slug: 'invalid-request' },
    { reason: 'the greeting of TLS', text: '\u0016\u0003\u0001\u0002\u0000', status: 400, slug: 'invalid-request' },
    { reason: 'an unknown method', text: 'BREW / HTTP/1.1\r\nhost: x\r\n\r\n', status: 400, slug: 'invalid-request' },
    {
      reason: 'no host',
      text: 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n',
      status: 400,
      slug: 'invalid-request',
    },
    {
      reason: 'two lengths',
      text: `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
      status: 400,
      slug: 'invalid-request',
    },
    {
      reason: 'a broken escape',
      text: 'GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
      status: 400,
      slug: 'invalid-request',
    },
    {
      reason: 'a long parameter',
      text: `GET /v1/accounts/${'a'.repeat(101)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
      status: 414,
      slug: 'address-too-long',
    },
    {
      reason: 'long headers',
      text: `${head}x-long: ${'a'.repeat(20_000)}\r\n\r\n`,
      status: 431,
      slug: 'headers-too-large',
    },
    {
      reason: 'a long address',
      text: `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      status: 431,
      slug: 'headers-too-large',
    },
    { reason: 'an odd expectation', text: `${head}expect: cake\r\n\r\n`, status: 417, slug: 'expectation-failed' },
  ])('$reason', async ({ text, status, slug }) => {
    expect(problemOf(await converse(app.port, text))).toEqual({ status, slug });
  });

  it.each([
    {
      reason: 'another type',
      headers: { 'content-type': 'text/plain' },
      body: 'a',
      status: 415,
      slug: 'unsupported-media-type',
    },
    { reason: 'no type', headers: { 'content-type': '' }, body: 'a', status: 415, slug: 'unsupported-media-type' },
    {
      reason: 'a form',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=b',
      status: 415,
      slug: 'unsupported-media-type',
    },
    { reason: 'a large body', headers: {}, body: `"${'x'.repeat(2_000_000)}"`, status: 413, slug: 'body-too-large' },
    { reason: 'a body that is no JSON', headers: {}, body: '{', status: 400, slug: 'malformed-json' },
    {
      reason: 'a body in Latin-1',
      headers: {},
      body: Buffer.from('{"a":"é"}', 'latin1'),
      status: 400,
      slug: 'malformed-json',
    },
    { reason: 'an empty body', headers: {}, body: '', status: 400, slug: 'malformed-json' },
    {
      reason: 'a key twice',
      headers: {},
      body: '{"tenant":"acme","tenant":"globex"}',
      status: 400,
      slug: 'invalid-request',
    },
    {
      reason: 'a deep body',
      headers: {},
      body: `{"liveperson":{"manifest":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_002)}`,
      status: 400,
      slug: 'invalid-request',
    },
  ])('$reason', async ({ headers, body, status, slug }) => {
    const answer = await app.send({ method: 'POST', path: '/v1/plans?offline=true', key: KEY, headers, body });
    expect(problemOf(answer)).toEqual({ status, slug });
  });

  it('counts them in its metrics', async () => {
    await converse(app.port, 'hello\r\n\r\n');
    const { text } = await app.send({ path: '/metrics' });
    expect(text).toMatch(/gangway_http_problems_total\{status="431"\} \d+/);
  });
});

describe('a request that does not come', () => {
  it('is given 30 s, its headers 10 s, and a silent connection 150 s', () => {
    const { requestTimeout, headersTimeout, timeout } = app.server;
    expect({ requestTimeout, headersTimeout, timeout }).toEqual({
      requestTimeout: 30_000,
      headersTimeout: 10_000,
      timeout: 150_000,
    });
  });

  it.each([
    { reason: 'headers that drip', text: 'POST /v1/plans HTTP/1.1\r\nhost: x\r\n' },
    {
      reason: 'a body that drips',
      text: `POST /v1/plans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    },
    { reason: 'nothing at all', text: '' },
  ])('is ended: $reason', async ({ text }) => {
    const timeouts = { ...TIMEOUTS, request: 400, headers: 200, check: 20 };
    const slow = await startApp(settings, { timeouts });
    expect(problemOf(await converse(slow.port, text))).toEqual({ status: 408, slug: 'request-timeout' });
    await slow.close();
  });
});

it('answers who comes while it stops that it stops', async () => {
  const stopping = await startApp(settings);
  const socket = connect(stopping.port, '127.0.0.1');
  const head = `POST /v1/plans HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n`;
  socket.write(`${head}content-type: application/json\r\ncontent-length: 2\r\n\r\n{`); // under way: the connection is kept
  await once(stopping.server, 'request');
  const closed = stopping.close();
  await vi.waitFor(() => expect(stopping.server.listening).toBe(false));
  socket.write('}GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  const [, first = '', second = ''] = Buffer.concat(chunks).toString('utf8').split('HTTP/1.1 ');
  expect(first).toMatch(/^400 /);
  expect(problemOf(readAnswer(`HTTP/1.1 ${second}`))).toEqual({ status: 503, slug: 'stopping' });
  await closed;
});

describe('every answer', () => {
  it.each(['/healthz', '/openapi.json', '/docs', '/v1/onboardings', '/v1/nowhere', '/metrics'])(
    'may not be framed, sniffed or followed: %s',
    async (path) => {
      const { headers } = await app.send({ path, key: KEY });
      expect(headers['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
    },
  );

  it('that may tell of accounts is stored nowhere, refusals too', async () => {
    const routes = app.routes.filter(({ url }) => url.startsWith('/v1/'));
    for (const key of [KEY, null]) {
      for (const { method, url } of routes) {
        const { headers } = await app.send({ method, path: url.replace(':id', 'acme.support'), key });
        expect(headers['cache-control'], `${method} ${url}`).toBe('no-store');
      }
    }
  });
});

describe('an address with a slash at its end', () => {
  it.each(['/docs', '/v1/onboardings', '/v1/onboardings/acme.support', '/healthz'])(
    '%s/ is the one without',
    async (path) => {
      const plain = await app.send({ path, key: KEY });
      const slashed = await app.send({ path: `${path}/`, key: KEY });
      expect(slashed.status).toBe(plain.status);
    },
  );

  it('with nothing but a slash leads to the documentation', async () => {
    const { status, headers } = await app.send({ path: '/' });
    expect([status, headers['location']]).toEqual([302, '/docs']);
  });

  it('with two slashes is unknown, and not a wrong method', async () => {
    expect((await app.send({ path: '/v1/onboardings//', key: KEY })).status).toBe(404);
  });
});
