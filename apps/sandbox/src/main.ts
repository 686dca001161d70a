import { exitOnConfigError } from '#libs/config/faults.js';
import { listenFault, PORTS } from '#libs/config/listening.js';
import { sandboxSettings } from '#libs/config/sandbox.js';
import { createSandbox } from './server.js';

try {
  const { port } = sandboxSettings();
  const sandbox = await createSandbox();
  const address = await sandbox.listen(port);
  console.log(`sandbox ready at ${address}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.close());
} catch (error) {
  exitOnConfigError(listenFault(error, PORTS.sandbox));
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
