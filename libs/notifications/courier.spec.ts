import { lookup as systemLookup } from 'node:dns';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeServer, reply, type FakeServer } from '#libs/http/test-server.js';
import { Courier, DeliveryError, isPrivateAddress, signedHeaders, SigningSecretError, type Lookup } from './index.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const closing: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
});

async function receiver(answer: Parameters<typeof fakeServer>[0]): Promise<FakeServer> {
  const server = await fakeServer(answer);
  closing.push(server);
  return server;
}

const open = new Courier({ timeoutMs: 2_000, allowPrivateUrls: true });

/** A name server that answers one address after the other, and says how often it was asked. */
function names(...answers: string[][]): { lookup: Lookup; asked: () => number } {
  let asked = 0;
  const lookup: Lookup = (_host, _options, answered) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    setImmediate(() => answered(null, found));
  };
  return { lookup, asked: () => asked };
}

async function fault(delivery: Promise<unknown>): Promise<DeliveryError> {
  const error: unknown = await delivery.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DeliveryError)) throw new Error(`no DeliveryError: ${String(error)}`);
  return error;
}

describe('a signed message', () => {
  it("passes the library's own verifier, for this body and secret alone", async () => {
    const server = await receiver((_request, response) => reply(response, 204, {}));
    const payload = JSON.stringify({ type: 'onboarding.succeeded', data: { reason: 'ümläut ✓' } });
    const status = await open.post(
      `${server.url}/hook?a=1`,
      payload,
      signedHeaders(SECRET, 'msg_1', payload, new Date()),
    );
    expect(status).toBe(204);
    const [got] = server.got;
    expect(got).toMatchObject({ method: 'POST', url: '/hook?a=1', body: payload });
    const headers = got?.headers as Record<string, string>;
    expect(headers['content-type']).toBe('application/json');
    expect(new Webhook(SECRET).verify(got?.body ?? '', headers)).toEqual(JSON.parse(payload));
    expect(() => new Webhook(SECRET).verify(`${payload} `, headers)).toThrow('No matching signature');
    const other = `whsec_${Buffer.from('another key of 24 bytes.').toString('base64')}`;
    expect(() => new Webhook(other).verify(payload, headers)).toThrow('No matching signature');
  });

  it('is signed as the specification shows it', () => {
    // The example of the Standard Webhooks reference libraries.
    const headers = signedHeaders(
      SECRET,
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '{"test": 2432232314}',
      new Date(1_614_265_330_000),
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it.each(['', 'geheim', 'whsec_a-b_', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'])(
    'cannot be made with the secret %j, which is not told',
    (secret) => {
      const sign = (): unknown => signedHeaders(secret, 'msg_1', '{}', new Date());
      expect(sign).toThrow(SigningSecretError);
      if (secret !== '') expect(sign).not.toThrow(secret);
    },
  );
});

describe('a try fails', () => {
  it.each([
    { status: 500, code: 'RECEIVER_REFUSED', retryable: true },
    { status: 429, code: 'RECEIVER_REFUSED', retryable: true },
    { status: 404, code: 'RECEIVER_REFUSED', retryable: true },
    { status: 410, code: 'RECEIVER_REFUSED', retryable: false },
  ])('with the answer $status', async ({ status, code, retryable }) => {
    const server = await receiver((_request, response) => reply(response, status, { secret: 'of the receiver' }));
    const error = await fault(open.post(server.url, '{}', {}));
    expect(error.fault).toEqual({
      code,
      httpStatus: status,
      message: `${new URL(server.url).host} answers ${status}.`,
    });
    expect(error.retryable).toBe(retryable);
  });

  it.each([301, 302, 303, 307, 308])('with the redirect %i, which is not followed', async (status) => {
    const target = await receiver((_request, response) => reply(response, 200, {}));
    const server = await receiver((_request, response) => response.writeHead(status, { location: target.url }).end());
    const { fault: told, retryable } = await fault(open.post(server.url, '{}', {}));
    expect(told).toMatchObject({ code: 'RECEIVER_REDIRECTED', httpStatus: status });
    expect(retryable).toBe(true);
    expect(target.got).toEqual([]);
  });

  it('when nobody listens, and without the path in its words', async () => {
    const server = await fakeServer(() => undefined);
    await server.close();
    const error = await fault(open.post(`${server.url}/T0/secret-path`, '{}', {}));
    expect(error.fault).toMatchObject({ code: 'RECEIVER_UNREACHABLE', httpStatus: null });
    expect(error.message).not.toContain('secret-path');
  });

  it('when the connection breaks before an answer', async () => {
    const server = await receiver((_request, response) => response.destroy());
    expect((await fault(open.post(server.url, '{}', {}))).fault.code).toBe('RECEIVER_UNREACHABLE');
  });

  it('when no answer comes in time', async () => {
    const server = await receiver(() => undefined);
    const hasty = new Courier({ timeoutMs: 100, allowPrivateUrls: true });
    expect((await fault(hasty.post(server.url, '{}', {}))).fault.code).toBe('RECEIVER_TIMED_OUT');
  });

  it('when the headers of the answer never end', async () => {
    const server = await dripping('HTTP/1.1 200 OK\r\n', 'x-more: of it\r\n');
    const hasty = new Courier({ timeoutMs: 300, allowPrivateUrls: true });
    expect((await fault(hasty.post(server.url, '{}', {}))).retryable).toBe(true);
  });
});

describe('an answer', () => {
  it('counts by its status, however long its body is, and little of that is read', async () => {
    let written = 0;
    const server = await receiver((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (response.writable && response.write(Buffer.alloc(64 * 1024))) written += 64 * 1024;
        if (response.writable) response.once('drain', more);
      };
      more();
    });
    expect(await open.post(server.url, '{}', {})).toBe(200);
    expect(written).toBeLessThan(32 * 1024 * 1024); // what the sockets between hold, not what the receiver would send
  });

  it('counts by its status when its body never ends, within the deadline', async () => {
    const server = await dripping('HTTP/1.1 202 Accepted\r\ncontent-type: text/plain\r\n\r\n', '.');
    const hasty = new Courier({ timeoutMs: 500, allowPrivateUrls: true });
    const began = performance.now();
    expect(await hasty.post(server.url, '{}', {})).toBe(202);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('private addresses', () => {
  const guarded = (lookup?: Lookup): Courier =>
    new Courier({ timeoutMs: 1_000, allowPrivateUrls: false, ...(lookup ? { lookup } : {}) });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[64:ff9b::10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://localhost/',
    'https://metadata.google.internal/',
    'https://[::ffff:0:7f00:1]/',
    'https://[2001::1]/',
    'https://[100::1]/',
    'https://192.0.2.9/',
    'https://[3fff::1]/',
    'https://hooks.acme.example:22/',
    'https://hooks.acme.example:8443/',
    'http://hooks.acme.example/',
    'ftp://hooks.acme.example/',
    'https://user:pass@hooks.acme.example/',
  ])('%s is refused before anything is sent, and not tried again', async (url) => {
    const { lookup, asked } = names(['93.184.215.14']);
    const error = await fault(guarded(lookup).post(url, '{}', {}));
    expect(error.fault.code).toBe('ADDRESS_NOT_ALLOWED');
    expect(error.retryable).toBe(false);
    expect(asked()).toBe(0);
  });

  it.each([
    { reason: 'loopback', answers: ['127.0.0.1'] },
    { reason: 'the private one of two', answers: ['93.184.215.14', '10.1.2.3'] },
    { reason: 'link-local', answers: ['169.254.169.254'] },
    { reason: 'loopback in IPv6', answers: ['::1'] },
    { reason: 'loopback mapped into IPv6', answers: ['::ffff:127.0.0.1'] },
    { reason: 'private behind NAT64', answers: ['64:ff9b::c0a8:1'] },
    { reason: 'private behind 6to4', answers: ['2002:7f00:1::'] },
    { reason: 'private behind a translator', answers: ['::ffff:0:10.0.0.1'] },
    { reason: 'behind a Teredo relay', answers: ['2001:0:4136:e378:8000:63bf:3fff:fdd2'] },
    { reason: 'where packets are discarded', answers: ['100::1'] },
    { reason: 'in a net of documentation', answers: ['203.0.113.7'] },
    { reason: 'in a net of documentation in IPv6', answers: ['2001:db8::7'] },
  ])('a public name that leads to one is refused where the socket connects: $reason', async ({ answers }) => {
    const reached: string[] = [];
    const server = await listening(reached);
    const { lookup, asked } = names(answers);
    const url = `https://hooks.acme.example:${server.port}/`;
    const listed = new Courier({ timeoutMs: 1_000, allowPrivateUrls: false, ports: [server.port], lookup });
    const error = await fault(listed.post(url, '{}', {}));
    expect(error.fault).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED', httpStatus: null });
    expect(asked()).toBe(1);
    expect(error.retryable).toBe(false);
    expect(reached).toEqual([]);
  });

  it('the address that was judged is the one that is connected to: a second answer is never asked for', async () => {
    const reached: string[] = [];
    const server = await listening(reached);
    // A rebinding name: public when it is judged, loopback from then on. Nobody listens on the port of the public address.
    const { lookup, asked } = names(['93.184.215.14'], ['127.0.0.1']);
    const listed = new Courier({ timeoutMs: 1_000, allowPrivateUrls: false, ports: [server.port], lookup });
    const error = await fault(listed.post(`https://hooks.acme.example:${server.port}/`, '{}', {}));
    expect(error.fault.code).toMatch(/^RECEIVER_(TIMED_OUT|UNREACHABLE)$/);
    expect(asked()).toBe(1);
    expect(reached).toEqual([]);
  });

  it("the system's own names are judged too", async () => {
    // Every hosts file has it; the name itself does not tell.
    const hostsFile: Lookup = (_host, options, answered) => systemLookup('localhost', options, answered);
    const error = await fault(guarded(hostsFile).post('https://hooks.acme.example/', '{}', {}));
    expect(error.fault.code).toBe('ADDRESS_NOT_ALLOWED');
  });

  it('are taken where that is allowed, with plain http too, by name and by address', async () => {
    const server = await receiver((_request, response) => reply(response, 200, {}));
    const { lookup } = names(['127.0.0.1']);
    const allowed = new Courier({ timeoutMs: 2_000, allowPrivateUrls: true, lookup });
    expect(await allowed.post(server.url, '{}', {})).toBe(200);
    expect(await allowed.post(server.url.replace('127.0.0.1', 'receiver.test'), '{}', {})).toBe(200);
    await expect(allowed.post('http://hooks.acme.example/', '{}', {})).rejects.toThrow('https://');
  });

  it.each(['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c', '64:ff9b::5db8:d70e', '2002:5db8:d70e::1'])(
    '%s is none',
    (address) => expect(isPrivateAddress(address)).toBe(false),
  );
});

/** A raw server that begins an answer and goes on with it for ever. */
async function dripping(begin: string, drop: string): Promise<{ url: string }> {
  const timers: NodeJS.Timeout[] = [];
  const { server, port } = await rawServer((socket) => {
    socket.once('data', () => {
      socket.write(begin);
      timers.push(setInterval(() => socket.writable && socket.write(drop), 10));
    });
  });
  closing.push({
    close: () => {
      timers.forEach(clearInterval);
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${port}` };
}

/** A server that notes every connection. */
async function listening(reached: string[]): Promise<{ port: number }> {
  const { server, port } = await rawServer((socket) => {
    reached.push(socket.remoteAddress ?? '');
    socket.destroy();
  });
  closing.push(server);
  return { port };
}

async function rawServer(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined); // the client cuts connections on purpose
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
