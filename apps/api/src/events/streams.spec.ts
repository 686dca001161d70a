import { once } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Engine } from '#libs/history/engine.js';
import type { LocatedJob } from '#libs/history/locate.js';
import type { Caller } from '../auth/caller.js';
import type { Jobs } from '../onboardings/jobs.js';
import { stalledReader, type StalledReader } from './stalled-reader.fixture.js';
import { Streams } from './streams.js';

const WANTED = { id: 'acme.support', runId: undefined, after: undefined };
const REQUEST = { headers: {}, method: 'GET' } as FastifyRequest;
const RUN = { workflowId: 'operation/acme.support', runId: 'temporal-run' };
const JOB = { runId: 'run-1', operation: RUN } as LocatedJob;
/** An engine whose histories bring nothing: each stream stays open until it is ended. */
const SILENT = {
  connection: {
    withDeadline: (_: unknown, run: () => unknown) => run(),
    withAbortSignal: (signal: AbortSignal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  },
} as unknown as Engine;

let readers: StalledReader[] = [];
beforeEach(() => {
  readers = [];
});
afterEach(() => {
  for (const { close } of readers) close();
  vi.useRealTimers();
});

function caller(isValid = (): boolean => true): Caller {
  return { id: 'ci', tenants: ['acme'], scopes: ['onboardings:read'], isValid };
}

function jobs(locate: () => Promise<LocatedJob> = () => Promise.resolve(JOB)): Jobs {
  return { locate } as unknown as Jobs;
}

async function reader(): Promise<StalledReader> {
  const made = await stalledReader();
  readers.push(made);
  return made;
}

it('ends a stream at once whose job is found when all are being ended', async () => {
  const { reply, response, reader: socket } = await reader();
  const streams: Streams = new Streams(
    SILENT,
    jobs(async () => {
      await streams.close();
      return JOB;
    }),
  );
  await streams.start(caller(), WANTED, REQUEST, reply);
  expect(response.writableEnded).toBe(true);
  expect(streams.count).toBe(0);
  socket.resume();
  await once(socket, 'close'); // nothing is left for the API to wait for
});

it('ends a stream when its key or token ends, and leaves the others', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const [ending, lasting] = [await reader(), await reader()];
  const streams = new Streams(SILENT, jobs());
  let valid = true;
  await streams.start(
    caller(() => valid),
    WANTED,
    REQUEST,
    ending.reply,
  );
  await streams.start(caller(), WANTED, REQUEST, lasting.reply);
  vi.advanceTimersByTime(10_000);
  expect(streams.count).toBe(2);
  valid = false;
  vi.advanceTimersByTime(1_000);
  expect([ending.response.writableEnded, lasting.response.writableEnded]).toEqual([true, false]);
  expect(streams.count).toBe(1);
  await streams.close();
});

it('gives a place back when the job is not found, and when the stream ends', async () => {
  const missing = new Streams(
    SILENT,
    jobs(() => Promise.reject(new Error('not found'))),
  );
  const { reply } = await reader();
  for (let i = 0; i < 60; i += 1) {
    await expect(missing.start(caller(), WANTED, REQUEST, reply)).rejects.toThrow('not found');
  }
  const streams = new Streams(SILENT, jobs());
  for (let i = 0; i < 60; i += 1) {
    const { reply: each, reader: socket, response } = await reader();
    await streams.start(caller(), WANTED, REQUEST, each);
    socket.destroy();
    if (!response.closed) await once(response, 'close');
  }
  expect(streams.count).toBe(0);
});

it('keeps no place for a reader who left while its job was looked up', async () => {
  const { reply, response, reader: socket } = await reader();
  const streams = new Streams(
    SILENT,
    jobs(async () => {
      socket.destroy();
      await once(response, 'close');
      return JOB;
    }),
  );
  await streams.start(caller(), WANTED, REQUEST, reply);
  expect(streams.count).toBe(0);
});

it('refuses the 51st stream of a caller before it looks for the job', async () => {
  let looks = 0;
  const streams = new Streams(
    SILENT,
    jobs(() => {
      looks += 1;
      return Promise.resolve(JOB);
    }),
  );
  for (let i = 0; i < 50; i += 1) await streams.start(caller(), WANTED, REQUEST, (await reader()).reply);
  const { reply } = await reader();
  await expect(streams.start(caller(), WANTED, REQUEST, reply)).rejects.toMatchObject({ slug: 'too-many-streams' });
  expect(looks).toBe(50);
  await streams.start({ ...caller(), id: 'other' }, WANTED, REQUEST, reply);
  expect(streams.count).toBe(51);
  await streams.close();
});
