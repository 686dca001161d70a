import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { networkFault } from './network-fault.js';

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

async function portOf(made: Server): Promise<number> {
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

async function faultOf(url: string): Promise<string> {
  const error: unknown = await fetch(url).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error, `${url} answers`).toBeDefined();
  return networkFault(url, error);
}

describe('networkFault', () => {
  it('says that what listens there speaks http, and not https', async () => {
    const port = await portOf(createServer((_request, response) => response.end()));
    expect(await faultOf(`https://127.0.0.1:${port}`)).toBe(
      `what listens there does not speak https: is it http://127.0.0.1:${port} ?`,
    );
  });

  it('says that what listens there speaks no http', async () => {
    const port = await portOf(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')));
    expect(await faultOf(`http://127.0.0.1:${port}`)).toContain('does not speak http');
  });

  it('says that nobody listens, or breaks off', async () => {
    const port = await portOf(createTcpServer((socket) => socket.destroy()));
    expect(await faultOf(`http://127.0.0.1:${port}`)).toBe('the connection was broken off');
    await new Promise((resolve) => server?.close(resolve));
    expect(await faultOf(`http://127.0.0.1:${port}`)).toBe('connection refused');
  });

  it.each([
    { code: 'ENOTFOUND', says: 'no address is known for the name gangway.acme.example' },
    { code: 'SELF_SIGNED_CERT_IN_CHAIN', says: 'NODE_EXTRA_CA_CERTS' },
    { code: 'CERT_HAS_EXPIRED', says: 'its certificate has expired' },
  ])('says in words what $code means', ({ code, says }) => {
    const error = new TypeError('fetch failed', { cause: Object.assign(new Error('raw'), { code }) });
    expect(networkFault('https://gangway.acme.example/v1', error)).toContain(says);
  });

  it('repeats what it does not know', () => {
    expect(networkFault('http://a.example', new Error('something new'))).toBe('something new');
  });
});
