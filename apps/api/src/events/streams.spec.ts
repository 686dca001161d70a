import { once } from 'node:events';
import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import type { Caller } from '../auth/caller.js';
import type { Engine } from '../engine/engine.js';
import type { LocatedJob } from '../engine/locate.js';
import type { Jobs } from '../onboardings/jobs.js';
import { stalledReader } from './stalled-reader.fixture.js';
import { Streams } from './streams.js';

/** Nothing asks Temporal for a stream that ends as it begins. */
const NO_ENGINE = {} as unknown as Engine;

it('ends a stream at once whose job is found when all are being ended', async () => {
  const { reply, response, reader, close } = await stalledReader();
  const located = { runId: 'run-1' } as LocatedJob;
  const locate = async (): Promise<LocatedJob> => {
    await streams.close();
    return located;
  };
  const streams: Streams = new Streams(NO_ENGINE, { locate } as unknown as Jobs);
  const wanted = { id: 'acme.support', runId: undefined, after: undefined };
  await streams.start({} as Caller, wanted, { headers: {} } as FastifyRequest, reply);
  expect(response.writableEnded).toBe(true);
  expect(streams.count).toBe(0);
  reader.resume();
  await once(reader, 'close'); // nothing is left for the API to wait for
  close();
});
