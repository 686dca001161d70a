import { readCliSettings } from '#libs/config/cli-settings.js';

import { createApiClient, type ApiClient } from './api/client.js';
import { runCli } from './program.js';

/** The exit code that shells use for an end by Ctrl-C. */
const INTERRUPTED = 130;

/** npx hands the terminal's Ctrl-C on once more; what comes later is a person who does not want to wait. Milliseconds. */
const SAME_WISH_MS = 1_000;

const interrupted = new AbortController();
let interruptedAt = 0;
process.on('SIGINT', () => {
  if (!interrupted.signal.aborted) interruptedAt = performance.now();
  else if (performance.now() - interruptedAt > SAME_WISH_MS) process.exit(INTERRUPTED);
  interrupted.abort();
});
// A reader that has seen enough (`gangway list | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

let client: ApiClient | undefined;
const exitCode = await runCli(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  stdin: process.stdin,
  client: () => (client ??= createApiClient({ ...readCliSettings(), signal: interrupted.signal })),
  signal: interrupted.signal,
});
process.exitCode = interrupted.signal.aborted ? INTERRUPTED : exitCode;
