import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';

import { runProgram, type Program } from './program.js';

const minimal = path.resolve(import.meta.dirname, '../../examples/minimal.yaml');
let folder: string;
let system: Program;
let settings: NodeJS.ProcessEnv;
let starting: NodeJS.ProcessEnv;
let sandboxUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'gangway-e2e-'));
  const [api = 0, temporal = 0, ui = 0, sandbox = 0] = await freePorts(4);
  sandboxUrl = `http://127.0.0.1:${sandbox}`;
  settings = { GANGWAY_DATA_DIR: path.join(folder, 'data'), GANGWAY_URL: `http://127.0.0.1:${api}` };
  starting = {
    GANGWAY_DATA_DIR: path.join(folder, 'data'),
    GANGWAY_PORT: String(api),
    GANGWAY_TEMPORAL_PORT: String(temporal),
    GANGWAY_TEMPORAL_UI_PORT: String(ui),
    GANGWAY_SANDBOX_PORT: String(sandbox),
  };
  system = runProgram('apps/cli/src/start/main.js', [], starting);
  await system.printed(/Ctrl-C stops all of it/);
}, 180_000);

afterAll(async () => {
  system.child.kill('SIGINT');
  expect(await system.exited, system.output.stderr).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command line with the key that the API left in its data dir. */
async function gangway(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = runProgram('apps/cli/src/main.js', args, settings);
  const code = await program.exited;
  return { code, out: program.output.stdout, err: program.output.stderr };
}

/** The minimal example for another account, with a channel of its own and what `changes` says. */
function specFile(account: string, changes: object = {}): string {
  const spec = parse(readFileSync(minimal, 'utf8').replaceAll('acme-small', `acme-${account}`)) as object;
  const file = path.join(folder, `${account}.yaml`);
  writeFileSync(file, stringify({ ...spec, account, ...changes }));
  return file;
}

async function setFaults(rules: object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${sandboxUrl}/_sandbox/faults`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ rules }),
  });
  expect(response.status).toBe(200);
}

describe('gangway', { timeout: 60_000 }, () => {
  it('plans, onboards and shows an account', async () => {
    const planned = await gangway('plan', '-f', minimal);
    expect(planned, planned.err).toMatchObject({ code: 2 });
    expect(planned.out).toMatch(/egain\.channel\.custom\.acme-small +create/);

    const onboarded = await gangway('onboard', '-f', minimal, '--wait');
    expect(onboarded, onboarded.err).toMatchObject({ code: 0 });
    expect(onboarded.out).toMatch(/✓ egain\.account\.custom\.acme-small +done/);

    const status = await gangway('status', 'acme.small', '--json');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.out)).toMatchObject({ id: 'acme.small', status: 'succeeded', percent: 100 });

    const list = await gangway('list', '--tenant', 'acme', '--json');
    expect(list.code).toBe(0);
    expect((JSON.parse(list.out) as { items: { id: string }[] }).items.map((item) => item.id)).toContain('acme.small');

    const accounts = await gangway('accounts', 'acme.small');
    expect(accounts, accounts.err).toMatchObject({ code: 0 });
    expect(accounts.out).toMatch(/egain\.channel\.custom\.acme-small +created/);

    const again = await gangway('plan', '-f', minimal);
    expect(again, again.out).toMatchObject({ code: 0 });
    expect((await gangway('onboard', '-f', minimal)).out).toContain('was there already');

    const other = path.join(folder, 'other.yaml');
    writeFileSync(other, readFileSync(minimal, 'utf8').replace('displayName: Acme small', 'displayName: Another name'));
    const changed = await gangway('plan', '-f', other);
    expect(changed, 'a plan of what an amendment would change').toMatchObject({ code: 2 });
    expect(changed.out).toMatch(/egain\.channel\.custom\.acme-small +update[^]*displayName[^]*Another name/);
    expect((await gangway('onboard', '-f', other)).err).toContain('account-exists');
    expect(await gangway('amend', '-f', other, '--wait')).toMatchObject({ code: 0 });
    expect(await gangway('plan', '-f', other)).toMatchObject({ code: 0 });
    expect(await gangway('amend', '-f', minimal, '--wait')).toMatchObject({ code: 0 });
  });

  it('ends with 4 when a job was rolled back', async () => {
    const refused = { kind: 'status', status: 400, body: { code: '400-152', developerMessage: 'no' } };
    await setFaults([
      { match: { resource: 'account', operation: 'create', bodyContains: ':acme.bad:' }, effect: refused },
    ]);
    const answer = await gangway('onboard', '-f', specFile('bad'), '--watch');
    await setFaults([]);
    expect(answer, answer.err).toMatchObject({ code: 4 });
    expect(answer.out).toMatch(/onboard +rolled-back/);
    expect(answer.out).toMatch(/✗ egain\.account\.custom\.acme-bad +failed, nothing stands[^]*It says: no/);
  });

  it('cancels a job that is under way', async () => {
    const unavailable = { kind: 'status', status: 503, body: {} };
    await setFaults([{ match: { resource: 'orchestration', bodyContains: ':acme.stuck:' }, effect: unavailable }]);
    expect((await gangway('onboard', '-f', specFile('stuck'))).code).toBe(0);
    const cancelled = await gangway('cancel', 'acme.stuck', '--reason', 'no longer wanted', '--wait');
    await setFaults([]);
    expect(cancelled, cancelled.err).toMatchObject({ code: 4 });
    expect(cancelled.out).toMatch(/onboard +cancelled/);
    const repeated = await gangway('cancel', 'acme.stuck', '--reason', 'again');
    expect(repeated.code).toBe(1);
    expect(repeated.err).toContain('wrong-status');
  });

  it('ends with 3 when a job is held, and rolls it back on request', async () => {
    const refused = { kind: 'status', status: 400, body: { code: '400-152', developerMessage: 'no' } };
    await setFaults([
      { match: { resource: 'account', operation: 'create', bodyContains: ':acme.held:' }, effect: refused },
    ]);
    const held = await gangway('onboard', '-f', specFile('held', { onFailure: 'hold' }), '--wait');
    await setFaults([]);
    expect(held, held.err).toMatchObject({ code: 3 });
    expect(held.out).toContain("npx gangway rollback acme.held --reason '<why>'");
    const undone = await gangway('rollback', 'acme.held', '--reason', 'not worth it', '--wait');
    expect(undone, undone.err).toMatchObject({ code: 4 });
    expect(undone.out).toMatch(/onboard +rolled-back/);
  });

  it('ends with 1 and all findings when the spec is wrong', async () => {
    const answer = await gangway('onboard', '-f', specFile('wrong', { chain: 'ship', colour: 'red' }));
    expect(answer.code).toBe(1);
    expect(answer.err).toContain('invalid-spec');
    expect(answer.err).toContain('/chain');
    expect(answer.err).toContain('/colour');
  });
});

describe('npm start', { timeout: 60_000 }, () => {
  it('tells where everything is, and a first call to paste', () => {
    const { stdout } = system.output;
    expect(stdout).toContain(`sandbox        ${sandboxUrl}`);
    expect(stdout).toMatch(/api key: gwk_/);
    expect(stdout).toMatch(/curl -H 'Authorization: Bearer gwk_\S+' http:\/\/127\.0\.0\.1:\d+\/v1\/onboardings/);
    // What another terminal needs to find this one, whose port and data dir are not the defaults.
    expect(stdout).toContain(
      `  GANGWAY_PORT=${starting['GANGWAY_PORT'] ?? ''} GANGWAY_DATA_DIR=${path.join(folder, 'data')} npx gangway onboard`,
    );
  });

  it('leaves a data dir alone in which another one runs, and says so in one line', async () => {
    const [api = 0, temporal = 0, ui = 0, sandbox = 0] = await freePorts(4);
    const before = filesOf(path.join(folder, 'data'));
    const second = runProgram('apps/cli/src/start/main.js', [], {
      ...starting,
      GANGWAY_PORT: String(api),
      GANGWAY_TEMPORAL_PORT: String(temporal),
      GANGWAY_TEMPORAL_UI_PORT: String(ui),
      GANGWAY_SANDBOX_PORT: String(sandbox),
    });
    expect(await second.exited).toBe(78);
    const [line = '', ...others] = second.output.stderr.trim().split('\n');
    expect(line).toMatch(
      new RegExp(`^GANGWAY_DATA_DIR: .*in use .*process ${String(system.child.pid)}.* name another folder$`),
    );
    expect(others).toEqual([]);
    expect(filesOf(path.join(folder, 'data'))).toEqual(before);
  });

  it('names the variable of every port that is taken, and starts nothing', async () => {
    const other = { ...starting, GANGWAY_DATA_DIR: path.join(folder, 'other') };
    const second = runProgram('apps/cli/src/start/main.js', [], other);
    expect(await second.exited).toBe(78);
    for (const name of ['GANGWAY_PORT', 'GANGWAY_TEMPORAL_PORT', 'GANGWAY_TEMPORAL_UI_PORT', 'GANGWAY_SANDBOX_PORT']) {
      const line = `^${name}: port ${starting[name] ?? ''} is taken by process \\d+ \\(.+\\): stop it, or set another one$`;
      expect(second.output.stderr).toMatch(new RegExp(line, 'm'));
    }
    expect(second.output.stdout).toBe('');
  });

  const alone = [
    { program: 'apps/api/src/main.js', variable: 'GANGWAY_PORT' },
    { program: 'apps/sandbox/src/main.js', variable: 'GANGWAY_SANDBOX_PORT' },
    { program: 'apps/temporal/src/main.js', variable: 'GANGWAY_TEMPORAL_PORT' },
  ];
  it.each(alone)('ends a part alone with 78 when $variable is taken', async ({ program, variable }) => {
    const part = runProgram(program, [], {
      ...starting,
      GANGWAY_DATA_DIR: path.join(folder, 'alone'),
      GANGWAY_CONNECTIONS: path.resolve(import.meta.dirname, '../../config/connections.sandbox.yaml'),
      GANGWAY_ALLOW_PRIVATE_URLS: 'true',
    });
    expect(await part.exited, part.output.stderr).toBe(78);
    const line = `^${variable}: port ${starting[variable] ?? ''} is taken( by process .*)?: stop (it|what listens there)`;
    expect(part.output.stderr).toMatch(new RegExp(line, 'm'));
    expect(part.output.stderr).not.toMatch(/^ +at /m);
  });

  it('ends with 78 when a setting is wrong', async () => {
    const wrong = runProgram('apps/cli/src/start/main.js', [], { ...starting, GANGWAY_PORT: 'three' });
    expect(await wrong.exited).toBe(78);
    expect(wrong.output.stderr).toBe('GANGWAY_PORT: must be a port, a number from 1 to 65535\n');
  });
});

describe('a restart in the same data dir', { timeout: 180_000 }, () => {
  it('finds accounts and what they own at the vendors as they were', async () => {
    const held = async (): Promise<unknown> => {
      const response = await fetch(`${sandboxUrl}/_sandbox/state?ledger=false`);
      return ((await response.json()) as { objects: unknown }).objects;
    };
    const before = await held();
    expect(JSON.stringify(before)).toContain(':acme.small:');
    system.child.kill('SIGINT');
    expect(await system.exited, system.output.stderr).toBe(0);
    system = runProgram('apps/cli/src/start/main.js', [], starting);
    await system.printed(/Ctrl-C stops all of it/);
    expect(await held()).toEqual(before);
    const planned = await gangway('plan', '-f', minimal);
    expect(planned, planned.err).toMatchObject({ code: 0 });
    expect(planned.out).toMatch(/egain\.channel\.custom\.acme-small +unchanged/);
  });
});

/** What a data dir's own files hold, but for those that grow while a system runs. */
function filesOf(dataDir: string): Record<string, string> {
  const names = readdirSync(dataDir).filter((name) => /\.(ya?ml|json|lock)$/.test(name));
  const logs = readdirSync(path.join(dataDir, 'logs')).map((name) => path.join('logs', name));
  return Object.fromEntries([
    ...names.map((name) => [name, readFileSync(path.join(dataDir, name), 'utf8')]),
    ...logs.map((name) => [name, '']),
  ]) as Record<string, string>;
}

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
