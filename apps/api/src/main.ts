/** `npm run start:api`: the HTTP API in the foreground, until a signal. */
import { readApiSettings, type ApiSettings } from '#libs/config/api-settings.js';
import { restrictNewFiles } from '#libs/config/data-dir.js';
import { exitOnConfigError } from '#libs/config/faults.js';
import { unknownVariables } from '#libs/config/known-variables.js';
import { reloadOnHangup } from '#libs/config/watched-file.js';
import { announce, createLogger } from '#libs/logging/index.js';
import { createApi } from './api.js';

/** Requests that still run then are cut off. Milliseconds. */
const GRACE_MS = 20_000;

async function main(settings: ApiSettings): Promise<void> {
  const logger = createLogger({ level: settings.logLevel, service: 'api' });
  for (const line of unknownVariables()) logger.warn(line);
  const api = await createApi(settings, { logger });
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    announce(logger, `${signal}: stopping`);
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    api.close().then(
      () => announce(logger, 'API stopped'),
      (error: unknown) => {
        logger.error({ err: error }, 'the API did not stop cleanly');
        process.exitCode = 1;
      },
    );
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  reloadOnHangup(settings.apiKeysFile, settings.connectionsFile);
  if (settings.generatedApiKey !== undefined) process.stdout.write(`api key: ${settings.generatedApiKey}\n`);
  announce(logger, `API ready at ${api.url}`);
}

try {
  restrictNewFiles();
  await main(readApiSettings());
} catch (error) {
  exitOnConfigError(error);
  process.stderr.write(`api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
