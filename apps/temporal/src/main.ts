/** `npm run start:temporal`: a Temporal dev server in the foreground, until a signal or its own end. */
import { restrictNewFiles } from '#libs/config/data-dir.js';
import { exitOnConfigError } from '#libs/config/faults.js';
import { readTemporalServerConfig } from '#libs/config/temporal-server.js';

import { ensureTemporalServer } from './temporal-server.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function log(line: string): void {
  process.stderr.write(`[temporal] ${line}\n`);
}

async function main(): Promise<void> {
  restrictNewFiles();
  // Until the server runs there is nothing to drain; leaving by `exit` also ends a compiler at work.
  const leave = (): never => process.exit(130);
  for (const signal of signals) process.on(signal, leave);
  const { address, embedded, stop } = await ensureTemporalServer(readTemporalServerConfig(), log);
  for (const signal of signals) process.off(signal, leave);
  if (embedded === undefined) {
    process.stdout.write(`ready: TEMPORAL_ADDRESS names ${address}, so no server is started\n`);
    return;
  }
  const asked = new Promise<undefined>((resolve) => {
    // A second Ctrl-C (npm hands the terminal's on once more) changes nothing.
    for (const signal of signals) process.on(signal, () => resolve(undefined));
  });
  process.stdout.write(`ready: Temporal at ${address}, UI at ${embedded.uiUrl}\n`);
  const ended = await Promise.race([asked, embedded.exited]);
  await stop();
  if (ended !== undefined) throw new Error(`the Temporal dev server ${ended}`);
}

try {
  await main();
} catch (error) {
  exitOnConfigError(error);
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
