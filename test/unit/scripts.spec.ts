import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { PORTS, portTaken } from '#libs/config/listening.js';
import { readStarterSettings } from '#libs/config/starter.js';
import { processIdentity } from '#scripts/lib/lock.mjs';
import { lockFaults } from '#scripts/lib/lock-file.mjs';
import { findFreePorts } from '#scripts/lib/ports.mjs';
import { neededPorts, refuseTakenPorts, startPorts, takenText } from '#scripts/lib/start-ports.mjs';
import { POSTGRES_SLICE, storeOption } from '#scripts/lib/postgres-tests.mjs';
import { countTests, testArguments } from '#scripts/lib/test-runs.mjs';

describe('countTests', () => {
  it.each([
    { reason: 'a good run', exitCode: 0, report: [5, 0], counts: [5, 0] },
    { reason: 'failed tests are counted', exitCode: 1, report: [5, 2], counts: [5, 2] },
    { reason: 'a file that does not load has no failed test', exitCode: 1, report: [5, 0], counts: [5, 1] },
    { reason: 'a run without tests shows nothing', exitCode: 0, report: [0, 0], counts: [0, 1] },
  ])('$reason', ({ exitCode, report: [numPassedTests = 0, numFailedTests = 0], counts: [passed, failed] }) => {
    expect(countTests(exitCode, { numPassedTests, numFailedTests })).toEqual({ passed, failed });
  });

  it('counts a run that wrote no report as failed', () => {
    expect(countTests(0, null)).toEqual({ passed: 0, failed: 1 });
    expect(countTests(130, null)).toEqual({ passed: 0, failed: 1 });
  });
});

describe('testArguments', () => {
  it.each([
    { reason: 'all folders run when nothing is named', args: [], expected: ['test/e2e/'] },
    {
      reason: 'options narrow the folders',
      args: ['-t', 'the demonstration'],
      expected: ['test/e2e/', '-t', 'the demonstration'],
    },
    { reason: 'a file that is named runs alone', args: ['test/e2e/cli.spec.ts'], expected: ['test/e2e/cli.spec.ts'] },
    {
      reason: 'so does one without its folder',
      args: ['cli.spec.ts', '-t', 'x'],
      expected: ['cli.spec.ts', '-t', 'x'],
    },
  ])('$reason', ({ args, expected }) => {
    expect(testArguments(['test/e2e/'], args)).toEqual(expected);
  });
});

describe('storeOption', () => {
  it.each([
    { reason: 'SQLite where nothing is said', args: ['-t', 'x'], store: 'sqlite', rest: ['-t', 'x'] },
    { reason: 'as two words', args: ['--store', 'postgres', 'a.spec.ts'], store: 'postgres', rest: ['a.spec.ts'] },
    { reason: 'as one word', args: ['a.spec.ts', '--store=postgres'], store: 'postgres', rest: ['a.spec.ts'] },
  ])('$reason', ({ args, store, rest }) => {
    expect(storeOption(args)).toEqual({ store, rest });
  });

  it.each([[['--store']], [['--store', 'mysql']], [['--store=']]])('refuses %j', (args) => {
    expect(() => storeOption(args)).toThrow('--store: must be sqlite or postgres');
  });
});

describe('the slice of npm test on PostgreSQL', () => {
  it('names files that are there: another would make vitest run nothing of it', () => {
    for (const file of POSTGRES_SLICE) expect(existsSync(file), file).toBe(true);
  });
});

describe('refuseTakenPorts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-start-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function withTakenPort(action: (port: number) => Promise<void>): Promise<void> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await action((server.address() as AddressInfo).port);
    } finally {
      server.close();
    }
  }

  /** A checkout's settings with which every other port is free. */
  async function settingsWith(port: number): Promise<NodeJS.ProcessEnv> {
    const [temporal = 0, ui = 0, sandbox = 0] = await findFreePorts(3);
    return {
      GANGWAY_DATA_DIR: folder,
      GANGWAY_PORT: String(port),
      GANGWAY_TEMPORAL_PORT: String(temporal),
      GANGWAY_TEMPORAL_UI_PORT: String(ui),
      GANGWAY_SANDBOX_PORT: String(sandbox),
    };
  }

  it('refuses before anything is installed', () =>
    withTakenPort(async (port) => {
      await expect(refuseTakenPorts(await settingsWith(port))).rejects.toMatchObject({ exitCode: 78 });
      const [free = 0] = await findFreePorts(1);
      await expect(refuseTakenPorts(await settingsWith(free))).resolves.toBeUndefined();
    }));

  it('leaves the ports of a former start to the start, which ends it', () =>
    withTakenPort(async (port) => {
      const record = {
        owner: { pid: 1, startedAt: null },
        parts: [{ name: 'API', process: processIdentity(process.pid) }],
      };
      writeFileSync(path.join(folder, 'system.json'), JSON.stringify(record));
      await expect(refuseTakenPorts(await settingsWith(port))).resolves.toBeUndefined();
    }));

  it('knows the same ports, and says the same of one that is taken, as what is not built yet then', () => {
    const known = startPorts.map(({ variable, defaultPort }) => [variable, defaultPort]);
    expect(known).toEqual(Object.values(PORTS).map(({ port, defaultPort }) => [port, defaultPort]));
    const holder = { pid: 7, name: 'node' };
    for (const by of [null, holder]) expect(takenText(1, by)).toBe(portTaken(PORTS.api, 1, by).message);
  });

  it.each([
    {
      reason: 'the UI follows the server',
      variables: { GANGWAY_TEMPORAL_PORT: '7300' },
      ports: [3000, 7300, 8300, 7070],
    },
    { reason: 'no server is started', variables: { TEMPORAL_ADDRESS: 'a:1' }, ports: [3000, 7070] },
    { reason: 'no sandbox is started', variables: { GANGWAY_CONNECTIONS: 'x.yaml' }, ports: [3000, 7233, 8233] },
    { reason: 'an empty variable is not set', variables: { GANGWAY_PORT: '' }, ports: [3000, 7233, 8233, 7070] },
  ])('asks for the ports that the start reads: $reason', ({ variables, ports }) => {
    expect(neededPorts(variables).map(({ port }) => port)).toEqual(ports);
    const { api, temporal, temporalUi, sandbox } = readStarterSettings(variables).ports;
    expect([api, temporal, temporalUi, sandbox]).toEqual(expect.arrayContaining(ports));
  });
});

describe('lockFaults', () => {
  const lockWith = (entry: object): string =>
    JSON.stringify({ packages: { '': { name: 'gangway' }, 'node_modules/thing': { version: '1.0.0', ...entry } } });

  it('finds nothing in the lock of this checkout', () => {
    expect(lockFaults()).toEqual([]);
  });

  it('refuses an address, which would bind the lock to a registry', () => {
    const text = lockWith({ integrity: 'sha512-x', resolved: 'https://registry.example/thing.tgz' });
    expect(lockFaults(text)).toEqual(['node_modules/thing has "resolved": run npm run lock']);
  });

  it('refuses a package without a checksum', () => {
    expect(lockFaults(lockWith({}))).toEqual(['node_modules/thing has no "integrity": run npm run lock']);
  });
});
