import { expect } from 'vitest';
import type { Lanes } from './lanes.js';
import type { WorkerProcess } from './worker-process.js';

/** Longer than the heartbeat timeout: the frozen worker counts as dead, and is not. */
const FROZEN_MS = 7_000;

/** What befalls a worker process, so that another one goes on. */
export interface Crash {
  name: string;
  happen: (lanes: Lanes, worker: WorkerProcess) => Promise<void>;
}

export const CRASHES: readonly Crash[] = [
  {
    name: 'a worker killed by SIGKILL',
    happen: async (lanes: Lanes, worker: WorkerProcess): Promise<void> => {
      worker.signal('SIGKILL');
      expect(await worker.exited).toBe('ended by SIGKILL');
      await lanes.startWorker();
    },
  },
  {
    name: 'a worker asked to go by SIGTERM',
    happen: async (lanes: Lanes, worker: WorkerProcess): Promise<void> => {
      worker.signal('SIGTERM');
      await lanes.startWorker();
      expect(await worker.exited).toBe('exit code 0');
    },
  },
  {
    name: 'a worker frozen beside a second one, then awake again',
    happen: async (lanes: Lanes, worker: WorkerProcess): Promise<void> => {
      worker.signal('SIGSTOP');
      const awake = new Promise((resolve) => setTimeout(resolve, FROZEN_MS));
      await lanes.startWorker();
      await awake;
      worker.signal('SIGCONT');
    },
  },
];
