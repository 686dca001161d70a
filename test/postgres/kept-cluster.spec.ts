import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findFreeLowPorts } from '#scripts/lib/ports.mjs';
import { until } from '#test/support/until.js';

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/apps/temporal/src/postgres/main.js');
const TIMEOUT_MS = 180_000;
const HIGHEST_PORT = 32_767;
const CONFIG_EXIT_CODE = 78;

/** A start in a process of its own, as `npm run start:postgres` is one. */
interface Start {
  child: ChildProcess;
  said(): string;
  exited: Promise<number | null>;
}

let dataDir: string;
let port: number;
let running: Start[] = [];

beforeAll(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'gangway-kept-'));
  [port = 0] = await findFreeLowPorts(1, HIGHEST_PORT);
});
afterEach(async () => {
  for (const { child, exited } of running) {
    child.kill('SIGTERM');
    await exited;
  }
  running = [];
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function start(change: NodeJS.ProcessEnv = {}): Start {
  const { PATH, HOME } = process.env;
  const settings = { GANGWAY_DATA_DIR: dataDir, GANGWAY_TEMPORAL_PORT: String(port), TEMPORAL_NAMESPACE: 'kept' };
  const child = spawn(process.execPath, [PROGRAM], { env: { PATH, HOME, ...settings, ...change } });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => printed.push(chunk));
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const started = { child, said: () => Buffer.concat(printed).toString('utf8'), exited };
  running.push(started);
  return started;
}

async function ready(started: Start): Promise<void> {
  let code: number | null | undefined;
  void started.exited.then((ended) => (code = ended));
  await until(
    () => {
      if (code !== undefined) throw new Error(`ended with ${String(code)}: ${started.said()}`);
      return started.said().includes('ready') || undefined;
    },
    'the cluster to be ready',
    TIMEOUT_MS,
  );
}

/** Ends by itself, with the exit code of a wrong setting. Returns the one line that it says. */
async function refused(change: NodeJS.ProcessEnv = {}): Promise<string> {
  const started = start(change);
  expect(await started.exited, started.said()).toBe(CONFIG_EXIT_CODE);
  const lines = started.said().trim().split('\n');
  return lines.filter((line) => !line.startsWith('[temporal]')).join('\n');
}

async function withClient<T>(action: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: `127.0.0.1:${String(port)}` });
  try {
    return await action(new Client({ connection, namespace: 'kept' }));
  } finally {
    await connection.close();
  }
}

describe('npm run start:postgres', { timeout: TIMEOUT_MS }, () => {
  it('keeps what it had, also when it was killed, and lets nobody else use its data meanwhile', async () => {
    const first = start();
    await ready(first);
    await withClient(({ workflow }) =>
      workflow.start('nobodyServesThis', { workflowId: 'kept', taskQueue: 'unserved' }),
    );
    const [other = 0] = await findFreeLowPorts(1, HIGHEST_PORT);
    expect(await refused({ GANGWAY_TEMPORAL_PORT: String(other) })).toMatch(
      /^GANGWAY_DATA_DIR: a Temporal server on PostgreSQL .* uses the data dir .*: stop that one, [^\n]*$/,
    );
    first.child.kill('SIGKILL');
    await first.exited;

    const second = start();
    await ready(second);
    const { status } = await withClient(({ workflow }) => workflow.getHandle('kept').describe());
    expect(status.name).toBe('RUNNING');
    second.child.kill('SIGTERM');
    expect(await second.exited).toBe(0);
  });

  it('names the port that somebody else has', async () => {
    const taken = net.createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    try {
      expect(await refused()).toMatch(/^GANGWAY_TEMPORAL_PORT: port \d+ is taken by process \d+ [^\n]*$/);
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
  });

  it.each([
    {
      reason: 'a password that the database does not take',
      file: 'password',
      text: 'another',
      says: /^GANGWAY_DATA_DIR: the database in it refuses the password of [^\n]*password: put the right one there$/,
    },
    {
      reason: 'a database of another PostgreSQL version',
      file: 'data/PG_VERSION',
      text: '13\n',
      says: /^GANGWAY_DATA_DIR: the database in [^\n]* is of PostgreSQL 13, and [^\n]* is installed: install 13, [^\n]*$/,
    },
  ])('refuses $reason in one line', async ({ file, text, says }) => {
    const changed = path.join(dataDir, 'postgres', 'database', file);
    const before = readFileSync(changed);
    writeFileSync(changed, text);
    try {
      expect(await refused()).toMatch(says);
    } finally {
      writeFileSync(changed, before);
    }
  });
});
