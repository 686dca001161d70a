import type { TemporalServerConfig } from '#libs/config/temporal-server.js';

import { startDevServer, type DevServer } from './dev-server.js';
import { ensureTemporalCli } from './ensure-cli.js';

/** A Temporal server to use: one that was there, or a dev server that this process started. */
export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  /** The dev server, undefined where `TEMPORAL_ADDRESS` names one that runs already. */
  readonly embedded: DevServer | undefined;
  /** Stops what was started here; nothing where nothing was. */
  readonly stop: () => Promise<void>;
}

/**
 * Returns the server that `TEMPORAL_ADDRESS` names, untouched and unchecked, else starts a dev server over the data dir.
 * @throws {Error} when no CLI can be had or the server does not start; the message names the cure.
 */
export async function ensureTemporalServer(
  config: TemporalServerConfig,
  log: (line: string) => void,
): Promise<TemporalServer> {
  const { address, namespace, dataDir, port, uiPort, codecEndpoint } = config;
  if (address !== undefined) return { address, namespace, embedded: undefined, stop: () => Promise.resolve() };
  const binary = await ensureTemporalCli(config, { log });
  const server = await startDevServer({ binary, dataDir, ports: { port, uiPort }, namespace, codecEndpoint, log });
  return { address: server.address, namespace, embedded: server, stop: server.stop };
}
