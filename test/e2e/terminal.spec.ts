import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { freePorts } from '#apps/cli/src/parts/ports.js';
import { isProcessRunning, type ProcessIdentity } from '#scripts/lib/lock.mjs';
import { isPortFree } from '#scripts/lib/ports.mjs';
import { until } from '#test/support/until.js';

const root = path.resolve(import.meta.dirname, '../..');
/** Far more than anything here takes, on a machine that is busy with something else as well. */
const LONG_MS = 150_000;

let folder: string;
let dataDir: string;
let ports: Awaited<ReturnType<typeof freePorts>>;
let running: Terminal[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'gangway-terminal-'));
  dataDir = path.join(folder, 'data');
  ports = await freePorts();
  running = [];
});
afterEach(async () => {
  for (const terminal of running) {
    terminal.signal('SIGTERM');
    await terminal.exited;
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Terminal {
  output(): string;
  printed(pattern: RegExp): Promise<unknown>;
  readonly exited: Promise<number | null>;
  /** To every process of the foreground group, as a terminal does. */
  signal(signal: NodeJS.Signals): void;
  type(text: string): void;
  /** As when its window is closed: nobody reads any more, and everybody gets a SIGHUP. */
  close(): void;
}

/** Runs a command as a shell does in a terminal: in a process group of its own, of which every process gets the Ctrl-C. */
function run(command: string, args: readonly string[]): Terminal {
  const { PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH } = process.env;
  const child: ChildProcess = spawn(command, args, {
    cwd: root,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      ...{ PATH, HOME, XDG_CACHE_HOME, TEMPORAL_CLI_PATH, TMPDIR: folder, GANGWAY_DATA_DIR: dataDir },
      GANGWAY_PORT: String(ports.api),
      GANGWAY_TEMPORAL_PORT: String(ports.temporal),
      GANGWAY_TEMPORAL_UI_PORT: String(ports.temporalUi),
      GANGWAY_SANDBOX_PORT: String(ports.sandbox),
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let ended = false;
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve)).finally(() => (ended = true));
  const terminal: Terminal = {
    output: () => text,
    exited,
    printed: async (pattern) => {
      const look = (): true | undefined => {
        if (pattern.test(text)) return true;
        if (ended) throw new Error(`ended without ${String(pattern)}`);
        return undefined;
      };
      return until(look, String(pattern), LONG_MS).catch((error: unknown) => {
        throw new Error(`${String(error)}:\n${text}`, { cause: error });
      });
    },
    signal: (signal) => {
      if (!ended) process.kill(-(child.pid ?? 0), signal);
    },
    type: (keys) => child.stdin?.write(keys),
    close: () => {
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
      terminal.signal('SIGHUP');
    },
  };
  running.push(terminal);
  return terminal;
}

async function startSystem(): Promise<Terminal> {
  const terminal = run('npm', ['start']);
  await terminal.printed(/Ctrl-C stops all of it/);
  return terminal;
}

interface Notes {
  owner: ProcessIdentity;
  parts: { name: string; process: ProcessIdentity }[];
}

/** What the data dir says of the processes that run. */
function readNotes(): Notes {
  return JSON.parse(readFileSync(path.join(dataDir, 'system.json'), 'utf8')) as Notes;
}

function readServer(): ProcessIdentity {
  return (JSON.parse(readFileSync(path.join(dataDir, 'temporal-server.json'), 'utf8')) as { server: ProcessIdentity })
    .server;
}

async function takenPorts(): Promise<string[]> {
  const taken = await Promise.all(Object.entries(ports).map(async ([name, port]) => !(await isPortFree(port)) && name));
  return taken.filter((name) => name !== false);
}

function readFolder(): string[] {
  return readdirSync(folder);
}

/** Starts a job whose first call to the vendor takes so long that the worker, which waits for it, cannot stop at once. */
async function holdWorker(): Promise<void> {
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  const rules = [{ match: { vendor: 'egain', operation: 'create' }, effect: { kind: 'delay', ms: 30_000 } }];
  await send(`${sandbox}/_sandbox/faults`, 'PUT', { rules });
  const authorization = `Bearer ${readFileSync(path.join(dataDir, 'api-key'), 'utf8').trim()}`;
  const spec = parse(readFileSync(path.join(root, 'examples/minimal.yaml'), 'utf8')) as unknown;
  await send(`http://127.0.0.1:${ports.api}/v1/onboardings`, 'POST', spec, { authorization });
  await until(async () => {
    const answer = await fetch(`${sandbox}/_sandbox/state`);
    const { ledger } = (await answer.json()) as { ledger: { operation: string }[] };
    return ledger.some(({ operation }) => operation === 'create') || undefined;
  }, 'the job to write');
}

async function send(url: string, method: string, body: unknown, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${method} ${url}: ${answer.status} ${await answer.text()}`).toBe(true);
}

function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8' }).includes('util-linux');
  } catch {
    return false;
  }
}

describe('npm start in a terminal', { timeout: 480_000 }, () => {
  it('stops all of it at one Ctrl-C, though npm hands it on once more, and starts again', async () => {
    for (const _ of ['first', 'again']) {
      const terminal = await startSystem();
      const server = readServer();
      terminal.signal('SIGINT');
      expect(await terminal.exited, terminal.output()).toBe(0);
      expect(await takenPorts(), terminal.output()).toEqual([]);
      expect(isProcessRunning(server)).toBe(false);
    }
  });

  it.skipIf(!hasScript())('does so in a real terminal', async () => {
    const terminal = run('script', ['-qec', 'npm start', path.join(folder, 'typescript')]);
    await terminal.printed(/Ctrl-C stops all of it/);
    terminal.type('\u0003');
    // The shell that `script` starts between may say 130, as shells do after a Ctrl-C.
    expect([0, 130], terminal.output()).toContain(await terminal.exited);
    expect(await takenPorts(), terminal.output()).toEqual([]);
  });

  it('leaves nothing behind when Ctrl-C is pressed again and again amid stopping', async () => {
    const terminal = await startSystem();
    await holdWorker();
    await until(
      () => {
        terminal.signal('SIGINT');
        return Promise.resolve(terminal.output().includes('ending at once') || undefined);
      },
      'the second wish to be heard',
      LONG_MS,
    );
    await terminal.exited;
    expect(await takenPorts(), terminal.output()).toEqual([]);
  });

  it('stops all of it in order when the window is closed', async () => {
    const terminal = await startSystem();
    terminal.close();
    await until(
      () => (existsSync(path.join(dataDir, 'gangway.lock')) ? undefined : true),
      'the data dir to be free',
      LONG_MS,
    );
    expect(await takenPorts()).toEqual([]);
    expect(readdirSync(dataDir).filter((name) => /^(system|temporal-server)\.json$/.test(name))).toEqual([]);
  });

  it.each([
    { reason: 'the start alone', keeperToo: false },
    { reason: 'the start and the keeper of the server', keeperToo: true },
  ])('starts again right after a SIGKILL of $reason, and ends what that left', async ({ keeperToo }) => {
    const killed = await startSystem();
    const { owner, parts } = readNotes();
    const keeper = parts.find(({ name }) => name === 'Temporal')?.process.pid ?? 0;
    for (const pid of [owner.pid, ...(keeperToo ? [keeper] : [])]) process.kill(pid, 'SIGKILL');
    await killed.exited;
    const terminal = await startSystem();
    expect(parts.map((part) => isProcessRunning(part.process))).toEqual([false, false, false, false]);
    terminal.signal('SIGINT');
    expect(await terminal.exited, terminal.output()).toBe(0);
    expect(await takenPorts(), terminal.output()).toEqual([]);
  });
});

describe('npm run demo in a terminal', { timeout: 480_000 }, () => {
  it('stops all of it at one Ctrl-C', async () => {
    const terminal = run('npm', ['run', 'demo']);
    const made = await until(
      () => readFolder().find((name) => name.startsWith('gangway-demo-')),
      'its data dir',
      LONG_MS,
    );
    dataDir = path.join(folder, made);
    await terminal.printed(/API ready/);
    const { parts } = readNotes();
    const server = readServer();
    terminal.signal('SIGINT');
    expect(await terminal.exited, terminal.output()).toBe(130);
    expect([...parts.map((part) => part.process), server].filter(isProcessRunning)).toEqual([]);
    expect(readFolder()).toEqual([]);
  });
});
