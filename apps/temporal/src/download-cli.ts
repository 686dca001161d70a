import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { EnvHttpProxyAgent, fetch } from 'undici';

import { readPinnedArchive, type PinnedArchive } from './pinned-archive.js';
import type { PinnedCli } from './pinned-cli.js';

const run = promisify(execFile);
const reportMs = 5_000;

export interface DownloadOptions {
  /** Its `HTTPS_PROXY` and `NO_PROXY` count. */
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** The answer has to begin within this time, in ms; default 10,000. */
  readonly startTimeoutMs?: number;
  /** Afterwards there may be no longer pause than this, in ms; default 30,000. */
  readonly stallTimeoutMs?: number;
  /** Default: that of this machine, as it is pinned. */
  readonly archive?: PinnedArchive;
}

/**
 * Downloads the pinned CLI, checks the archive against its pinned SHA-256, and puts the binary to `target` in one step.
 * @throws {Error} with the reason for each source; then `target` is untouched, and nothing of what was downloaded has been run.
 */
export async function downloadCli(pinned: PinnedCli, target: string, options: DownloadOptions): Promise<void> {
  const archive = options.archive ?? readPinnedArchive(pinned, process.platform, process.arch);
  const folder = fs.mkdtempSync(path.join(path.dirname(target), 'download-'));
  try {
    options.log(`downloading the Temporal CLI ${pinned.version}`);
    const file = path.join(folder, 'archive.tar.gz');
    await fetchFirst(archive, file, options);
    await run('tar', ['-xzf', file, '-C', folder]);
    const binary = path.join(folder, 'temporal');
    if (!fs.existsSync(binary)) throw new Error('the archive holds no file named temporal');
    fs.chmodSync(binary, 0o755);
    fs.renameSync(binary, target);
    options.log('downloaded the Temporal CLI');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Downloads from the first source that has the very file. */
async function fetchFirst({ sources, sha256 }: PinnedArchive, file: string, options: DownloadOptions): Promise<void> {
  const reasons: string[] = [];
  for (const source of sources) {
    const { host } = new URL(source);
    try {
      const found = await fetchFile(source, file, options);
      if (found === sha256) return;
      reasons.push(`${host}: what it sent has the SHA-256 ${found}, and ${sha256} is pinned`);
    } catch (error) {
      reasons.push(`${host}: ${reasonOf(error)}`);
    }
    options.log(`the Temporal CLI was not to be had from ${reasons.at(-1) ?? host}`);
  }
  throw new Error(reasons.join('; '));
}

/** Downloads a file and returns its SHA-256. */
async function fetchFile(url: string, file: string, options: DownloadOptions): Promise<string> {
  const { environment, log, startTimeoutMs = 10_000, stallTimeoutMs = 30_000 } = options;
  const over = new AbortController();
  const limit = (ms: number, what: string): NodeJS.Timeout =>
    setTimeout(() => over.abort(new Error(`${what} within ${ms / 1000} s`)), ms);
  let timer = limit(startTimeoutMs, 'nothing arrived');
  const dispatcher = new EnvHttpProxyAgent(proxiesOf(environment));
  const output = await open(file, 'w', 0o600);
  try {
    const response = await fetch(url, { dispatcher, signal: over.signal });
    if (!response.ok || response.body === null) throw new Error(`it answers HTTP ${response.status}`);
    const hash = createHash('sha256');
    let bytes = 0;
    let reported = performance.now();
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = limit(stallTimeoutMs, 'nothing more arrived');
      hash.update(chunk);
      await output.write(chunk);
      bytes += chunk.length;
      if (performance.now() - reported < reportMs) continue;
      reported = performance.now();
      log(`downloading the Temporal CLI: ${Math.round(bytes / 1_000_000)} MB so far`);
    }
    return hash.digest('hex');
  } finally {
    clearTimeout(timer);
    await output.close();
    await dispatcher.destroy();
  }
}

function proxiesOf(environment: NodeJS.ProcessEnv): { httpsProxy?: string; httpProxy?: string; noProxy?: string } {
  const set = (name: string): string | undefined => environment[name] || environment[name.toLowerCase()] || undefined;
  const [httpsProxy, httpProxy, noProxy] = [set('HTTPS_PROXY'), set('HTTP_PROXY'), set('NO_PROXY')];
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
  };
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
