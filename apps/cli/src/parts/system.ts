import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { parse, stringify } from 'yaml';

import { stopLeftServer } from '#apps/temporal/src/server-record.js';
import { openDataDir, restrictNewFiles } from '#libs/config/data-dir.js';
import { partEnvironment, type PartWiring, type SystemPorts } from '#libs/config/starter.js';

import { CliError } from '../errors.js';
import { duration } from '../render/text.js';
import { createCrew, type CrewMember } from './crew.js';
import type { Part, PartFailed } from './part.js';
import { projectFile } from './project.js';
import { createSystemNotes, type SystemNotes } from './system-record.js';

/** Getting a Temporal server may mean a download, or a build of a few minutes. */
const TEMPORAL_READY_MS = 20 * 60_000;
const PART_READY_MS = 90_000;
/** Longer than the longest write to a vendor, which a worker lets come to its end. */
const GRACE_MS = 30_000;
const SANDBOX_PORT_IN_FILE = '${GANGWAY_SANDBOX_PORT:-7070}';

export interface SystemOptions {
  dataDir: string;
  ports: SystemPorts;
  /** Where the API listens, default 127.0.0.1. */
  apiHost?: string;
  /** What the parts inherit. */
  environment: NodeJS.ProcessEnv;
  /** A Temporal server that runs already; undefined: one is started. */
  temporalAddress: string | undefined;
  temporalUiUrl: string | undefined;
  /** Connections file; undefined: the vendors are the sandbox, which is started. */
  connections: string | undefined;
  /** Aborted when the system shall stop. */
  signal: AbortSignal;
  /** Aborted when what has not stopped yet shall end at once. */
  killSignal?: AbortSignal;
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
 * Starts Temporal and sandbox, then worker and API, as children of this process, and resolves when all are ready.
 * @throws {PartFailed} when one does not become ready; all that had been started is stopped then.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, ports, report, temporalAddress = `127.0.0.1:${ports.temporal}` } = options;
  restrictNewFiles();
  openDataDir(dataDir);
  const embedded = options.temporalAddress === undefined;
  const sandboxed = options.connections === undefined;
  const wiring: PartWiring = {
    dataDir,
    ports,
    connections: options.connections ?? sandboxConnections(dataDir, ports.sandbox),
    sandboxed,
    embedded,
    temporalAddress: options.temporalAddress,
    temporalUiUrl: options.temporalUiUrl ?? (embedded ? `http://127.0.0.1:${ports.temporalUi}` : undefined),
  };
  let apiKey: string | undefined;
  const readKey = (line: string): void => {
    apiKey ??= /api key: (gwk_[\w-]+)/.exec(line)?.[1];
  };

  const crew = createCrew(options.signal);
  const notes = createSystemNotes(dataDir);
  const start = async (members: readonly CrewMember[]): Promise<void> => {
    for (const { name } of members) report(`starting ${name}`);
    await crew.start(members, ({ name }, tookMs) => report(`${name} ready (${duration(tookMs)})`));
  };
  const stop = async (): Promise<void> => {
    await crew.stop();
    // Its keeper may have been killed: then nobody else ends the server.
    if (embedded) await stopLeftServer(dataDir, { log: report, atOnce: options.killSignal?.aborted === true });
    notes.remove();
  };
  const member = memberOf(options, notes);
  const wired = { ...wiring, temporalAddress };
  try {
    await start([
      ...(embedded ? [member('Temporal', 'apps/temporal/src/main.js', wiring, temporalMember(report))] : []),
      ...(sandboxed ? [member('Sandbox', 'apps/sandbox/src/main.js', wiring)] : []),
    ]);
    await start([
      member('Worker', 'apps/worker/src/main.js', wired),
      member('API', 'apps/api/src/main.js', wired, { onLine: readKey }),
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    apiUrl: `http://${hostInUrl(options.apiHost ?? '127.0.0.1')}:${ports.api}`,
    apiKey,
    temporalAddress,
    temporalUiUrl: wiring.temporalUiUrl,
    sandboxUrl: sandboxed ? `http://127.0.0.1:${ports.sandbox}` : undefined,
    parts: crew.parts,
    failed: crew.failed,
    stop: () => (stopping ??= stop()),
  };
}

type MemberMaker = (name: string, program: string, wiring: PartWiring, more?: Partial<CrewMember>) => CrewMember;

function memberOf(options: SystemOptions, notes: SystemNotes): MemberMaker {
  const { dataDir, environment, report, killSignal, programFile = builtProgram } = options;
  return (name, program, wiring, more = {}) => ({
    name,
    program: programFile(program),
    environment: partEnvironment(environment, wiring),
    logFile: path.join(dataDir, 'logs', `${name.toLowerCase()}.log`),
    readyTimeoutMs: PART_READY_MS,
    graceMs: GRACE_MS,
    ...(killSignal === undefined ? {} : { killSignal }),
    onSpawned: (pid) => notes.add(name, pid),
    onWaiting: (waitedMs) => report(`still waiting for ${name} (${duration(waitedMs)})`),
    ...more,
  });
}

/** Getting a server can take minutes: what the part tells about that is passed on. */
function temporalMember(report: (line: string) => void): Partial<CrewMember> {
  return {
    readyTimeoutMs: TEMPORAL_READY_MS,
    onLine: (line) => {
      const text = /^\[temporal\] (.*)$/.exec(line)?.[1];
      if (text !== undefined) report(`Temporal: ${text}`);
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
  const content = readFileSync(file, 'utf8').replaceAll(SANDBOX_PORT_IN_FILE, String(port));
  if (!content.includes(`:${port}`)) throw new CliError(`${file} names no address of the sandbox`);
  writeFileSync(target, stringify(parse(content)));
  return target;
}

/** An address that listens everywhere is called by its loopback name. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
