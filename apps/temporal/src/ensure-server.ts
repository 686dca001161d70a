import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import type { TemporalServerConfig } from '#libs/config/temporal-server.js';
import { withLock } from '#scripts/lib/lock.mjs';

import { runGo, type BuildOptions } from './go-build.js';
import { readPinnedModule, type PinnedModule } from './pinned-module.js';
import { ProgramMissing } from './program-missing.js';

const runFile = promisify(execFile);
const versionTimeoutMs = 20_000;
const module = 'go.temporal.io/server';

/** The programs that the images of `docker-compose.yml` hold, as files of this machine. */
export interface ServerPrograms {
  /** The Temporal server. */
  readonly server: string;
  /** The tool that makes and upgrades its tables. */
  readonly sqlTool: string;
}

export interface EnsureServerOptions {
  readonly log: (line: string) => void;
  /** False: what is not built yet is missing. Default true. */
  readonly mayBuild?: boolean;
  /** Default: what this checkout pins. */
  readonly pinned?: PinnedModule;
  /** Default: Go's own build. */
  readonly build?: typeof runGo;
}

/**
 * Returns the Temporal server and its schema tool of `tools/temporal-server`, built once into the user's cache. Calls at the same
 * time, in any process, build once.
 * @throws {ProgramMissing} where they are not built and cannot be, or may not. @throws {Error} when the build fails.
 */
export async function ensureServerPrograms(
  config: Pick<TemporalServerConfig, 'cacheDir' | 'environment'>,
  options: EnsureServerOptions,
): Promise<ServerPrograms> {
  const { log, mayBuild = true, build = runGo } = options;
  const pinned = options.pinned ?? readPinnedModule('temporal-server', module, config.cacheDir);
  const programs = {
    server: path.join(pinned.cachedFolder, 'temporal-server'),
    sqlTool: path.join(pinned.cachedFolder, 'temporal-sql-tool'),
  };
  if (await areThere(programs, pinned)) return programs;
  if (!mayBuild) throw new ProgramMissing(`the Temporal server ${pinned.version} is not built yet`);
  const lock = path.join(path.dirname(pinned.cachedFolder), `${path.basename(pinned.cachedFolder)}.lock`);
  const onWait = ({ pid }: { pid: number | null }): void => {
    log(`waiting for process ${pid ?? 'unknown'}, which is building the Temporal server`);
  };
  return withLock(lock, { onWait }, async () => {
    if (await areThere(programs, pinned)) return programs;
    // Only under the lock: nobody else is at work there, so whatever is there was left by a build that was killed.
    fs.rmSync(pinned.cachedFolder, { recursive: true, force: true });
    fs.mkdirSync(pinned.cachedFolder, { recursive: true });
    await buildAll(programs, pinned, build, { environment: config.environment, log });
    return programs;
  });
}

async function buildAll(
  { server, sqlTool }: ServerPrograms,
  { version, moduleDir }: PinnedModule,
  build: typeof runGo,
  options: BuildOptions,
): Promise<void> {
  options.log(
    `building the Temporal server ${version} from its Go module; this takes some minutes, once (the result is kept)`,
  );
  const parts = [
    { name: "Temporal's schema tool", package: `${module}/cmd/tools/sql`, target: sqlTool },
    // The last: with it, both are there.
    { name: 'the Temporal server', package: `${module}/cmd/server`, target: server },
  ];
  for (const { name, package: from, target } of parts) {
    const output = `${target}.building`;
    try {
      await build({ name, moduleDir, package: from, output }, options);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (!text.includes('go is not on the PATH')) throw error;
      throw new ProgramMissing(
        `Go is missing: install Go 1.26.4 or newer (https://go.dev/dl), so that the Temporal server ${version} can be built`,
        { cause: error },
      );
    }
    fs.renameSync(output, target);
  }
}

/** True when both run and the server is the pinned one: a disk may have been full, or the folder copied from another machine. */
async function areThere({ server, sqlTool }: ServerPrograms, { version }: PinnedModule): Promise<boolean> {
  if (!fs.existsSync(server) || !fs.existsSync(sqlTool)) return false;
  try {
    const { stdout } = await runFile(server, ['--version'], { timeout: versionTimeoutMs });
    await runFile(sqlTool, ['--version'], { timeout: versionTimeoutMs });
    return stdout.includes(`version ${version}`);
  } catch {
    return false; // it does not run here: built anew
  }
}
