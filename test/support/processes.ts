import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startPart, type Part } from '#apps/cli/src/parts/part.js';
import { freePorts } from '#apps/cli/src/parts/ports.js';
import { projectFile } from '#apps/cli/src/parts/project.js';
import { callsTo, KEY, openTo, type ApiUnderTest } from './api.js';
import type { Engine } from './engine.js';

const READY_TIMEOUT_MS = 60_000;
const GRACE_MS = 40_000;

let count = 0;

/** A part of the system in a process of its own, as `npm run start:<part>` runs it. */
export interface ProcessUnderTest {
  pid: number;
  /** Everything that it has printed so far, both outputs. */
  log(): string;
  /** Ends it at once, without a word. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end. Resolves when it is gone; a second call waits for the same. */
  stop(): Promise<void>;
}

export interface ApiProcess extends ProcessUnderTest, Omit<ApiUnderTest, 'close'> {
  port: number;
}

/** Starts the API over an engine, on a free port or on `port`; it takes the key of the tests, or those that are given. */
export async function startApiProcess(
  engine: Engine,
  change: NodeJS.ProcessEnv = {},
  port?: number,
  apiKeys = openTo(KEY, 'tester').apiKeys,
): Promise<ApiProcess> {
  const listen = port ?? (await freePorts()).api;
  const keys = path.join(engine.settings.dataDir, 'api-keys.json');
  writeFileSync(keys, JSON.stringify({ keys: apiKeys }), { mode: 0o600 });
  const environment = { ...change, GANGWAY_API_KEYS: keys, GANGWAY_PORT: String(listen) };
  const started = await startProcess(engine, 'apps/api/src/main.js', environment);
  return { ...started, ...callsTo(`http://127.0.0.1:${listen}`), port: listen };
}

/** Starts a worker that serves the engine's queues. */
export function startWorkerProcess(engine: Engine, change: NodeJS.ProcessEnv = {}): Promise<ProcessUnderTest> {
  return startProcess(engine, 'apps/worker/src/main.js', change);
}

async function startProcess(engine: Engine, program: string, change: NodeJS.ProcessEnv): Promise<ProcessUnderTest> {
  count += 1;
  const logFile = path.join(engine.settings.dataDir, `process-${count}.log`);
  const part: Part = await startPart({
    name: program,
    program: projectFile('dist', program),
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...engine.environment, ...change },
    logFile,
    readyTimeoutMs: READY_TIMEOUT_MS,
    graceMs: GRACE_MS,
  });
  return {
    pid: part.pid,
    log: () => readFileSync(logFile, 'utf8'),
    kill: async () => {
      part.kill();
      await part.exited;
    },
    stop: () => part.stop(),
  };
}
