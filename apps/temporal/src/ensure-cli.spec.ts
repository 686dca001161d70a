import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ensureTemporalCli, type Obtain } from './ensure-cli.js';
import { readPinnedCli, type PinnedCli } from './pinned-cli.js';

const good = 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)';
const old = 'temporal version 1.1.0 (Server 1.25.0, UI 2.30.0)';

let folder: string;
let lines: string[];
let pinned: PinnedCli;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-ensure-cli-'));
  lines = [];
  pinned = readPinnedCli(path.join(folder, 'cache'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

const log = (line: string): void => {
  lines.push(line);
};

const noDownload: Obtain = () => Promise.reject(new Error('no network'));
const noBuild: Obtain = () => Promise.reject(new Error('go is not on the PATH'));

function script(file: string, text: string): string {
  const target = path.join(folder, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return target;
}

function config(cliPath: string | undefined, ...searchPath: string[]): Parameters<typeof ensureTemporalCli>[0] {
  const folders = searchPath.map((name) => path.join(folder, name));
  const PATH = [...folders, '/usr/bin', '/bin'].join(path.delimiter);
  return { cliPath, searchPath: folders, cacheDir: path.join(folder, 'cache'), environment: { PATH, FOLDER: folder } };
}

describe('ensureTemporalCli', () => {
  it('takes TEMPORAL_CLI_PATH before the PATH', async () => {
    const given = script('given/temporal', `echo '${good}'`);
    script('onpath/temporal', `echo '${good}'`);
    expect(await ensureTemporalCli(config(given, 'onpath'), { log })).toBe(given);
    expect(await ensureTemporalCli(config(path.join(folder, 'given'), 'onpath'), { log })).toBe(given);
    expect(lines).toEqual([]);
  });

  it('skips what is missing or too old with a line, and takes the next on the PATH', async () => {
    const tooOld = script('old/temporal', `echo '${old}'`);
    const next = script('new/temporal', `echo '${good}'`);
    const missing = path.join(folder, 'missing');
    expect(await ensureTemporalCli(config(missing, 'empty', 'old', 'new'), { log })).toBe(next);
    expect(lines).toEqual([
      `skipped the Temporal CLI of TEMPORAL_CLI_PATH: ${missing} does not exist`,
      `skipped the Temporal CLI of PATH: ${tooOld} has server 1.25.0, and 1.31 or newer is needed`,
    ]);
  });

  it('takes the cached one, and neither downloads nor builds', async () => {
    fs.mkdirSync(path.dirname(pinned.cachedBinary), { recursive: true });
    fs.writeFileSync(pinned.cachedBinary, `#!/bin/sh\necho '${good}'\n`, { mode: 0o755 });
    const options = { log, pinned, download: noDownload, build: noBuild };
    expect(await ensureTemporalCli(config(undefined), options)).toBe(pinned.cachedBinary);
    expect(lines).toEqual([]);
  });

  it('replaces a cached one that does not run', async () => {
    fs.mkdirSync(path.dirname(pinned.cachedBinary), { recursive: true });
    fs.writeFileSync(pinned.cachedBinary, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const download: Obtain = (_, target) => {
      fs.writeFileSync(target, `#!/bin/sh\necho '${good}'\n`, { mode: 0o755 });
      return Promise.resolve();
    };
    expect(await ensureTemporalCli(config(undefined), { log, pinned, download, build: noBuild })).toBe(
      pinned.cachedBinary,
    );
    expect(lines).toEqual([expect.stringContaining('does not run')]);
  });

  it('names every option and what was tried when nothing did', async () => {
    const missing = path.join(folder, 'missing');
    const attempt = ensureTemporalCli(config(missing), { log, pinned, download: noDownload, build: noBuild });
    await expect(attempt).rejects.toThrow(
      /TEMPORAL_ADDRESS[^]*PATH[^]*TEMPORAL_CLI_PATH[^]*temporal\.download[^]*install Go[^]*does not exist[^]*no network[^]*go is not on the PATH/,
    );
  });

  it('builds once for two callers at the same time, with the go of the PATH', async () => {
    // The fake compiler notes each call and writes a binary to the file after -o.
    script(
      'bin/go',
      `echo call >> "$FOLDER/calls"
while [ "$1" != -o ]; do shift; done
echo 'go: downloading example.com/module v1.0.0' >&2
printf '#!/bin/sh\\necho "${good}"\\n' > "$2" && chmod 755 "$2"`,
    );
    const options = { log, pinned, download: noDownload };
    const both = await Promise.all([1, 2].map(() => ensureTemporalCli(config(undefined, 'bin'), options)));
    expect(both).toEqual([pinned.cachedBinary, pinned.cachedBinary]);
    expect(fs.readFileSync(path.join(folder, 'calls'), 'utf8')).toBe('call\n');
    expect(lines).toContainEqual(expect.stringContaining('which is getting the Temporal CLI'));
    expect(fs.readdirSync(path.dirname(pinned.cachedBinary))).toEqual(['temporal']);
  });

  it('tells what go said when the build fails, and leaves nothing behind', async () => {
    script('bin/go', `echo 'go: go.mod requires go >= 1.26.4 (running go 1.22.0; GOTOOLCHAIN=local)' >&2\nexit 1`);
    const attempt = ensureTemporalCli(config(undefined, 'bin'), { log, pinned, download: noDownload });
    await expect(attempt).rejects.toThrow(/go build failed: go: go\.mod requires go >= 1\.26\.4/);
    expect(fs.readdirSync(path.dirname(pinned.cachedBinary))).toEqual([]);
  });
});

describe('readPinnedCli', () => {
  it('reads the version from go.mod and keeps another binary for another go.sum', () => {
    const moduleDir = path.join(folder, 'module');
    fs.cpSync(pinned.moduleDir, moduleDir, { recursive: true });
    const same = readPinnedCli('/cache', moduleDir);
    expect(same).toEqual({
      version: '1.8.2',
      moduleDir,
      cachedBinary: expect.stringMatching(/^\/cache\/temporal-cli\/1\.8\.2-[0-9a-f]{12}\/temporal$/) as string,
    });
    fs.appendFileSync(path.join(moduleDir, 'go.sum'), '\n');
    expect(readPinnedCli('/cache', moduleDir).cachedBinary).not.toBe(same.cachedBinary);
  });
});
