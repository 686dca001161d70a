import { SandboxSettingError, sandboxSettings } from '#libs/config/sandbox.js';
import { createSandbox } from './server.js';

/** Exit code for a wrong setting (EX_CONFIG). */
const WRONG_SETTING = 78;

try {
  const { port } = sandboxSettings();
  const sandbox = await createSandbox();
  const address = await sandbox.listen(port);
  console.log(`sandbox ready at ${address}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void sandbox.close());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof SandboxSettingError ? WRONG_SETTING : 1;
}
