import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import type { PinnedCli } from './pinned-cli.js';

const pollMs = 500;
const reportMs = 5_000;

export interface DownloadOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
  /** The first byte has to arrive within this time, in ms; default 10,000. */
  readonly startTimeoutMs?: number;
  /** Afterwards there may be no longer pause than this, in ms; default 30,000. */
  readonly stallTimeoutMs?: number;
  /** The program that downloads: see `download-child.ts`. */
  readonly program?: string;
}

/**
 * Has the SDK download the pinned CLI and puts it to `target` in one step.
 * @throws {Error} when the download does not begin, stalls or fails; then `target` is untouched.
 */
export async function downloadCli(pinned: PinnedCli, target: string, options: DownloadOptions): Promise<void> {
  const { environment, log } = options;
  const program = options.program ?? fileURLToPath(new URL('./download-child.js', import.meta.url));
  const folder = fs.mkdtempSync(path.join(path.dirname(target), 'download-'));
  try {
    log(`downloading the Temporal CLI ${pinned.version}`);
    const child = spawn(process.execPath, [program, folder, pinned.version], {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const failure = await watchDownload(child, folder, options);
    // Whether the server also came up and went down does not matter: a whole file under its final name is the answer.
    const file = fs.readdirSync(folder).find((name) => /^temporal-.*\d$/.test(name));
    if (file === undefined) throw new Error(failure ?? 'the SDK left no file');
    fs.chmodSync(path.join(folder, file), 0o755);
    fs.renameSync(path.join(folder, file), target);
    log('downloaded the Temporal CLI');
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Resolves when the child has ended: with undefined when it ended well, else with what went wrong. */
function watchDownload(
  child: ReturnType<typeof spawn>,
  folder: string,
  { log, startTimeoutMs = 10_000, stallTimeoutMs = 30_000 }: DownloadOptions,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let complaint = '';
    let stopped: string | undefined;
    let bytes = 0;
    let lastProgress = performance.now();
    let lastReport = lastProgress;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = `${complaint}${text}`.slice(-4_000);
    });
    const ticker = setInterval(() => {
      const now = performance.now();
      const size = sizeOf(folder);
      if (size > bytes) [bytes, lastProgress] = [size, now];
      if (bytes > 0 && now - lastReport >= reportMs) {
        lastReport = now;
        log(`downloading the Temporal CLI: ${Math.round(bytes / 1_000_000)} MB so far`);
      }
      if (now - lastProgress > (bytes === 0 ? startTimeoutMs : stallTimeoutMs)) {
        stopped = bytes === 0 ? `nothing arrived within ${startTimeoutMs / 1000} s` : 'the download stalled';
        child.kill('SIGKILL');
      }
    }, pollMs);
    const finish = (failure: string | undefined): void => {
      clearInterval(ticker);
      resolve(failure);
    };
    child.once('error', (error) => {
      finish(error.message);
    });
    child.once('close', (exitCode) => {
      finish(
        exitCode === 0
          ? undefined
          : (stopped ?? (complaint.trim().split('\n').at(-1) || `the SDK ended with exit code ${String(exitCode)}`)),
      );
    });
  });
}

function sizeOf(folder: string): number {
  return fs
    .readdirSync(folder)
    .reduce((sum, name) => sum + (fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
