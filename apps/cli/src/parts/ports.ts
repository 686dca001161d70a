import { createServer, type AddressInfo } from 'node:net';

import { Faults } from '#libs/config/faults.js';
import { PORTS, portTaken } from '#libs/config/listening.js';
import type { SystemPorts } from '#libs/config/starter.js';

/** Ports of 127.0.0.1 that nobody listens on now, one for each part. */
export async function freePorts(): Promise<SystemPorts> {
  const servers = await Promise.all([0, 0, 0, 0].map(listen));
  const [api = 0, temporal = 0, temporalUi = 0, sandbox = 0] = servers.map(
    (server) => (server.address() as AddressInfo).port,
  );
  await Promise.all(servers.map(close));
  return { api, temporal, temporalUi, sandbox };
}

/**
 * Makes sure that nobody listens on the ports that are about to be used.
 * @throws {ConfigError} naming the variable of every port that is taken.
 */
export async function requireFreePorts(ports: Partial<SystemPorts>): Promise<void> {
  const taken = new Faults();
  for (const [part, port] of Object.entries(ports) as [keyof SystemPorts, number][]) {
    const { name, message } = portTaken(PORTS[part]);
    if (!(await isFree(port))) taken.add(name, message);
  }
  taken.throwIfAny();
}

async function isFree(port: number): Promise<boolean> {
  try {
    await close(await listen(port));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE' || code === 'EACCES') return false;
    throw error;
  }
}

function listen(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
  });
}
