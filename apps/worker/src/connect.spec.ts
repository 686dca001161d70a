import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

function connect(to: string, withinMs: number, signal = new AbortController().signal): Promise<unknown> {
  const destination = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(line.toString());
      done();
    },
  });
  const logger = createLogger({ level: 'info', service: 'worker', pretty: false, destination });
  const settings = { address: to, namespace: 'default', embedded: false, loopback: true };
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
