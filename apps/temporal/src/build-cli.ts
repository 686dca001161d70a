import fs from 'node:fs';

import { runGo, type BuildOptions } from './go-build.js';
import type { PinnedCli } from './pinned-cli.js';

const cliPackage = 'github.com/temporalio/cli/cmd/temporal';

/**
 * Builds the pinned CLI with `go` into `target`, replacing it in one step at the end.
 * @throws {Error} with Go's own last lines when `go` is missing or the build fails; then `target` is untouched.
 */
export async function buildCli(pinned: PinnedCli, target: string, { environment, log }: BuildOptions): Promise<void> {
  log(
    `building the Temporal CLI ${pinned.version} from its Go module, because no binary of it was found and none can be ` +
      'downloaded; this takes some minutes, once (the result is kept)',
  );
  const unfinished = `${target}.${process.pid}.building`;
  try {
    const ldflags = `-X github.com/temporalio/cli/internal/temporalcli.Version=${pinned.version}`;
    const build = { name: 'the Temporal CLI', moduleDir: pinned.moduleDir, package: cliPackage, ldflags };
    await runGo({ ...build, output: unfinished }, { environment, log });
    fs.renameSync(unfinished, target);
  } finally {
    fs.rmSync(unfinished, { force: true });
  }
}
