import { Runtime } from '@temporalio/worker';
import type { ListenAddress } from '#libs/config/shared-settings.js';
import { temporalLogger, type Logger } from '#libs/logging/index.js';

let installed = false;

/**
 * Sets up the SDK's one runtime of this process: our logger, no signal handlers (the SDK's own would shut a worker down a second
 * time), Prometheus text where asked for. What a first call set stays for the life of the process.
 */
export function installRuntime(logger: Logger, metrics: ListenAddress | undefined): void {
  if (installed) return;
  const bindAddress = metrics && `${metrics.host.includes(':') ? `[${metrics.host}]` : metrics.host}:${metrics.port}`;
  try {
    Runtime.install({
      logger: temporalLogger(logger),
      shutdownSignals: [],
      telemetryOptions: {
        logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
        ...(bindAddress === undefined
          ? {}
          : {
              metrics: {
                prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
              },
            }),
      },
    });
  } catch (error) {
    if (bindAddress === undefined) throw error;
    throw new Error(`metrics cannot be served on ${bindAddress}: set GANGWAY_METRICS_PORT to a free port`, {
      cause: error,
    });
  }
  installed = true;
}
