/** `npm run start:postgres`: a Temporal server over a PostgreSQL of its own in the foreground, until a signal or its own end. */
import { restrictNewFiles } from '#libs/config/data-dir.js';
import { exitOnConfigError } from '#libs/config/faults.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';

import { startKeptCluster } from './kept-cluster.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function log(line: string): void {
  process.stderr.write(`[temporal] ${line}\n`);
}

async function main(): Promise<void> {
  restrictNewFiles();
  const config = readTemporalServerConfig();
  if (config.address !== undefined) {
    process.stdout.write(`ready: TEMPORAL_ADDRESS names ${config.address}, so no server is started\n`);
    return;
  }
  // What runs already is ended by its guard.
  const leave = (): never => process.exit(130);
  for (const signal of signals) process.on(signal, leave);
  const cluster = await startKeptCluster(config, log);
  for (const signal of signals) process.off(signal, leave);
  const asked = new Promise<undefined>((resolve) => {
    // A second Ctrl-C (npm hands the terminal's on once more) changes nothing.
    for (const signal of signals) process.on(signal, () => resolve(undefined));
  });
  const { database, address, servers } = cluster;
  process.stdout.write(`ready: Temporal at ${address}, on PostgreSQL at 127.0.0.1:${database.port}\n`);
  const ends = [database.part, ...servers.values()].map(async (part) => `${part.name}: ${await part.exited}`);
  const ended = await Promise.race([asked, ...ends]);
  await cluster.stop();
  if (ended !== undefined) throw new Error(ended);
}

try {
  await main();
} catch (error) {
  exitOnConfigError(error);
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
