import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StreamEvent } from '#libs/progress/index.js';
import { EventStream } from './event-stream.js';
import { stalledReader } from './stalled-reader.fixture.js';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).reverse()) close();
});

interface Reading {
  stream: EventStream;
  response: ServerResponse;
  reader: Socket;
  left: ReturnType<typeof vi.fn<() => void>>;
}

async function stalled(): Promise<Reading> {
  const { reply, response, reader, close } = await stalledReader();
  open.push(close);
  const left = vi.fn<() => void>();
  return { stream: new EventStream(reply, 'run-1', left), response, reader, left };
}

function event(seq: number, bytes: number): StreamEvent {
  return { event: 'step', seq, data: { seq, at: '2026-01-01T00:00:00.000Z', message: 'x'.repeat(bytes) } };
}

describe('a reader that takes nothing', () => {
  it('is dropped once a megabyte waits for it, and costs nothing from then on', async () => {
    const { stream, response, reader, left } = await stalled();
    let sent = 0;
    // The kernel takes some megabytes on its way before anything waits here.
    while (!response.destroyed && sent < 1_000) {
      stream.send(event((sent += 1), 100_000));
      await new Promise(setImmediate);
    }
    expect(response.destroyed).toBe(true);
    expect(sent).toBeGreaterThan(10);
    await vi.waitFor(() => expect(left).toHaveBeenCalledTimes(1));
    stream.send(event(sent + 1, 10));
    stream.end();
    expect(left).toHaveBeenCalledTimes(1);
    const taken: Buffer[] = [];
    reader.on('data', (chunk: Buffer) => taken.push(chunk));
    reader.resume();
    await once(reader, 'close');
    expect(Buffer.concat(taken).toString()).not.toContain('\r\n0\r\n'); // cut off: no end that looks whole
  });

  it('does not hold up the end for longer than it may', async () => {
    const { stream, response } = await stalled();
    for (let seq = 1; response.writableLength === 0 && seq < 1_000; seq += 1) {
      stream.send(event(seq, 100_000));
      await new Promise(setImmediate);
    }
    stream.end();
    expect(response.closed).toBe(false);
    await stream.gone(50);
    expect(response.closed).toBe(true);
  });
});

it('is gone at once where its reader has taken everything', async () => {
  const { stream, response, reader } = await stalled();
  reader.resume();
  stream.send(event(1, 10));
  stream.end();
  await stream.gone(60_000);
  expect(response.writableFinished).toBe(true);
});
