import { readCliSettings } from '#libs/config/cli-settings.js';

import { createApiClient, type ApiClient } from './api/client.js';
import { runCli } from './program.js';

/** The exit code that shells use for an end by Ctrl-C. */
const INTERRUPTED = 130;

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
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
  client: () => (client ??= createApiClient(readCliSettings())),
  signal: interrupted.signal,
});
process.exitCode = interrupted.signal.aborted ? INTERRUPTED : exitCode;
