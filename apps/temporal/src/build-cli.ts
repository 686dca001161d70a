import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import type { PinnedCli } from './pinned-cli.js';

const reportMs = 10_000;
const cliPackage = 'github.com/temporalio/cli/cmd/temporal';

export interface BuildOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

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
    await runGo(pinned, unfinished, { environment, log });
    fs.renameSync(unfinished, target);
  } finally {
    fs.rmSync(unfinished, { force: true });
  }
}

async function runGo(pinned: PinnedCli, output: string, { environment, log }: BuildOptions): Promise<void> {
  const ldflags = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${pinned.version}`;
  const args = ['build', '-v', '-mod=readonly', '-trimpath', '-ldflags', ldflags, '-o', output, cliPackage];
  const child = spawn('go', args, {
    cwd: pinned.moduleDir,
    env: { ...environment, CGO_ENABLED: '0', GOWORK: 'off' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const progress = new GoProgress();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    progress.add(text);
  });
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  const ticker = setInterval(() => {
    log(`building the Temporal CLI: ${seconds()} s, ${progress.summary()}`);
  }, reportMs);
  // Without this the compiler would go on after the process that wants its result.
  const killGo = (): boolean => child.kill();
  process.once('exit', killGo);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ENOENT' ? new Error('go is not on the PATH') : error);
      });
      child.once('close', resolve);
    });
    if (exitCode !== 0) throw new Error(`go build failed: ${progress.lastLines() || `exit code ${String(exitCode)}`}`);
    log(`built the Temporal CLI in ${seconds()} s: ${path.dirname(output)}`);
  } finally {
    clearInterval(ticker);
    process.off('exit', killGo);
  }
}

/** What `go build -v` tells on stderr: a line per module it downloads and per package it compiles, then its errors. */
class GoProgress {
  private rest = '';
  private downloads = 0;
  private packages = 0;
  private readonly others: string[] = [];

  add(text: string): void {
    const lines = `${this.rest}${text}`.split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.count(line);
  }

  summary(): string {
    return `${this.downloads} modules downloaded, ${this.packages} packages compiled`;
  }

  lastLines(): string {
    return [...this.others, this.rest]
      .filter((line) => line !== '')
      .slice(-10)
      .join('\n');
  }

  private count(line: string): void {
    if (line.startsWith('go: downloading ')) this.downloads += 1;
    else if (/^[\w.~/-]+$/.test(line)) this.packages += 1;
    else this.others.push(line);
  }
}
