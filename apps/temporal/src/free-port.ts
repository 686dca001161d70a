import { ConfigError } from '#libs/config/faults.js';
import { portTaken, type ListenVariables } from '#libs/config/listening.js';
import { isPortFree, listenerOf } from '#scripts/lib/ports.mjs';

/** Makes sure that a Temporal server can listen on a port. @throws {ConfigError} that names who has it, and the settings that cure it. */
export async function requireFree(port: number, variables: ListenVariables): Promise<void> {
  if (await isPortFree(port)) return;
  const { name, message } = portTaken(variables, port, listenerOf(port));
  throw new ConfigError([
    { name, message: `${message}, or, when it is a Temporal server to use, set TEMPORAL_ADDRESS to its address` },
  ]);
}
