import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { isServerSupported, parseCliVersion, whyUnusable } from './cli-version.js';

describe('parseCliVersion', () => {
  it('reads the numbers of the CLI and of the server in it', () => {
    expect(parseCliVersion('temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)\n')).toEqual({
      cli: '1.8.2',
      server: '1.31.2',
    });
  });

  it.each(['', 'temporal version 1.8.2', 'tctl version 1.18.0', 'version 1.8.2 (Server 1.31.2)'])(
    'answers nothing for %j, which names no server of the Temporal CLI',
    (output) => {
      expect(parseCliVersion(output)).toBeUndefined();
    },
  );
});

describe('isServerSupported', () => {
  it.each([
    ['1.30.9', false],
    ['1.9.0', false],
    ['0.99.0', false],
    ['1.31.0', true],
    ['1.31.0-157.2', true],
    ['1.32.1', true],
    ['2.0.0', true],
  ])('server %s: %s', (server, supported) => {
    expect(isServerSupported({ cli: '1.0.0', server })).toBe(supported);
  });
});

describe('whyUnusable', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-cli-version-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function binary(script: string): string {
    const file = path.join(folder, 'temporal');
    fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return file;
  }

  it('has nothing against a server that is new enough', async () => {
    expect(await whyUnusable(binary('echo "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)"'))).toBeUndefined();
  });

  it('names the version of a server that is too old', async () => {
    const reason = await whyUnusable(binary('echo "temporal version 1.1.0 (Server 1.25.0, UI 2.30.0)"'));
    expect(reason).toBe('has server 1.25.0, and 1.31 or newer is needed');
  });

  it('tells another program from the Temporal CLI', async () => {
    expect(await whyUnusable(binary('echo 3.4'))).toMatch(/is not the Temporal CLI/);
  });

  it('tells a program that does not run', async () => {
    expect(await whyUnusable(binary('exit 3'))).toMatch(/^does not run/);
    expect(await whyUnusable(path.join(folder, 'absent'))).toMatch(/^does not run/);
  });
});
