import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { chain12Spec, hostileBodies, minimalEgainSpec } from '#test/factories/index.js';
import { document, openTo } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import {
  openStreams,
  sendBody,
  stall,
  type HeldStreams,
  type StalledConnection,
} from '#test/support/hostile-client.js';
import { startApiProcess, type ApiProcess } from '#test/support/processes.js';
import { until } from '#test/support/until.js';

const HONEST = 'gwk_honest-caller-of-the-tests';
const HOSTILE = 'gwk_hostile-caller-of-the-tests';
/** Of each kind; together with the streams and the honest caller's they are more than two hundred. */
const STALLED = 70;
const STREAMS = 2_000;
/** What the longest refusal may hold. Bytes. */
const LONGEST_REFUSAL = 256_000;

let engine: Engine;
let api: ApiProcess;
let stalled: StalledConnection[] = [];
let streams: HeldStreams | undefined;
const hostile = (): { url: string; key: string } => ({ url: api.url, key: HOSTILE });

beforeAll(async () => {
  setMaxListeners(0); // thousands of requests end by one signal
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 60_000 });
  const keys = [
    ...openTo(HONEST, 'honest', { tenants: ['hostile-honest'] }).apiKeys,
    ...openTo(HOSTILE, 'hostile', { tenants: ['acme', 'hostile-attacker'] }).apiKeys,
  ];
  // What is looked at are the limits behind that of the rate.
  api = await startApiProcess(engine, { GANGWAY_RATE_LIMIT: '1000000/min' }, undefined, keys);
}, 180_000);
afterAll(async () => {
  for (const each of stalled) each.leave();
  streams?.leave();
  await api.stop();
  await engine.stop();
});

describe('a hostile caller', () => {
  it('holds a place for fifty streams and no more, however many it asks for', { timeout: 180_000 }, async () => {
    const refused = { match: { vendor: 'egain', resource: 'clientApplication', operation: 'create' } } as const;
    engine.sandbox.setFaults([{ ...refused, effect: { kind: 'status', status: 403, body: { code: '403-152' } } }]);
    const spec = minimalEgainSpec({ tenant: 'hostile-attacker', account: 'held', onFailure: 'hold' });
    const started = await api.start(document(engine, spec), { key: HOSTILE });
    expect(started.status, JSON.stringify(started.body)).toBe(202);
    await until(async () => {
      const { body } = await api.call('GET', '/v1/onboardings/hostile-attacker.held', { key: HOSTILE });
      return body['status'] === 'held' ? true : undefined;
    }, 'the job to be held');
    engine.sandbox.setFaults([]);
    streams = await openStreams(hostile(), '/v1/onboardings/hostile-attacker.held/events', STREAMS);
    expect(streams.opened).toBe(50);
    expect(new Set(streams.refused.map(({ status, slug }) => `${status} ${slug}`))).toEqual(
      new Set(['429 too-many-streams']),
    );
  });

  it('has connections that drip and that do not read, beside its streams', () => {
    const kinds = ['headers', 'body', 'answer'] as const;
    stalled = kinds.flatMap((kind) => Array.from({ length: STALLED }, () => stall(hostile(), kind)));
    expect(stalled).toHaveLength(210);
  });

  it.each(hostileBodies())('is refused, in few words, with its body of $name', async ({ text }) => {
    const [plan, start] = await Promise.all([
      sendBody(hostile(), '/v1/plans?offline=true', text),
      sendBody(hostile(), '/v1/onboardings', text),
    ]);
    for (const { status, slug, bytes } of [plan, start]) {
      expect(['400 invalid-spec', '400 invalid-request', '400 malformed-json', '403 tenant-not-allowed']).toContain(
        `${status} ${slug}`,
      );
      expect(bytes).toBeLessThan(LONGEST_REFUSAL);
    }
  });
});

describe('an honest caller beside it', () => {
  it('gets a stream of its own, and its job through to its end', { timeout: 180_000 }, async () => {
    const bodies = hostileBodies();
    let over = false;
    const attack = (async () => {
      for (let at = 0; !over; at += 1) {
        await sendBody(hostile(), '/v1/plans?offline=true', bodies[at % bodies.length]?.text ?? '');
      }
    })();
    try {
      const spec = document(engine, chain12Spec({ tenant: 'hostile-honest', account: 'support' }));
      const started = await api.start(spec, { key: HONEST });
      expect(started.status, JSON.stringify(started.body)).toBe(202);
      const events = await api.stream('/v1/onboardings/hostile-honest.support/events', { key: HONEST });
      expect(events.at(-1)).toMatchObject({ event: 'closed', data: { status: 'succeeded' } });
    } finally {
      over = true;
      await attack;
    }
  });

  it('sees nothing of the other one', async () => {
    const items = (await api.call('GET', '/v1/onboardings', { key: HONEST })).body['items'] as JsonObject[];
    expect(items.map(({ id }) => id)).toEqual(['hostile-honest.support']);
    const foreign = await api.call('GET', '/v1/onboardings/hostile-attacker.held', { key: HONEST });
    expect(foreign.status).toBe(404);
  });

  it(
    'outlasts connections that drip: each is closed with the problem that says why',
    { timeout: 120_000 },
    async () => {
      const dripping = stalled.filter(({ kind }) => kind !== 'answer');
      const ends = await Promise.all(dripping.map(async ({ kind, closed }) => ({ kind, ...(await closed) })));
      // A connection that is closed while it sends may lose what it was told.
      const told = ends.filter(({ status }) => status !== 0);
      expect(new Set(told.map(({ kind, status, slug }) => `${kind} ${status} ${slug}`))).toEqual(
        new Set(['headers 408 request-timeout', 'body 408 request-timeout']),
      );
      expect((await api.call('GET', '/readyz', { key: null })).status).toBe(200);
    },
  );
});
