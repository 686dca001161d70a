import { restrictNewFiles } from '#libs/config/data-dir.js';
import { exitOnConfigError } from '#libs/config/faults.js';
import { unknownVariables } from '#libs/config/known-variables.js';
import { listenFault, PORTS } from '#libs/config/listening.js';
import { sandboxSettings } from '#libs/config/sandbox.js';
import { createSandbox, type StateFile } from './server.js';

const CONSEQUENCES = {
  read: 'what the vendors held cannot be read, so they begin anew',
  write: 'what the vendors hold cannot be kept, so a restart begins anew',
} as const;

try {
  restrictNewFiles();
  for (const line of unknownVariables()) console.error(line);
  const { host, port, stateFile } = sandboxSettings();
  const onFault: StateFile['onFault'] = (doing, error) => {
    console.error(`${CONSEQUENCES[doing]}: ${stateFile}: ${textOf(error)}`);
  };
  const sandbox = await createSandbox({ stateFile: { path: stateFile, onFault } });
  const address = await sandbox.listen(port, host);
  console.log(`sandbox ready at ${address}`);
  // Under npm one Ctrl-C comes twice: the second must not cut off what is still being kept.
  let closing: Promise<void> | undefined;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void (closing ??= sandbox.close()));
} catch (error) {
  exitOnConfigError(listenFault(error, PORTS.sandbox));
  console.error(textOf(error));
  process.exitCode = 1;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
