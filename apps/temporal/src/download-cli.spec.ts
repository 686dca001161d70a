import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { downloadCli, type DownloadOptions } from './download-cli.js';
import { readPinnedArchive } from './pinned-archive.js';
import { readPinnedCli } from './pinned-cli.js';

let folder: string;
let target: string;
let archive: Buffer;
let servers: Server[];
let lines: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-download-'));
  target = path.join(folder, 'cache', 'temporal');
  fs.mkdirSync(path.dirname(target));
  servers = [];
  lines = [];
  archive = archiveOf('temporal');
});
afterEach(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  fs.rmSync(folder, { recursive: true });
});

function archiveOf(name: string): Buffer {
  fs.writeFileSync(path.join(folder, name), 'binary');
  fs.writeFileSync(path.join(folder, 'LICENSE'), 'MIT');
  return execFileSync('tar', ['-czf', '-', '-C', folder, 'LICENSE', name]);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/archive`;
}

const whole: RequestListener = (_request, response) => response.end(archive);
const never: RequestListener = () => undefined;

function download(sources: string[], changes: Partial<DownloadOptions> = {}): Promise<void> {
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const pinned = { version: '1.8.2', moduleDir: folder, cachedBinary: target };
  const log = (line: string): void => void lines.push(line);
  return downloadCli(pinned, target, { environment: {}, log, archive: { sha256, sources }, ...changes });
}

function left(): string[] {
  return fs.readdirSync(path.dirname(target));
}

describe('downloadCli', () => {
  it('puts the binary in place, executable, and leaves nothing else', async () => {
    await download([await serve(whole)]);
    expect(fs.readFileSync(target, 'utf8')).toBe('binary');
    expect(fs.statSync(target).mode & 0o777).toBe(0o755);
    expect(left()).toEqual(['temporal']);
  });

  it('takes nothing whose checksum is not the pinned one, and asks the next source', async () => {
    const forged = await serve((_request, response) => response.end(Buffer.concat([archive, Buffer.from('x')])));
    await expect(download([forged])).rejects.toThrow(
      /what it sent has the SHA-256 [0-9a-f]{64}, and [0-9a-f]{64} is pinned/,
    );
    expect(left()).toEqual([]);
    await download([forged, await serve(whole)]);
    expect(fs.readFileSync(target, 'utf8')).toBe('binary');
    expect(lines.join('\n')).toContain('is pinned');
  });

  const faulty: { reason: string; listener: RequestListener; says: string | RegExp }[] = [
    {
      reason: 'a refusal',
      listener: (_request, response) => response.writeHead(404).end(),
      says: 'it answers HTTP 404',
    },
    {
      reason: 'an answer that breaks off',
      listener: (_request, response) => {
        response.writeHead(200, { 'content-length': archive.length });
        response.write(archive.subarray(0, 10), () => response.destroy());
      },
      says: /terminated|closed|socket/,
    },
    { reason: 'an answer that does not begin', listener: never, says: 'nothing arrived within 0.2 s' },
    {
      reason: 'an answer that stalls',
      listener: (_request, response) => void response.writeHead(200).write(archive.subarray(0, 10)),
      says: 'nothing more arrived within 0.2 s',
    },
  ];
  it.each(faulty)('tells the reason and leaves nothing: $reason', async ({ listener, says }) => {
    const source = await serve(listener);
    await expect(download([source], { startTimeoutMs: 200, stallTimeoutMs: 200 })).rejects.toThrow(says);
    expect(left()).toEqual([]);
  });

  it('refuses an archive without the binary', async () => {
    archive = archiveOf('other');
    await expect(download([await serve(whole)])).rejects.toThrow('holds no file named temporal');
    expect(left()).toEqual([]);
  });

  it('goes through the proxy of the environment', async () => {
    const { port } = new URL(await serve(whole));
    const proxy = await serve(never);
    let asked: string | undefined;
    servers.at(-1)?.on('connect', (request, socket) => {
      asked = request.url;
      const tunnel = connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        tunnel.pipe(socket).pipe(tunnel);
      });
      // Whoever asked goes away without a word.
      for (const end of [tunnel, socket]) end.on('error', () => tunnel.destroy());
    });
    await download(['http://temporal.example/archive'], { environment: { http_proxy: new URL(proxy).origin } });
    expect([asked, left()]).toEqual(['temporal.example:80', ['temporal']]);
  });
});

describe('readPinnedArchive', () => {
  const pinned = readPinnedCli('/cache');

  it.each(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])(
    'has a checksum of the pinned version for %s',
    (key) => {
      const [platform = '', arch = ''] = key.split('-');
      const { sha256, sources } = readPinnedArchive(pinned, platform, arch);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      for (const source of sources) expect(source).toContain(`v${pinned.version}`);
    },
  );

  it('refuses what it has no checksum for', () => {
    expect(() => readPinnedArchive(pinned, 'aix', 'ppc64')).toThrow('no checksum of version 1.8.2 for aix-ppc64');
    expect(() => readPinnedArchive({ ...pinned, version: '9.9.9' }, 'linux', 'x64')).toThrow(
      'no checksum of version 9.9.9',
    );
  });
});
