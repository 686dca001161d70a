import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

import { CONFIG_EXIT_CODE } from '#libs/config/faults.js';

import { CliError } from '../errors.js';
import { lastWords } from './log-text.js';

/** `not ready` is no good news, `/readyz` and `already` are other words. */
const READY = /(?<!not )\bready\b/i;
const TAIL_LINES = 30;
const SHOWN_LINES = 5;
const WAITING_NOTE_MS = 10_000;
const followParent = new URL('./follow-parent.mjs', import.meta.url).href;

export interface PartOptions {
  /** As messages name it: `API`. */
  name: string;
  /** The program, a JavaScript file. */
  program: string;
  environment: NodeJS.ProcessEnv;
  /** Everything that the part prints, in a file that only the owner may read. */
  logFile: string;
  /** How long it may take until it prints a line that holds `ready`. Milliseconds. */
  readyTimeoutMs: number;
  /** How long it may take to stop before it is killed. Milliseconds. */
  graceMs: number;
  /** Gives up waiting for `ready`, and stops the part. */
  signal?: AbortSignal;
  /** Ends the part, and all that it started, at once, whatever it is doing. */
  killSignal?: AbortSignal;
  /** Told the process as soon as there is one. */
  onSpawned?: (pid: number) => void;
  /** Told each line that the part prints. */
  onLine?: (line: string) => void;
  /** Told every ten seconds while `ready` is not there yet. */
  onWaiting?: (waitedMs: number) => void;
}

/** A program of the system that runs as a child of this process. */
export interface Part {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the part has ended, for whatever reason, and its log is complete; with how: `exit code 1`. */
  readonly exited: Promise<string>;
  /** Ends the part: SIGTERM, after its grace SIGKILL. Resolves when it is gone; a second call waits for the same. */
  stop(): Promise<void>;
  /** Ends the part and all of its process group at once. */
  kill(): void;
  /** The last lines that it printed. */
  tail(): string[];
}

/** A part did not become ready, or ended by itself; carries what it printed last. */
export class PartFailed extends CliError {
  /** True when the part has refused its settings (exit code 78). */
  readonly wrongSettings: boolean;

  constructor(name: string, how: string, logFile: string, tail: readonly string[]) {
    const wrongSettings = how.endsWith(`exit code ${CONFIG_EXIT_CODE}`);
    // Each wrong setting is a line of its own, and all of them are to be corrected.
    const said = lastWords(tail, wrongSettings ? TAIL_LINES : SHOWN_LINES).map((line) => `\n  ${line}`);
    super(`${name} ${how}${said.length === 0 ? ' (it printed nothing)' : ''}${said.join('')}\n  log: ${logFile}`);
    this.name = 'PartFailed';
    this.wrongSettings = wrongSettings;
  }
}

/**
 * Starts a part and resolves when it has printed a line that holds `ready`. It is in a process group of its own, so that
 * a Ctrl-C reaches only this process, which then stops the parts in order; and it ends when this process is gone.
 * @throws {PartFailed} when it ends before that or takes too long; it has been stopped then.
 */
export async function startPart(options: PartOptions): Promise<Part> {
  const { name, logFile } = options;
  const started = performance.now();
  let part!: Part;
  const ready = new Promise<undefined>((resolve) => {
    part = launch(options, () => resolve(undefined));
  });
  const noting = setInterval(() => options.onWaiting?.(performance.now() - started), WAITING_NOTE_MS);
  const over = new AbortController();
  const stopped = options.signal === undefined ? over.signal : AbortSignal.any([over.signal, options.signal]);
  try {
    const failure = await Promise.race([
      ready,
      part.exited.then((how) => `ended before it was ready: ${how}`),
      pause(options.readyTimeoutMs, `was not ready after ${options.readyTimeoutMs / 1000} s`, {
        signal: stopped,
      }).catch(() => 'was told to stop before it was ready'),
    ]);
    if (failure !== undefined) throw new PartFailed(name, failure, logFile, part.tail());
    return part;
  } catch (error) {
    await part.stop();
    throw error;
  } finally {
    over.abort();
    clearInterval(noting);
  }
}

function launch(options: PartOptions, onReady: () => void): Part {
  const { name, program, environment, logFile, graceMs, killSignal, onLine, onSpawned } = options;
  mkdirSync(path.dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', followParent, program], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  const tail: string[] = [];
  const readLines = (stream: NodeJS.ReadableStream): void => {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine?.(line);
      if (READY.test(line)) onReady();
    });
  };
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) readLines(stream);

  let running = true;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it cannot be started: ${error.message}`));
    child.once('close', (code, signal) =>
      resolve(signal === null ? `exit code ${code ?? 'unknown'}` : `ended by ${signal}`),
    );
  });
  const exited = ended.then(async (how) => {
    running = false;
    process.off('exit', terminate);
    killSignal?.removeEventListener('abort', kill);
    await new Promise<void>((resolve) => log.end(resolve));
    return how;
  });
  const pid = child.pid ?? 0;
  const terminate = (): void => {
    if (running && pid > 0) send(pid, 'SIGTERM');
  };
  const kill = (): void => {
    if (running && pid > 0) send(-pid, 'SIGKILL');
  };
  // What it has started and not ended goes with it, as when it was killed.
  child.once('exit', () => {
    if (pid > 0) send(-pid, 'SIGKILL');
  });
  process.once('exit', terminate);
  if (killSignal?.aborted === true) kill();
  else killSignal?.addEventListener('abort', kill);
  if (pid > 0) onSpawned?.(pid);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    terminate();
    const timer = setTimeout(kill, graceMs);
    await exited;
    clearTimeout(timer);
  };
  return { name, pid, logFile, exited, kill, stop: () => (stopping ??= stop()), tail: () => [...tail] };
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    // It ended between the look and the signal: nothing is left to end. Of a group that is ending, macOS says EPERM.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && !(code === 'EPERM' && target < 0)) throw error;
  }
}
