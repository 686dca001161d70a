import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './faults.js';
import { listenFault, PORTS } from './listening.js';

async function errorOf(port: number, host: string): Promise<unknown> {
  const server = createServer().listen(port, host);
  const [error] = (await once(server, 'error')) as [unknown];
  return error;
}

describe('an address that cannot be listened on', () => {
  it('is a wrong setting, named with its cure: the port is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const fault = listenFault(await errorOf(port, '127.0.0.1'), PORTS.api);
    blocker.close();
    expect(fault).toBeInstanceOf(ConfigError);
    expect(String(fault)).toContain(`GANGWAY_PORT: port ${port} is taken: stop what listens there, or set another one`);
  });

  it('is a wrong setting, named with its cure: the host is not here', async () => {
    // RFC 5737: an address of no machine.
    const fault = listenFault(await errorOf(0, '192.0.2.1'), PORTS.api);
    expect(String(fault)).toContain('GANGWAY_HOST: is no address of this machine');
  });

  it('leaves every other error alone', () => {
    const error = new Error('something else');
    expect(listenFault(error, PORTS.sandbox)).toBe(error);
  });
});
