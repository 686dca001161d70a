import { spawn } from 'node:child_process';
import path from 'node:path';

const reportMs = 10_000;

/** A program of a Go module whose versions and sums are pinned. */
export interface GoBuild {
  /** As lines of the log name it: `the Temporal CLI`. */
  readonly name: string;
  readonly moduleDir: string;
  readonly package: string;
  /** Beyond those that leave symbols out. */
  readonly ldflags?: string;
  /** The file that is written. */
  readonly output: string;
}

export interface BuildOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly log: (line: string) => void;
}

/**
 * Builds one program with `go`, telling how far it is every ten seconds.
 * @throws {Error} with Go's own last lines when `go` is missing or the build fails.
 */
export async function runGo(build: GoBuild, { environment, log }: BuildOptions): Promise<void> {
  const ldflags = ['-s -w', ...(build.ldflags === undefined ? [] : [build.ldflags])].join(' ');
  const flags = ['-v', '-mod=readonly', '-trimpath', '-ldflags', ldflags, '-o', build.output];
  const child = spawn('go', ['build', ...flags, build.package], {
    cwd: build.moduleDir,
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
    log(`building ${build.name}: ${seconds()} s, ${progress.summary()}`);
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
    log(`built ${build.name} in ${seconds()} s: ${path.dirname(build.output)}`);
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
