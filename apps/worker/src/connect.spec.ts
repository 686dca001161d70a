import http2 from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { NativeConnection } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TemporalSettings } from '#libs/config/temporal-settings.js';
import { createLogger } from '#libs/logging/index.js';
import { EngineUnavailable } from '#libs/temporal/client.js';
import { connectNative } from './connect.js';

let silent: Server;
let address: string;
let lines: string[];
let sockets: Socket[];

/** A port that takes connections and never answers. */
beforeEach(async () => {
  sockets = [];
  silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  lines = [];
});
afterEach(async () => {
  const closed = new Promise((resolve) => void silent.close(resolve));
  for (const socket of sockets) socket.destroy();
  await closed;
});

function connect(
  to: string,
  withinMs: number,
  signal = new AbortController().signal,
  change: Partial<TemporalSettings> = {},
): Promise<NativeConnection> {
  const destination = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(line.toString());
      done();
    },
  });
  const logger = createLogger({ level: 'info', service: 'worker', pretty: false, destination });
  const settings = { address: to, namespace: 'default', embedded: false, loopback: true, ...change };
  return connectNative(settings, { logger, withinMs, signal });
}

describe('connectNative', () => {
  it('tries an unreachable Temporal again, tells so, and gives up with the cure', async () => {
    await new Promise((resolve) => void silent.close(resolve));
    await expect(connect(address, 1_500)).rejects.toThrow(EngineUnavailable);
    expect(lines.join('')).toContain('cannot be reached yet');
  });

  it('gives up an address that never answers', async () => {
    await expect(connect(address, 500)).rejects.toThrow(/TEMPORAL_ADDRESS/);
  });

  it('ends when it is told to', async () => {
    await expect(connect(address, 60_000, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
  });
});

describe('compression of calls', () => {
  let temporal: http2.Http2Server;
  let encodings: (string | undefined)[];
  let port: number;

  /** Answers every call with an empty message, which stands for a server without capabilities. */
  beforeEach(async () => {
    encodings = [];
    temporal = http2.createServer();
    temporal.on('stream', (stream, headers) => {
      encodings.push(headers['grpc-encoding'] as string | undefined);
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.alloc(5));
    });
    await new Promise<void>((resolve) => temporal.listen(0, '127.0.0.1', resolve));
    ({ port } = temporal.address() as AddressInfo);
  });
  afterEach(() => new Promise((resolve) => void temporal.close(resolve)));

  it.each([
    { compression: undefined, sent: undefined, because: 'beside a worker, packing costs more than it saves' },
    { compression: 'gzip' as const, sent: 'gzip', because: 'the settings ask for it' },
  ])('$compression: $because', async ({ compression, sent }) => {
    const signal = new AbortController().signal;
    const connection = await connect(
      `127.0.0.1:${port}`,
      5_000,
      signal,
      compression === undefined ? {} : { compression },
    );
    await connection.close();
    expect(encodings).not.toEqual([]);
    expect(new Set(encodings)).toEqual(new Set([sent]));
  });
});
