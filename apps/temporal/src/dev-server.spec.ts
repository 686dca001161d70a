import fs from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findFreePorts } from '#scripts/lib/ports.mjs';

import { startDevServer } from './dev-server.js';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-dev-server-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

function fakeServer(script: string): string {
  const binary = path.join(folder, 'temporal');
  fs.writeFileSync(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return binary;
}

describe('startDevServer', () => {
  it('says which port is taken, and the settings that cure it', async () => {
    const [uiPort = 0] = await findFreePorts(1);
    const blocker = net.createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as net.AddressInfo;
    const start = startDevServer({ binary: fakeServer('exit 0'), dataDir: folder, ports: { port, uiPort } });
    await expect(start).rejects.toThrow(
      new RegExp(
        `^GANGWAY_TEMPORAL_PORT: port ${port} is taken by process ${process.pid} \\(.*\\): stop it, .*TEMPORAL_ADDRESS`,
      ),
    );
    await new Promise((resolve) => blocker.close(resolve));
  });

  it('shows the last lines of a server that ends at once', async () => {
    const binary = fakeServer("echo 'unable to open database file' >&2; exit 7");
    const start = startDevServer({ binary, dataDir: path.join(folder, 'data'), ports: 'free' });
    await expect(start).rejects.toThrow(/ended with exit code 7[^]*unable to open database file/);
    expect(fs.readdirSync(path.join(folder, 'data'))).toEqual(['temporal-server.log']);
  });

  it('says that the binary does not start', async () => {
    const start = startDevServer({ binary: path.join(folder, 'absent'), dataDir: folder, ports: 'free' });
    await expect(start).rejects.toThrow(/cannot be started \(.*ENOENT/);
  });

  it('gives up on a server that stays silent, and ends it', async () => {
    const binary = fakeServer(`echo $$ > "${folder}/pid"; exec sleep 600`);
    const start = startDevServer({ binary, dataDir: folder, ports: 'free', readyTimeoutMs: 300 });
    await expect(start).rejects.toThrow(/does not answer after 0\.3 s/);
    const pid = Number(fs.readFileSync(path.join(folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
