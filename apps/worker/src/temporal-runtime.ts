import { Runtime } from '@temporalio/worker';
import { ConfigError } from '#libs/config/faults.js';
import type { ListenAddress } from '#libs/config/shared-settings.js';
import { temporalLogger, type Logger } from '#libs/logging/index.js';

let installed = false;

/**
 * Sets up the SDK's one runtime of this process: our logger, no signal handlers (the SDK's own would shut a worker down a second
 * time), Prometheus text where asked for. What a first call set stays for the life of the process.
 * @throws {ConfigError} when the metrics cannot be served where they shall be.
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
    // The SDK does not say by a code why it cannot listen there.
    const fault = { name: 'GANGWAY_METRICS_PORT', message: 'metrics cannot be served there: set a port that is free' };
    throw new ConfigError([fault], { cause: error });
  }
  installed = true;
}
