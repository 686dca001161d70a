import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpConnection, type HttpLimits, type HttpRequest } from './http-connection.js';
import { HttpFault, type HttpFaultKind } from './http-fault.js';
import { fakeServer, reply, type FakeServer } from './test-server.js';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function serve(...args: Parameters<typeof fakeServer>): Promise<FakeServer> {
  const server = await fakeServer(...args);
  open.push(() => server.close());
  return server;
}

function connect(limits: Partial<HttpLimits> = {}): HttpConnection {
  const connection = new HttpConnection({ requestsPerSecond: 1_000, concurrency: 4, timeoutMs: 2_000, ...limits });
  open.push(() => connection.close());
  return connection;
}

async function kindOf(
  connection: HttpConnection,
  request: Partial<HttpRequest> & { url: string },
): Promise<HttpFaultKind> {
  try {
    await connection.call({ method: 'GET', ...request });
  } catch (error) {
    if (error instanceof HttpFault) return error.kind;
    throw error;
  }
  throw new Error('the call succeeded');
}

describe('a call', () => {
  it('answers status, headers and bytes, names us, and follows no redirect', async () => {
    const server = await serve((_request, response) => reply(response, 302, { a: 1 }, { location: '/other' }));
    const answer = await connect().call({ method: 'POST', url: `${server.url}/x`, body: '{}' });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/other' } });
    expect(answer.bytes.toString()).toBe('{"a":1}');
    expect(server.got).toHaveLength(1);
    expect(server.got[0]?.headers['user-agent']).toBe('gangway');
  });

  it('makes one attempt', async () => {
    const server = await serve((_request, response) => response.destroy());
    expect(await kindOf(connect(), { url: server.url })).toBe('reset');
    expect(server.got).toHaveLength(1);
  });

  it('knows that nothing was sent when nobody listens', async () => {
    const server = await fakeServer((_request, response) => reply(response, 200, {}));
    await server.close();
    expect(await kindOf(connect(), { url: server.url })).toBe('connect');
    expect(await kindOf(connect(), { url: 'http://nobody.invalid' })).toBe('connect');
  });

  it('gives up at its deadline', async () => {
    const server = await serve(() => undefined);
    expect(await kindOf(connect({ timeoutMs: 100 }), { url: server.url })).toBe('timeout');
  });

  it('counts the body into the deadline', async () => {
    const server = await serve((_request, response) => response.writeHead(200).write('{"half":'));
    expect(await kindOf(connect({ timeoutMs: 150 }), { url: server.url })).toBe('timeout');
  });

  it('tells a truncated answer from a missing one', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"half":', () => response.destroy());
    });
    expect(await kindOf(connect(), { url: server.url })).toBe('truncated');
  });

  it('does not take an answer over its limit', async () => {
    const server = await serve((_request, response) => reply(response, 200, 'x'.repeat(5_000)));
    expect(await kindOf(connect(), { url: server.url, maxBytes: 1_000 })).toBe('too-large');
  });

  it('is stopped by the signal of a read, also while it waits', async () => {
    const server = await serve(() => undefined);
    const connection = connect({ concurrency: 1 });
    const first = new AbortController();
    const running = kindOf(connection, { url: server.url, signal: first.signal });
    const second = new AbortController();
    const waiting = kindOf(connection, { url: server.url, signal: second.signal });
    second.abort();
    expect(await waiting).toBe('aborted');
    first.abort();
    expect(await running).toBe('aborted');
    expect(server.got.length).toBeLessThanOrEqual(1);
  });

  it('names the host and nothing else in its message', async () => {
    const server = await serve((_request, response) => response.destroy());
    const call = connect().call({ method: 'GET', url: `${server.url}/secret-path?token=abc` });
    await expect(call).rejects.toThrow(/^127\.0\.0\.1:\d+: the connection broke before an answer came$/);
  });
});

