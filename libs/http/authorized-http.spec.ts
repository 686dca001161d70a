import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuthorizedHttp, type Authorizer } from './authorized-http.js';
import { HttpConnection } from './http-connection.js';
import { fakeServer, reply, type FakeServer } from './test-server.js';

let server: FakeServer;
let connection: HttpConnection;
let accepted: string;
beforeEach(async () => {
  accepted = 'Bearer new';
  server = await fakeServer((request, response) => {
    reply(response, request.headers.authorization === accepted ? 200 : 401, {});
  });
  connection = new HttpConnection({ requestsPerSecond: 1_000, concurrency: 2, timeoutMs: 2_000 });
});
afterEach(async () => {
  await connection.close();
  await server.close();
});

function http(replace: Authorizer['replace']): AuthorizedHttp {
  return new AuthorizedHttp(connection, { current: () => Promise.resolve('Bearer old'), replace });
}

describe('a 401', () => {
  it('is followed by one more call with a new authorisation', async () => {
    const answer = await http(() => Promise.resolve('Bearer new')).call({ method: 'POST', url: server.url, body: 'x' });
    expect(answer.status).toBe(200);
    expect(server.got.map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ['Bearer old', 'x'],
      ['Bearer new', 'x'],
    ]);
  });

  it('is the answer when it comes twice, or when there is nothing else to try', async () => {
    accepted = 'Bearer other';
    expect((await http(() => Promise.resolve('Bearer new')).call({ method: 'GET', url: server.url })).status).toBe(401);
    expect(server.got).toHaveLength(2);
    expect((await http(() => Promise.resolve(undefined)).call({ method: 'GET', url: server.url })).status).toBe(401);
    expect(server.got).toHaveLength(3);
  });

  it('does not hold a reader who stops while a new authorisation is on its way', async () => {
    const controller = new AbortController();
    const never = new Promise<string>(() => undefined);
    const call = http(() => {
      controller.abort();
      return never;
    }).call({ method: 'GET', url: server.url, signal: controller.signal });
    await expect(call).rejects.toMatchObject({ kind: 'aborted' });
  });
});
