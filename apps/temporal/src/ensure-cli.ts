import fs from 'node:fs';
import path from 'node:path';

import type { TemporalServerConfig } from '#libs/config/temporal-server.js';
import { withLock } from '#scripts/lib/lock.mjs';

import { buildCli } from './build-cli.js';
import { whyUnusable } from './cli-version.js';
import { downloadCli } from './download-cli.js';
import { readPinnedCli, type PinnedCli } from './pinned-cli.js';

/** Puts the pinned CLI to `target`, or throws; the steps that are tried one after the other when no binary is there. */
export type Obtain = (
  pinned: PinnedCli,
  target: string,
  options: { readonly environment: NodeJS.ProcessEnv; readonly log: (line: string) => void },
) => Promise<void>;

export interface EnsureCliOptions {
  /** Told about binaries that are skipped, waiting, and progress. */
  readonly log: (line: string) => void;
  /** Default: what this checkout pins. */
  readonly pinned?: PinnedCli;
  readonly download?: Obtain;
  readonly build?: Obtain;
}

/**
 * Returns the path of a `temporal` binary with server 1.31 or newer, in the order of `docs/http.md` §1: `TEMPORAL_CLI_PATH`,
 * `PATH`, the cache, a download, a build from the Go module. Calls at the same time, in any process, obtain it once.
 * @throws {Error} naming every option and why it did not do.
 */
export async function ensureTemporalCli(
  config: Pick<TemporalServerConfig, 'cliPath' | 'searchPath' | 'cacheDir' | 'environment'>,
  options: EnsureCliOptions,
): Promise<string> {
  const { log } = options;
  const reasons: string[] = [];
  for (const { source, binary } of candidates(config)) {
    const reason = fs.existsSync(binary) ? await whyUnusable(binary) : 'does not exist';
    if (reason === undefined) return binary;
    log(`skipped the Temporal CLI of ${source}: ${binary} ${reason}`);
    reasons.push(`${source}: ${binary} ${reason}`);
  }
  const pinned = options.pinned ?? readPinnedCli(config.cacheDir);
  const target = pinned.cachedBinary;
  if (await isCached(target, () => undefined)) return target;
  const onWait = ({ pid }: { pid: number | null }): void => {
    log(`waiting for process ${pid ?? 'unknown'}, which is getting the Temporal CLI`);
  };
  return withLock(`${target}.lock`, { onWait }, async () => {
    if (await isCached(target, log)) return target;
    removeLeftovers(target);
    const { download = downloadCli, build = buildCli } = options;
    for (const [name, obtain] of [['download', download] as const, ['build', build] as const]) {
      const reason = await tryToObtain(obtain, pinned, target, { environment: config.environment, log });
      if (reason === undefined) return target;
      log(`no Temporal CLI by ${name}: ${reason}`);
      reasons.push(`${name}: ${reason}`);
    }
    throw new Error(noCliMessage(pinned, reasons));
  });
}

function candidates(
  config: Pick<TemporalServerConfig, 'cliPath' | 'searchPath'>,
): { source: string; binary: string }[] {
  const onPath = config.searchPath
    .map((folder) => path.join(folder, 'temporal'))
    .filter((binary) => fs.statSync(binary, { throwIfNoEntry: false })?.isFile() === true)
    .map((binary) => ({ source: 'PATH', binary }));
  if (config.cliPath === undefined) return onPath;
  const given = path.resolve(config.cliPath);
  const isFolder = fs.statSync(given, { throwIfNoEntry: false })?.isDirectory() === true;
  return [{ source: 'TEMPORAL_CLI_PATH', binary: isFolder ? path.join(given, 'temporal') : given }, ...onPath];
}

/** A cached binary that does not run (a disk that was full, another machine's home) is replaced. */
async function isCached(binary: string, log: (line: string) => void): Promise<boolean> {
  if (!fs.existsSync(binary)) return false;
  const reason = await whyUnusable(binary);
  if (reason === undefined) return true;
  log(`the cached Temporal CLI ${binary} ${reason}`);
  return false;
}

/** Removes what a download or build left that was killed. Only under the lock: nobody else is at work there. */
function removeLeftovers(target: string): void {
  const folder = path.dirname(target);
  const keep = [path.basename(target), `${path.basename(target)}.lock`];
  for (const name of fs.readdirSync(folder)) {
    if (!keep.includes(name)) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Returns why it did not work, or undefined when a binary that can be used is at `target`. */
async function tryToObtain(
  obtain: Obtain,
  pinned: PinnedCli,
  target: string,
  options: Parameters<Obtain>[2],
): Promise<string | undefined> {
  try {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    await obtain(pinned, target, options);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const reason = await whyUnusable(target);
  return reason === undefined ? undefined : `the result ${reason}`;
}

function noCliMessage(pinned: PinnedCli, reasons: readonly string[]): string {
  return [
    'No Temporal server is to be had. Do one of these:',
    '- set TEMPORAL_ADDRESS to a server that runs (host:port);',
    '- put the Temporal CLI with server 1.31 or newer on the PATH, or name it in TEMPORAL_CLI_PATH;',
    `- let the Temporal CLI ${pinned.version} be downloaded: allow https to temporal.download or github.com;`,
    '- install Go 1.26.4 or newer (https://go.dev/dl), so that it can be built.',
    'What was tried:',
    ...reasons.map((reason) => `- ${reason}`),
  ].join('\n');
}
