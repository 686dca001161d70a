import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { downloadCli } from './download-cli.js';

let folder: string;
let target: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-download-'));
  target = path.join(folder, 'cache', 'temporal');
  fs.mkdirSync(path.dirname(target));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

/** Runs a download by a program of ours instead of the SDK's: it gets the folder and the version. */
async function download(program: string, startTimeoutMs = 10_000): Promise<void> {
  const file = path.join(folder, 'program.mjs');
  fs.writeFileSync(file, `import fs from 'node:fs';\nconst [, , folder, version] = process.argv;\n${program}\n`);
  const pinned = { version: '1.8.2', moduleDir: folder, cachedBinary: target };
  const log = (): void => undefined;
  await downloadCli(pinned, target, { environment: process.env, log, program: file, startTimeoutMs });
}

describe('downloadCli', () => {
  it('puts the whole file in place, executable, and leaves nothing else', async () => {
    await download("fs.writeFileSync(`${folder}/temporal-cli-v${version}`, 'binary');");
    expect(fs.readFileSync(target, 'utf8')).toBe('binary');
    expect(fs.statSync(target).mode & 0o777).toBe(0o755);
    expect(fs.readdirSync(path.dirname(target))).toEqual(['temporal']);
  });

  it('takes a whole file even when the server it starts on the way fails', async () => {
    await download("fs.writeFileSync(`${folder}/temporal-cli-v${version}`, 'binary'); process.exit(1);");
    expect(fs.existsSync(target)).toBe(true);
  });

  it('never takes a part of a file', async () => {
    const half = download(
      "fs.writeFileSync(`${folder}/temporal-cli-v${version}.downloading`, 'bin'); process.exit(1);",
    );
    await expect(half).rejects.toThrow();
    expect(fs.readdirSync(path.dirname(target))).toEqual([]);
  });

  it('tells the last line of what went wrong', async () => {
    await expect(download("console.error('dns error: name not known'); process.exit(1);")).rejects.toThrow(
      'dns error: name not known',
    );
  });

  it('ends a download that does not begin', async () => {
    await expect(download('setInterval(() => {}, 1000);', 100)).rejects.toThrow('nothing arrived within 0.1 s');
    expect(fs.readdirSync(path.dirname(target))).toEqual([]);
  });
});
