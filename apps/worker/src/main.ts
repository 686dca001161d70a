/** `npm run start:worker`: the Temporal workers in the foreground, until a signal or the end of one of them. */
import { restrictNewFiles } from '#libs/config/data-dir.js';
import { exitOnConfigError } from '#libs/config/faults.js';
import { unknownVariables } from '#libs/config/known-variables.js';
import { readWorkerSettings, type WorkerSettings } from '#libs/config/worker-settings.js';
import { reloadOnHangup } from '#libs/config/watched-file.js';
import { announce, createLogger } from '#libs/logging/index.js';
import { startWorker } from './worker.js';

async function main(settings: WorkerSettings): Promise<void> {
  const logger = createLogger({ level: settings.logLevel, service: 'worker' });
  for (const line of unknownVariables()) logger.warn(line);
  const stopping = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) {
      announce(logger, `${signal}: draining already, steps under way end first`);
      return;
    }
    announce(logger, `${signal}: draining`);
    stopping.abort();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  reloadOnHangup(settings.connectionsFile);

  const worker = await startWorker(settings, { logger, signal: stopping.signal }).catch((error: unknown) => {
    if (stopping.signal.aborted) return undefined; // asked to stop before it ran
    throw error;
  });
  if (worker === undefined) return;
  const stop = (): void => void worker.stop().catch(() => undefined); // `done` tells
  if (stopping.signal.aborted) stop();
  else stopping.signal.addEventListener('abort', stop);
  announce(logger, `worker ready, serves ${worker.taskQueues.join(', ')}`);
  await worker.done;
  announce(logger, 'worker stopped');
}

try {
  restrictNewFiles();
  await main(readWorkerSettings());
} catch (error) {
  exitOnConfigError(error);
  process.stderr.write(`worker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
