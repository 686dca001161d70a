import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { startPart, type Part, type PartOptions } from './part.js';

let folder: string;
let part: Part | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-part-'));
  part = undefined;
});
afterEach(async () => {
  await part?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const idle = 'setInterval(() => {}, 1000);';

function optionsFor(source: string, changes: Partial<PartOptions> = {}): PartOptions {
  const program = path.join(folder, 'part.mjs');
  writeFileSync(program, source);
  const logFile = path.join(folder, 'logs', 'part.log');
  return {
    name: 'Part',
    program,
    environment: { GREETING: 'hello' },
    logFile,
    readyTimeoutMs: 20_000,
    graceMs: 10_000,
    ...changes,
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startPart', () => {
  it('resolves with the line that holds ready, keeps the log, and stops the part', async () => {
    const lines: string[] = [];
    const source = `console.log('not ready yet'); console.log(process.env.GREETING + ': ready'); ${idle}`;
    part = await startPart(optionsFor(source, { onLine: (line) => lines.push(line) }));
    expect(lines).toEqual(['not ready yet', 'hello: ready']);
    await part.stop();
    expect(isAlive(part.pid)).toBe(false);
    expect(await part.exited).toBe('ended by SIGTERM');
    expect(readFileSync(part.logFile, 'utf8')).toBe('not ready yet\nhello: ready\n');
  });

  it('fails with the last lines when the part ends before it is ready', async () => {
    const source = `console.error('GANGWAY_CONNECTIONS: no such file'); process.exit(78);`;
    await expect(startPart(optionsFor(source))).rejects.toThrow(
      /Part ended before it was ready: exit code 78[^]*GANGWAY_CONNECTIONS: no such file/,
    );
  });

  it('fails when the part does not become ready in time, and ends it', async () => {
    const source = `console.log(process.pid); ${idle}`;
    const lines: string[] = [];
    const options = optionsFor(source, { readyTimeoutMs: 1_500, onLine: (line) => lines.push(line) });
    await expect(startPart(options)).rejects.toThrow('Part was not ready after 1.5 s');
    expect(lines).toHaveLength(1);
    expect(isAlive(Number(lines[0]))).toBe(false);
  });

  it('gives up waiting when it is told to', async () => {
    const stop = new AbortController();
    const source = `console.log('up'); ${idle}`;
    const options = optionsFor(source, { signal: stop.signal, onLine: () => stop.abort() });
    await expect(startPart(options)).rejects.toThrow('told to stop');
  });

  it('kills a part that does not heed SIGTERM', async () => {
    const source = `process.on('SIGTERM', () => {}); console.log('ready'); ${idle}`;
    part = await startPart(optionsFor(source, { graceMs: 200 }));
    await part.stop();
    expect(await part.exited).toBe('ended by SIGKILL');
  });

  it('tells when a part ends by itself', async () => {
    part = await startPart(optionsFor(`console.log('ready'); process.exitCode = 3;`));
    expect(await part.exited).toBe('exit code 3');
  });
});

describe('follow-parent', () => {
  it('ends a part whose starter was killed', async () => {
    const child = path.join(folder, 'child.mjs');
    writeFileSync(child, `console.log(process.pid); ${idle}`);
    const preload = new URL('./follow-parent.mjs', import.meta.url).href;
    const starter = path.join(folder, 'starter.mjs');
    writeFileSync(
      starter,
      `import { spawn } from 'node:child_process';
       const args = ['--import', ${JSON.stringify(preload)}, ${JSON.stringify(child)}];
       spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true }); ${idle}`,
    );
    const starting = spawn(process.execPath, [starter], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      starting.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(isAlive(pid)).toBe(true);
    starting.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 });
  });
});
