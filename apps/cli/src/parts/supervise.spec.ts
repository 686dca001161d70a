import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { superviseSystem } from './supervise.js';
import type { System } from './system.js';

const idle = 'setInterval(() => {}, 1000)';
const lockModule = new URL('../../../../scripts/lib/lock.mjs', import.meta.url).href;
const ports = { api: 1001, temporal: 1002, temporalUi: 1003, sandbox: 1004 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-system-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A part that notes when it starts and ends, and tells its environment. */
function fakePart(name: string, then = ''): string {
  return `
    import { appendFileSync, writeFileSync } from 'node:fs';
    const note = (text) => appendFileSync(${JSON.stringify(path.join(folder, 'notes'))}, text + ' ${name}\\n');
    note('start');
    process.on('SIGTERM', () => { note('stop'); process.exit(0); });
    writeFileSync(${JSON.stringify(path.join(folder, `${name}.json`))}, JSON.stringify(process.env));
    ${then}
    console.log('api key: gwk_abc-1');
    console.log('ready');
    setInterval(() => {}, 1000);`;
}

const programs = {
  temporal: 'apps/temporal/src/main.js',
  sandbox: 'apps/sandbox/src/main.js',
  worker: 'apps/worker/src/main.js',
  api: 'apps/api/src/main.js',
};

function supervise(
  work: (system: System, signal: AbortSignal) => Promise<void>,
  {
    faults = {},
    ...options
  }: { faults?: Partial<Record<keyof typeof programs, string>>; temporalAddress?: string; sameWishMs?: number } = {},
): Promise<boolean> {
  for (const [name, program] of Object.entries(programs)) {
    mkdirSync(path.dirname(path.join(folder, program)), { recursive: true });
    writeFileSync(
      path.join(folder, program).replace(/js$/, 'mjs'),
      fakePart(name, faults[name as keyof typeof programs]),
    );
  }
  return superviseSystem(
    {
      dataDir: path.join(folder, 'data'),
      ports,
      environment: { PATH: '/bin' },
      temporalAddress: undefined,
      temporalUiUrl: undefined,
      connections: undefined,
      programFile: (program) => path.join(folder, program).replace(/js$/, 'mjs'),
      report: () => undefined,
      ...options,
    },
    work,
  );
}

function notes(): string[] {
  return readFileSync(path.join(folder, 'notes'), 'utf8').trim().split('\n');
}

function environmentOf(part: keyof typeof programs): Record<string, string> {
  return JSON.parse(readFileSync(path.join(folder, `${part}.json`), 'utf8')) as Record<string, string>;
}

describe('superviseSystem', () => {
  it('starts what others need first, tells the parts of one another, and stops in the opposite order', async () => {
    let system: System | undefined;
    const interrupted = await supervise((started) => {
      system = started;
      return Promise.resolve();
    });
    expect(interrupted).toBe(false);
    expect(system).toMatchObject({
      apiUrl: 'http://127.0.0.1:1001',
      apiKey: 'gwk_abc-1',
      temporalUiUrl: 'http://127.0.0.1:1003',
      sandboxUrl: 'http://127.0.0.1:1004',
    });
    expect(notes().slice(0, 2).sort()).toEqual(['start sandbox', 'start temporal']);
    expect(notes().slice(2, 4).sort()).toEqual(['start api', 'start worker']);
    expect(notes().slice(4, 6).sort()).toEqual(['stop api', 'stop worker']);
    expect(notes().slice(6).sort()).toEqual(['stop sandbox', 'stop temporal']);

    expect(environmentOf('temporal')).not.toHaveProperty('TEMPORAL_ADDRESS');
    const { TEMPORAL_ADDRESS, GANGWAY_CONNECTIONS, GANGWAY_EMBEDDED } = environmentOf('worker');
    expect({ TEMPORAL_ADDRESS, GANGWAY_EMBEDDED }).toEqual({
      TEMPORAL_ADDRESS: '127.0.0.1:1002',
      GANGWAY_EMBEDDED: '1',
    });
    const connections = readFileSync(GANGWAY_CONNECTIONS ?? '', 'utf8');
    expect(connections).toContain(':1004/egain');
    expect(connections).not.toContain(':7070');
  });

  it('starts no Temporal server when one is named', async () => {
    await supervise(() => Promise.resolve(), { temporalAddress: 'temporal.acme.example:7233' });
    expect(existsSync(path.join(folder, 'temporal.json'))).toBe(false);
    expect(environmentOf('api')['TEMPORAL_ADDRESS']).toBe('temporal.acme.example:7233');
    expect(environmentOf('api')).not.toHaveProperty('GANGWAY_EMBEDDED');
  });

  it('stops all and fails when a part does not start', async () => {
    const work = vi.fn(() => Promise.resolve());
    const starting = supervise(work, { faults: { worker: `console.error('no queue'); process.exit(78);` } });
    await expect(starting).rejects.toMatchObject({
      message: expect.stringMatching(/Worker ended before it was ready: exit code 78[^]*no queue/) as string,
      wrongSettings: true,
    });
    expect(work).not.toHaveBeenCalled();
    expect(notes()).toEqual(expect.arrayContaining(['stop temporal', 'stop sandbox']));
  });

  it('stops all and fails when a part ends by itself', async () => {
    const faults = { sandbox: `setTimeout(() => { console.log('out of memory'); process.exit(9); }, 1500);` };
    await expect(supervise(() => new Promise(() => undefined), { faults })).rejects.toThrow(
      /Sandbox ended by itself: exit code 9[^]*out of memory/,
    );
    expect(notes()).toEqual(expect.arrayContaining(['stop api', 'stop worker', 'stop temporal']));
  });

  it('stops all when the work fails', async () => {
    await expect(supervise(() => Promise.reject(new Error('unexpected')))).rejects.toThrow('unexpected');
    expect(notes().filter((note) => note.startsWith('stop'))).toHaveLength(4);
  });

  it('stops all on a signal, without a fault', async () => {
    const interrupted = await supervise(async (_system, signal) => {
      process.emit('SIGTERM');
      await new Promise((_resolve, reject) => {
        if (signal.aborted) reject(new Error('interrupted'));
      });
    });
    expect(interrupted).toBe(true);
    expect(notes().filter((note) => note.startsWith('stop'))).toHaveLength(4);
  });

  it('takes the signal that npm hands on for the one it repeats: all are let stop in order', async () => {
    const interrupted = await supervise(() => {
      process.emit('SIGINT');
      process.emit('SIGINT');
      return Promise.resolve();
    });
    expect(interrupted).toBe(true);
    expect(notes().slice(6).sort()).toEqual(['stop sandbox', 'stop temporal']);
  });

  const deaf = `process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => note('deaf'));`;
  const onceDeaf = (name: string): Promise<void> =>
    vi.waitFor(() => expect(notes()).toContain(`deaf ${name}`), { timeout: 20_000 });

  it('ends at once what has not stopped when a second signal comes later', async () => {
    const running = supervise(() => Promise.resolve(void process.emit('SIGINT')), {
      faults: { worker: deaf },
      sameWishMs: 0,
    });
    await onceDeaf('worker');
    process.emit('SIGINT');
    expect(await running).toBe(true);
    expect(notes()).toContain('stop api');
    expect(readdirSync(path.join(folder, 'data'))).not.toContain('system.json');
  });

  it('does so while it starts as well', async () => {
    const work = vi.fn(() => Promise.resolve());
    const waits = `${deaf} await new Promise(() => setInterval(() => {}, 1000));`;
    const running = supervise(work, { faults: { temporal: waits }, sameWishMs: 0 });
    await vi.waitFor(() => expect(existsSync(path.join(folder, 'temporal.json'))).toBe(true), { timeout: 20_000 });
    process.emit('SIGINT');
    await onceDeaf('temporal');
    process.emit('SIGINT');
    expect(await running).toBe(true);
    expect(work).not.toHaveBeenCalled();
  });

  it.each([
    { reason: 'its keeper was killed by the system', killed: 'SIGKILL' as const },
    { reason: 'its keeper ended by itself', killed: 'SIGTERM' as const },
  ])('leaves no Temporal server behind when $reason', async ({ killed }) => {
    const server = spawn(process.execPath, ['-e', idle], { detached: true, stdio: 'ignore' });
    const dataDir = path.join(folder, 'data');
    const keeper = `
      const { processIdentity } = await import(${JSON.stringify(lockModule)});
      const record = { server: processIdentity(${String(server.pid)}), owner: processIdentity(process.pid), address: '' };
      process.removeAllListeners('SIGTERM');
      writeFileSync(${JSON.stringify(path.join(dataDir, 'temporal-server.json'))}, JSON.stringify(record));`;
    const ended = once(server, 'exit');
    const running = supervise(
      ({ parts }) => {
        process.kill(parts.find(({ name }) => name === 'Temporal')?.pid ?? 0, killed);
        return new Promise(() => undefined);
      },
      { faults: { temporal: keeper } },
    );
    await expect(running).rejects.toThrow(`Temporal ended by itself: ended by ${killed}`);
    await ended;
    expect(readdirSync(dataDir)).not.toContain('temporal-server.json');
  });
});
