import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

import { openDataDir } from '#libs/config/data-dir.js';
import { PORTS } from '#libs/config/listening.js';
import { processIdentity, withLock } from '#scripts/lib/lock.mjs';
import { findFreePorts } from '#scripts/lib/ports.mjs';

import { requireFree } from './free-port.js';
import { serverArguments } from './server-flags.js';
import { removeServerRecord, requireNoServer, terminate, writeServerRecord } from './server-record.js';

/** The server's own default is 24 hours; jobs may wait for a person for weeks. */
const retention = '30 days';
const reportMs = 5_000;
const pollMs = 100;
const connectTimeoutMs = 1_000;
/** Between finding a free port and listening on it somebody else may take it. */
const freePortAttempts = 3;

export interface DevServerOptions {
  /** The `temporal` binary, see `ensureTemporalCli`. */
  readonly binary: string;
  /** Holds the database and the server's log; a later start on the same folder finds what was there. */
  readonly dataDir: string;
  /** `free`: any two free ports, for tests. Default 7233 and 8233. */
  readonly ports?: { readonly port: number; readonly uiPort: number } | 'free';
  /** Default `default`. */
  readonly namespace?: string;
  /** Default: the UI decodes nothing. */
  readonly codecEndpoint?: string;
  /** Told what is waited for; default: nobody. */
  readonly log?: (line: string) => void;
  /** Default 60,000 ms. */
  readonly readyTimeoutMs?: number;
}

export interface DevServer {
  /** `host:port` for clients. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  readonly pid: number;
  /** Resolves when the server has ended, for whatever reason, with a sentence that says how. */
  readonly exited: Promise<string>;
  /** Ends the server and waits for it; a second call does nothing more. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a Temporal dev server on 127.0.0.1 and resolves when it answers and its namespace keeps closed runs for 30 days.
 * The server is in a process group of its own, so that Ctrl-C reaches first those who use it; it ends with this process.
 * @throws {ConfigError} when a port is taken or the data dir is in use. @throws {Error} when the server ends or is silent (with its last lines).
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { dataDir, ports = { port: 7233, uiPort: 8233 }, log = () => undefined } = options;
  openDataDir(dataDir);
  const onWait = ({ pid }: { pid: number | null }): void => {
    log(`waiting for process ${pid ?? 'unknown'}, which is starting a Temporal dev server in ${dataDir}`);
  };
  return withLock(path.join(dataDir, 'temporal-server.lock'), { onWait }, async () => {
    await requireNoServer(dataDir, log);
    if (ports !== 'free') {
      await requireFree(ports.port, PORTS.temporal);
      await requireFree(ports.uiPort, PORTS.temporalUi);
      return launch(options, ports.port, ports.uiPort, log);
    }
    for (let attempt = 1; ; attempt += 1) {
      const [port = 0, uiPort = 0] = await findFreePorts(2);
      try {
        return await launch(options, port, uiPort, log);
      } catch (error) {
        if (attempt === freePortAttempts || !/address already in use/i.test(String(error))) throw error;
      }
    }
  });
}

async function launch(
  options: DevServerOptions,
  port: number,
  uiPort: number,
  log: (line: string) => void,
): Promise<DevServer> {
  const { binary, dataDir, namespace = 'default', codecEndpoint } = options;
  const address = `127.0.0.1:${port}`;
  const logFile = path.join(dataDir, 'temporal-server.log');
  const databaseFile = path.join(dataDir, 'temporal.db');
  const output = fs.openSync(logFile, 'w');
  const child = spawn(binary, serverArguments({ port, uiPort, databaseFile, namespace, codecEndpoint }), {
    stdio: ['ignore', output, output],
    detached: true,
  });
  fs.closeSync(output);
  const exited = whenExited(child);
  if (child.pid === undefined) throw new Error(`The Temporal dev server: ${await exited}`);
  const server = processIdentity(child.pid);
  writeServerRecord(dataDir, { server, owner: processIdentity(process.pid), address });
  const killServer = (): boolean => child.kill('SIGTERM');
  process.once('exit', killServer);
  const stop = async (): Promise<void> => {
    process.off('exit', killServer);
    await terminate(server);
    await exited;
    removeServerRecord(dataDir);
  };
  try {
    await whenReady(address, namespace, exited, log, options.readyTimeoutMs ?? 60_000);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}. Its last lines (${logFile}):\n${lastLines(logFile)}`, {
      cause: error,
    });
  }
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, namespace, pid: child.pid, exited, stop };
}

function whenExited(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`cannot be started (${error.message})`);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${String(code)}` : `was ended by ${signal}`);
    });
  });
}

async function whenReady(
  address: string,
  namespace: string,
  exited: Promise<string>,
  log: (line: string) => void,
  timeoutMs: number,
): Promise<void> {
  const started = performance.now();
  let ended: string | undefined;
  const end = exited.then((how) => (ended = how));
  let reported = started;
  let lastFault = '';
  while (performance.now() - started < timeoutMs) {
    try {
      const ready = keepClosedRuns(address, namespace).then(() => true as const);
      if ((await Promise.race([ready, end])) === true) return;
    } catch (error) {
      // Expected until the server listens and has made its namespace.
      lastFault = error instanceof Error ? error.message : String(error);
    }
    if (ended !== undefined) throw new Error(`The Temporal dev server ${ended}`);
    if (performance.now() - reported >= reportMs) {
      reported = performance.now();
      log(`waiting for the Temporal dev server, ${Math.round((reported - started) / 1000)} s`);
    }
    await delay(pollMs);
  }
  throw new Error(`The Temporal dev server does not answer after ${timeoutMs / 1000} s (${lastFault})`);
}

/** Sets the namespace's retention, which also shows that the server answers and that its namespace is there. */
async function keepClosedRuns(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: connectTimeoutMs });
  try {
    await connection.withDeadline(Date.now() + connectTimeoutMs, () =>
      connection.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(retention) },
      }),
    );
  } finally {
    await connection.close();
  }
}

function lastLines(file: string): string {
  return fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
