import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '#apps/temporal/src/postgres/run.js';
import { isProcessRunning, processIdentity } from '#scripts/lib/lock.mjs';
import { startOnPostgres, type PostgresUnderTest } from '#test/support/temporal-under-test.js';
import { until } from '#test/support/until.js';

const HOLDER = path.resolve(import.meta.dirname, '../../dist/test/postgres/hold-cluster.js');
const TIMEOUT_MS = 180_000;

describe.each([
  { processes: 'one' as const, names: ['server'] },
  { processes: 'four' as const, names: ['frontend', 'history', 'matching', 'worker'] },
])('a server in $processes of processes', { timeout: TIMEOUT_MS }, ({ processes, names }) => {
  let server: PostgresUnderTest;
  beforeAll(async () => {
    server = await startOnPostgres({ processes });
  }, TIMEOUT_MS);
  afterAll(() => server.stop());

  it('is what was asked for, on loopback, with closed runs kept for 30 days', async () => {
    expect([...server.cluster.servers.keys()]).toEqual(names);
    expect(server.temporal.address).toMatch(/^127\.0\.0\.1:\d+$/);
    await withClient(async ({ workflowService }) => {
      const { config } = await workflowService.describeNamespace({ namespace: server.temporal.namespace });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60);
    });
  });

  it.each([...names, 'database'])('keeps what it had when its %s is killed and started again', async (name) => {
    const workflowId = `kept-${name}`;
    await withClient(({ workflow }) => workflow.start('nobodyServesThis', { workflowId, taskQueue: 'unserved' }));
    const { database, servers } = server.cluster;
    const part = name === 'database' ? database.part : servers.get(name as 'server');
    const { pid } = part ?? {};
    await part?.kill();
    expect(part?.isRunning).toBe(false);
    await part?.start();
    expect(part?.pid).not.toBe(pid);
    const status = await until(
      () =>
        withClient(({ workflow }) => workflow.getHandle(workflowId).describe()).then(
          (description) => description.status.name,
          () => undefined, // not all of it is back yet
        ),
      'the workflow to be there',
    );
    expect(status).toBe('RUNNING');
  });

  async function withClient<T>(action: (client: Client) => Promise<T>): Promise<T> {
    const connection = await Connection.connect({ address: server.temporal.address });
    try {
      return await action(new Client({ connection, namespace: server.temporal.namespace }));
    } finally {
      await connection.close();
    }
  }
});

describe('a cluster that cannot be started', { timeout: TIMEOUT_MS }, () => {
  let server: PostgresUnderTest;
  beforeAll(async () => {
    server = await startOnPostgres();
    await server.cluster.killServers();
  }, TIMEOUT_MS);
  afterAll(() => server.stop());

  /** Each is left as it is: the next finds its fault first. */
  it.each([
    {
      reason: 'tables of another version of Temporal',
      on: 'temporal_visibility',
      sql: "update schema_version set curr_version = '0.1'",
      says: /the database's tables are of another version of Temporal/,
    },
    {
      reason: 'a database without tables',
      on: 'temporal',
      sql: 'drop table schema_version',
      says: /the database has no table "schema_version": docker\/temporal-schema\.sh makes it/,
    },
    {
      reason: 'a database that is not there',
      on: 'postgres',
      sql: 'drop database temporal with (force)',
      says: /PostgreSQL has no database "temporal": docker\/temporal-schema\.sh makes it/,
    },
    {
      reason: 'a wrong password',
      on: 'postgres',
      sql: "alter role temporal password 'another'",
      says: /POSTGRES_PWD: PostgreSQL refuses the password of POSTGRES_USER/,
    },
  ])('says why in one line: $reason', async ({ on, sql, says }) => {
    await query(on, sql);
    const error = await server.cluster.startServers().then(
      () => new Error('it has started'),
      (reason: unknown) => reason as Error,
    );
    expect(error.message).toMatch(says);
    expect(error.message).not.toContain('\n');
  });

  async function query(database: string, sql: string): Promise<void> {
    const { postgres } = server.temporal;
    if (postgres === null) throw new Error('a cluster has a database');
    const { bin, port, user, password } = postgres;
    const address = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-w', '-d', database];
    const options = { environment: { PGPASSWORD: password }, folder: '/' };
    await runProgram(path.join(bin, 'psql'), [...address, '-v', 'ON_ERROR_STOP=1', '-c', sql], options);
  }
});

describe('a cluster whose owner is killed', { timeout: TIMEOUT_MS }, () => {
  it('is gone with all of its processes and its folder', async () => {
    const { PATH, HOME } = process.env;
    const owner = spawn(process.execPath, [HOLDER], { env: { PATH, HOME }, stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const { folder, pids } = JSON.parse(line) as { folder: string; pids: number[] };
    const processes = pids.map(processIdentity);
    expect(processes.length).toBeGreaterThan(3);
    expect(processes.every(isProcessRunning)).toBe(true);
    expect(existsSync(folder)).toBe(true);
    owner.kill('SIGKILL');
    await until(() => (processes.some(isProcessRunning) ? undefined : true), 'all processes to end');
    await until(() => (existsSync(folder) ? undefined : true), 'the folder to be removed');
  });
});
