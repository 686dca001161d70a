import path from 'node:path';

import { readPinnedModule } from './pinned-module.js';

/** The Temporal CLI that this checkout pins by `tools/temporal-cli/go.mod` and `go.sum`. */
export interface PinnedCli {
  /** Without `v`, e.g. `1.8.2`. */
  readonly version: string;
  /** The Go module that builds it. */
  readonly moduleDir: string;
  /** Where a downloaded or built binary is kept: a folder per version and content of the two files. */
  readonly cachedBinary: string;
}

/** Reads the pin. `moduleDir` is by default that of this checkout. */
export function readPinnedCli(cacheDir: string, moduleDir?: string): PinnedCli {
  const pinned = readPinnedModule('temporal-cli', 'github.com/temporalio/cli', cacheDir, moduleDir);
  const { version, cachedFolder } = pinned;
  return { version, moduleDir: pinned.moduleDir, cachedBinary: path.join(cachedFolder, 'temporal') };
}
