import { Faults } from '#libs/config/faults.js';
import { PORTS, portTaken } from '#libs/config/listening.js';
import type { SystemPorts } from '#libs/config/starter.js';
import { findFreePorts, isPortFree, listenerOf } from '#scripts/lib/ports.mjs';

/** Returns ports of 127.0.0.1 that nobody listens on now, one for each part. */
export async function freePorts(): Promise<SystemPorts> {
  const [api = 0, temporal = 0, temporalUi = 0, sandbox = 0] = await findFreePorts(4);
  return { api, temporal, temporalUi, sandbox };
}

/**
 * Makes sure that nobody listens on the ports that are about to be used.
 * @throws {ConfigError} naming the variable of every port that is taken, and the process that has it where that is known.
 */
export async function requireFreePorts(ports: Partial<SystemPorts>): Promise<void> {
  const taken = new Faults();
  for (const [part, port] of Object.entries(ports) as [keyof SystemPorts, number][]) {
    if (await isPortFree(port)) continue;
    const { name, message } = portTaken(PORTS[part], port, listenerOf(port));
    taken.add(name, message);
  }
  taken.throwIfAny();
}
