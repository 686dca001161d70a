import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { ConfigError } from '#libs/config/faults.js';
import { processIdentity } from '#scripts/lib/lock.mjs';
import { childrenOf } from '#scripts/lib/processes.mjs';

import { terminate } from '../server-record.js';
import type { Guard } from './guard.js';
import type { Owner } from './owner.js';

const pollMs = 50;
const readyTimeoutMs = 60_000;
const shownLines = 15;

/** How a process of a cluster is run. */
export interface PartSpec {
  /** As messages name it: `PostgreSQL`. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** Undefined: this process's user. */
  readonly owner: Owner | undefined;
  /** What asks it to end in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Whether it can be used; a rejection is its reason why not yet, a `ConfigError` why it never will be. */
  readonly ready: () => Promise<void>;
  /** The one sentence that says what the last lines of its log mean, with the cure; undefined where they mean nothing known. */
  readonly explain: (log: string) => Error | undefined;
}

/** One process of a cluster, that may be killed and started again. */
export class ClusterPart {
  #running: { pid: number; exited: Promise<string> } | undefined;

  constructor(
    private readonly spec: PartSpec,
    private readonly guard: Guard,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  /** Of the process that runs. @throws {Error} where none does. */
  get pid(): number {
    if (this.#running === undefined) throw new Error(`${this.name} does not run`);
    return this.#running.pid;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Everything that it has printed since the cluster was made. */
  log(): string {
    return fs.existsSync(this.spec.logFile) ? fs.readFileSync(this.spec.logFile, 'utf8') : '';
  }

  /** Resolves with how the process that runs now has ended: `exit code 1`. */
  get exited(): Promise<string> {
    return this.#running?.exited ?? Promise.resolve('has ended');
  }

  /** Starts it and resolves when it can be used. @throws {Error} with the reason, and its last lines, when it ends or stays silent. */
  async start(): Promise<void> {
    const began = this.log().length;
    await this.launch();
    const { exited } = this;
    try {
      await this.whenReady(exited);
    } catch (error) {
      await this.kill();
      if (error instanceof ConfigError) throw error;
      const log = this.log().slice(began);
      const explained = this.spec.explain(log);
      if (explained !== undefined) throw explained;
      const last = log.trimEnd().split('\n').slice(-shownLines).join('\n');
      throw new Error(`${(error as Error).message}. Its last lines (${this.spec.logFile}):\n${last}`, { cause: error });
    }
  }

  /** Starts it without waiting until it can be used. */
  async launch(): Promise<void> {
    if (this.#running !== undefined) throw new Error(`${this.name} runs already`);
    const { program, args, environment, logFile, owner, stopSignal } = this.spec;
    const output = fs.openSync(logFile, 'a', 0o600);
    const child = spawn(program, args, {
      env: environment,
      stdio: ['ignore', output, output],
      detached: true,
      ...(owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }),
    });
    fs.closeSync(output);
    const exited = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`cannot be started (${error.message})`));
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${String(code)}` : `ended by ${signal}`),
      );
    });
    if (child.pid === undefined) throw new Error(`${this.name} ${await exited}`);
    const running = { pid: child.pid, exited };
    this.#running = running;
    await this.guard.watch(processIdentity(child.pid), stopSignal);
    void exited.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
  }

  /** Waits until it can be used. */
  async whenReady(exited: Promise<string> = this.exited): Promise<void> {
    let ended: string | undefined;
    void exited.then((how) => (ended = how));
    const deadline = performance.now() + readyTimeoutMs;
    let lastFault = '';
    while (performance.now() < deadline) {
      try {
        await this.spec.ready();
        return;
      } catch (error) {
        if (error instanceof ConfigError) throw error; // waiting does not cure it
        lastFault = error instanceof Error ? error.message : String(error); // expected until it is up
      }
      if (ended !== undefined) throw new Error(`${this.name}: ${ended}`);
      await delay(pollMs);
    }
    throw new Error(`${this.name} cannot be used after ${readyTimeoutMs / 1000} s (${lastFault})`);
  }

  /** Ends it at once, with all that it has started and without a word. Resolves when it is gone. */
  async kill(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    // Held first: else it would see its children die, and start others in their place.
    send(running.pid, 'SIGSTOP');
    for (const pid of [...childrenOf(running.pid), running.pid]) send(pid, 'SIGKILL');
    await running.exited;
    this.#running = undefined;
    await this.guard.forget(running.pid);
  }

  /** Asks it to end, and ends it after 15 s. Resolves when it is gone; nothing where it does not run. */
  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    await terminate(processIdentity(running.pid), { first: this.spec.stopSignal });
    await running.exited;
    this.#running = undefined;
    await this.guard.forget(running.pid);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
