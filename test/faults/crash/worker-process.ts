import path from 'node:path';
import { startPart, type Part } from '#apps/cli/src/parts/part.js';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 40_000;
const WORKER_PROGRAM = path.resolve(import.meta.dirname, '../../../dist/apps/worker/src/main.js');

let count = 0;

/** A worker in a process of its own, as `npm run start:worker` runs it, that a test may kill, freeze or ask to go. */
export interface WorkerProcess {
  readonly pid: number;
  /** Resolves with how it ended: `exit code 0`, `ended by SIGKILL`. */
  readonly exited: Promise<string>;
  /** `SIGKILL` takes what it started with it. */
  signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Drains it, also a frozen one. Resolves when it is gone; a second call does nothing more. */
  stop(): Promise<void>;
  /** The last lines that it printed. */
  tail(): string[];
}

/** Starts a worker with these settings and resolves when it serves its queues. */
export async function startWorkerProcess(environment: NodeJS.ProcessEnv, logFolder: string): Promise<WorkerProcess> {
  count += 1;
  const part: Part = await startPart({
    name: `worker ${String(count)}`,
    program: WORKER_PROGRAM,
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    logFile: path.join(logFolder, `worker-${String(count)}.log`),
    readyTimeoutMs: READY_TIMEOUT_MS,
    graceMs: STOP_TIMEOUT_MS,
  });
  let gone = false;
  void part.exited.then(() => (gone = true));
  const signal: WorkerProcess['signal'] = (name) => {
    if (gone) return;
    if (name === 'SIGKILL') part.kill();
    else process.kill(part.pid, name);
  };
  return {
    pid: part.pid,
    exited: part.exited,
    signal,
    stop: async () => {
      signal('SIGCONT');
      await part.stop();
    },
    tail: () => part.tail(),
  };
}