describe('whoever observes a connection', () => {
  it('is told what each call was for and how it ended', async () => {
    const calls: string[] = [];
    const server = await serve(({ url }, response) => {
      if (url === '/reset') response.destroy();
      else reply(response, Number(url.slice(1)), {});
    });
    const limits = { requestsPerSecond: 1_000, concurrency: 4, timeoutMs: 2_000 };
    const connection = new HttpConnection(limits, ({ resource, operation, outcome }) => {
      calls.push(`${operation} ${resource} ${outcome}`);
    });
    open.push(() => connection.close());
    const purpose = { resource: 'channel', operation: 'create' };
    for (const status of [201, 302, 400, 401, 403, 404, 429, 503]) {
      await connection.call({ method: 'POST', url: `${server.url}/${String(status)}`, purpose });
    }
    expect(await kindOf(connection, { url: `${server.url}/reset` })).toBe('reset');
    expect(await kindOf(connection, { url: server.url, endBy: performance.now() })).toBe('not-sent');
    expect(calls).toEqual([
      ...['2xx', '3xx', '4xx', '401', '403', '4xx', '429', '5xx'].map((outcome) => `create channel ${outcome}`),
      'get unknown reset',
      'get unknown not-sent',
    ]);
  });

  it('is told the lane in which the call waited', async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const lanes: string[] = [];
    const limits = { requestsPerSecond: 1_000, concurrency: 4, timeoutMs: 2_000 };
    const connection = new HttpConnection(limits, ({ lane, operation }) => lanes.push(`${lane} ${operation}`));
    open.push(() => connection.close());
    const { url } = server;
    const purpose = { resource: 'channel', operation: 'list' };
    await connection.call({ method: 'GET', url, purpose, lane: () => 'job' });
    await connection.call({ method: 'GET', url, purpose: { ...purpose, operation: 'get' } });
    const create = { ...purpose, operation: 'create' };
    await connection.call({ method: 'POST', url, purpose: create, endBy: performance.now() + 2_000 });
    expect(lanes).toEqual(['job list', 'read get', 'write create']);
  });
});

describe('a write with a moment to end by', () => {
  it('is not sent when too little of its time is left', async () => {
    const server = await serve((_request, response) => reply(response, 200, {}));
    const request = { method: 'POST', url: server.url, endBy: performance.now() + 900 } as const;
    expect(await kindOf(connect({ timeoutMs: 2_000 }), request)).toBe('not-sent');
    expect(server.got).toHaveLength(0);
  });

  it('is not sent when it waits too long for its turn', async () => {
    const server = await serve(() => undefined);
    const connection = connect({ concurrency: 1, timeoutMs: 400 });
    const reader = new AbortController();
    const reading = kindOf(connection, { url: server.url, signal: reader.signal });
    // The reader holds the only slot for its whole deadline.
    const request = { method: 'POST', url: server.url, endBy: performance.now() + 400 } as const;
    expect(await kindOf(connection, request)).toBe('not-sent');
    reader.abort();
    await reading;
    expect(server.got.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('is sent, and has ended by then', async () => {
    const server = await serve(() => undefined);
    const request = { method: 'POST', url: server.url, endBy: performance.now() + 250 } as const;
    expect(await kindOf(connect({ timeoutMs: 400 }), request)).toBe('timeout');
    expect(server.got).toHaveLength(1);
  });
});

describe('lanes', () => {
  it('let a write go before the pages of a list that wait, without being told', async () => {
    const got: string[] = [];
    let answer = (): void => undefined;
    const server = await serve((request, response) => {
      got.push(`${request.method} ${request.url}`);
      if (request.url === '/running') answer = () => reply(response, 200, {});
      else reply(response, 200, {});
    });
    const connection = connect({ concurrency: 1 });
    const running = connection.call({ method: 'GET', url: `${server.url}/running` });
    await expect.poll(() => got).toEqual(['GET /running']);
    const pages = ['/1', '/2'].map((path) =>
      connection.call({ method: 'GET', url: `${server.url}${path}`, lane: 'job' }),
    );
    const read = connection.call({ method: 'GET', url: `${server.url}/one` });
    const write = connection.call({ method: 'POST', url: server.url, endBy: performance.now() + 2_000 });
    answer();
    await Promise.all([running, ...pages, read, write]);
    expect(got).toEqual(['GET /running', 'POST /', 'GET /one', 'GET /1', 'GET /2']);
  });

  it('tell a call when it has its turn, not when it is asked for', async () => {
    let answer = (): void => undefined;
    const server = await serve((_request, response, nth) => {
      if (nth === 1) answer = () => reply(response, 200, {});
      else reply(response, 200, {});
    });
    const connection = connect({ concurrency: 1 });
    const running = connection.call({ method: 'GET', url: server.url });
    await expect.poll(() => server.got.length).toBe(1);
    let sent = 0;
    const waiting = connection.call({ method: 'GET', url: server.url, onSent: () => (sent += 1) });
    expect(sent).toBe(0);
    answer();
    await Promise.all([running, waiting]);
    expect(sent).toBe(1);
  });
});

describe('the limits of a connection', () => {
  it('bound how many calls run at a time', async () => {
    let running = 0;
    let most = 0;
    const server = await serve((_request, response) => {
      most = Math.max(most, ++running);
      setImmediate(() => {
        running--;
        reply(response, 200, {});
      });
    });
    const connection = connect({ concurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => connection.call({ method: 'GET', url: server.url })));
    expect(server.got).toHaveLength(20);
    expect(most).toBeLessThanOrEqual(3);
  });
});
