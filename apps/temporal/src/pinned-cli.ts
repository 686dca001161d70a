import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The Temporal CLI that this checkout pins by `tools/temporal-cli/go.mod` and `go.sum`. */
export interface PinnedCli {
  /** Without `v`, e.g. `1.8.2`. */
  readonly version: string;
  /** The Go module that builds it. */
  readonly moduleDir: string;
  /** Where a downloaded or built binary is kept: a folder per version and content of the two files. */
  readonly cachedBinary: string;
}

/** Reads the pin. `moduleDir` is found from this file upwards, so it is the same from the sources and from `dist`. */
export function readPinnedCli(cacheDir: string, moduleDir: string = findModuleDir()): PinnedCli {
  const goMod = fs.readFileSync(path.join(moduleDir, 'go.mod'));
  const goSum = fs.readFileSync(path.join(moduleDir, 'go.sum'));
  const version = /^require github\.com\/temporalio\/cli v(\S+)$/m.exec(goMod.toString('utf8'))?.[1];
  if (version === undefined) throw new Error(`${moduleDir}/go.mod does not require github.com/temporalio/cli`);
  const hash = createHash('sha256').update(goMod).update(goSum).digest('hex').slice(0, 12);
  return { version, moduleDir, cachedBinary: path.join(cacheDir, 'temporal-cli', `${version}-${hash}`, 'temporal') };
}

function findModuleDir(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'tools', 'temporal-cli');
    if (fs.existsSync(path.join(candidate, 'go.mod'))) return candidate;
    if (folder === path.dirname(folder))
      throw new Error('tools/temporal-cli/go.mod is missing: this is not a complete checkout');
  }
}
