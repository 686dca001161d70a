import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { parse, stringify } from 'yaml';

import { partEnvironment, type PartWiring, type SystemPorts } from '#libs/config/starter.js';

import { CliError } from '../errors.js';
import { duration } from '../render/text.js';
import { startPart, PartFailed, type Part } from './part.js';
import { projectFile } from './project.js';

/** Getting a Temporal server may mean a download, or a build of a few minutes. */
const TEMPORAL_READY_MS = 20 * 60_000;
const PART_READY_MS = 90_000;
/** Longer than the longest write to a vendor, which a worker lets come to its end. */
const GRACE_MS = 30_000;
const SANDBOX_PORT_IN_FILE = /\/\/(127\.0\.0\.1|localhost):7070\b/g;

export interface SystemOptions {
  dataDir: string;
  ports: SystemPorts;
  /** What the parts inherit. */
  environment: NodeJS.ProcessEnv;
  /** A Temporal server that runs already; undefined: one is started. */
  temporalAddress: string | undefined;
  temporalUiUrl: string | undefined;
  /** Connections file; undefined: the vendors are the sandbox, which is started. */
  connections: string | undefined;
  signal: AbortSignal;
  /** The file of a program such as `apps/api/src/main.js`; default: the built one. */
  programFile?: (program: string) => string;
  /** Told what is being started and what is ready. */
  report: (line: string) => void;
}

/** The parts of a running system, and where they are. */
export interface System {
  readonly apiUrl: string;
  /** The key that the API made and printed; undefined when it was given keys. */
  readonly apiKey: string | undefined;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | undefined;
  readonly sandboxUrl: string | undefined;
  readonly parts: readonly Part[];
  /** Resolves with the fault when a part ends without having been told to. */
  readonly failed: Promise<PartFailed>;
  /** Stops the parts, those first that use others. A second call waits for the same. */
  stop(): Promise<void>;
}

/**
 * Starts Temporal, sandbox, worker and API as children of this process, and resolves when all are ready.
 * @throws {PartFailed} when one does not become ready; all that had been started is stopped then.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, ports, environment, report, programFile = builtProgram } = options;
  mkdirSync(dataDir, { recursive: true });
  const sandboxed = options.connections === undefined;
  const embedded = options.temporalAddress === undefined;
  const sandboxUrl = sandboxed ? `http://127.0.0.1:${ports.sandbox}` : undefined;
  const wiring: PartWiring = {
    dataDir,
    ports,
    connections: options.connections ?? sandboxConnections(dataDir, ports.sandbox),
    sandboxed,
    embedded,
    temporalAddress: options.temporalAddress,
    temporalUiUrl: options.temporalUiUrl ?? (embedded ? `http://127.0.0.1:${ports.temporalUi}` : undefined),
  };
  const temporalAddress = options.temporalAddress ?? `127.0.0.1:${ports.temporal}`;
  const started: Part[] = [];
  let apiKey: string | undefined;

  const faults: unknown[] = [];
  const giveUp = new AbortController();
  const signal = AbortSignal.any([options.signal, giveUp.signal]);

  const start = async (
    name: string,
    program: string,
    own: PartWiring,
    onLine?: (line: string) => void,
  ): Promise<void> => {
    const began = performance.now();
    report(`starting ${name}`);
    const part = await startPart({
      name,
      program: programFile(program),
      environment: partEnvironment(environment, own),
      logFile: path.join(dataDir, 'logs', `${name.toLowerCase()}.log`),
      readyTimeoutMs: name === 'Temporal' ? TEMPORAL_READY_MS : PART_READY_MS,
      graceMs: GRACE_MS,
      signal,
      onWaiting: (waited) => report(`still waiting for ${name} (${duration(waited)})`),
      ...(onLine === undefined ? {} : { onLine }),
    });
    started.push(part);
    report(`${name} ready (${duration(performance.now() - began)})`);
  };
  /** After the first fault the others are not waited for; when this ends, nothing is being started any more. */
  const all = async (starts: Promise<void>[]): Promise<void> => {
    const noted = starts.map((one) =>
      one.catch((fault: unknown) => {
        faults.push(fault);
        giveUp.abort();
      }),
    );
    await Promise.all(noted);
    if (faults.length > 0) throw faults[0];
  };
  const foundation = [
    ...(embedded
      ? [start('Temporal', 'libs/temporal/dev-server/main.js', wiring, (line) => temporalNote(line, report))]
      : []),
    ...(sandboxed ? [start('Sandbox', 'apps/sandbox/src/main.js', wiring)] : []),
  ];
  const stop = once(() => stopInOrder(started));
  try {
    await all(foundation);
    const wired = { ...wiring, temporalAddress };
    await all([
      start('Worker', 'apps/worker/src/main.js', wired),
      start('API', 'apps/api/src/main.js', wired, (line) => (apiKey ??= /api key: (gwk_[\w-]+)/.exec(line)?.[1])),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }

  let stopping = false;
  const failed = new Promise<PartFailed>((resolve) => {
    for (const part of started) {
      void part.exited.then((how) => {
        if (!stopping) resolve(new PartFailed(part.name, `ended by itself: ${how}`, part.logFile, part.tail()));
      });
    }
  });
  return {
    apiUrl: `http://127.0.0.1:${ports.api}`,
    apiKey,
    temporalAddress,
    temporalUiUrl: wiring.temporalUiUrl,
    sandboxUrl,
    parts: started,
    failed,
    stop: () => {
      stopping = true;
      return stop();
    },
  };
}

function builtProgram(program: string): string {
  return projectFile('dist', program);
}

/** The sandbox's connections, pointed at the port that it listens on. */
function sandboxConnections(dataDir: string, port: number): string {
  const file = projectFile('config', 'connections.sandbox.yaml');
  if (port === 7070) return file;
  const target = path.join(dataDir, 'connections.sandbox.yaml');
  const content = readFileSync(file, 'utf8').replace(SANDBOX_PORT_IN_FILE, `//$1:${port}`);
  if (!content.includes(`:${port}`)) throw new CliError(`${file} names no address of the sandbox (127.0.0.1:7070)`);
  writeFileSync(target, stringify(parse(content)));
  return target;
}

/** Getting a server can take minutes: what the part tells about that is passed on. */
function temporalNote(line: string, report: (line: string) => void): void {
  const text = /^\[temporal\] (.*)$/.exec(line)?.[1];
  if (text !== undefined) report(`Temporal: ${text}`);
}

async function stopInOrder(parts: readonly Part[]): Promise<void> {
  const users = parts.filter((part) => part.name === 'API' || part.name === 'Worker');
  await Promise.all(users.map((part) => part.stop()));
  await Promise.all(parts.map((part) => part.stop()));
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= run());
}
