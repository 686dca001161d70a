import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { chain12Spec, livepersonSpec, minimalEgainSpec } from '#test/factories/index.js';
import { document, KEY, openTo } from '#test/support/api.js';
import { OPERATIONS } from '#test/support/described.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import {
  startApiProcess,
  startWorkerProcess,
  type ApiProcess,
  type ProcessUnderTest,
} from '#test/support/processes.js';
import { findSecrets, textPlace } from '#test/support/secret-search.js';
import { faultsOf, type FuzzAnswer } from './fuzz/judge.js';
import { anyRequests, soundRequests, SECRETS, type CallerName, type FuzzRequest, type Stock } from './fuzz/requests.js';

/** `npm run test:fuzz` makes the long run; `npm test` has a slice. */
const all = process.env['GANGWAY_FUZZ'] === 'all';
const WHOLE = 20_000;
const RUNS = Number(process.env['GANGWAY_FUZZ_RUNS'] ?? (all ? Math.ceil(WHOLE / OPERATIONS.length) : '25'));
const SOUND = Math.max(8, Math.ceil(RUNS / 10));
const seed = Number(process.env['GANGWAY_FUZZ_SEED'] ?? Date.now() % 1_000_000);
/** Asked at a time: what comes together is judged together. */
const AT_ONCE = 8;
/** For as long a stream is read: what it has told by then is judged. */
const READ_MS = 500;
/** Whoever sent this, the request was at fault; other answers are of what is asked, so it got through. */
const REFUSED = [400, 401, 403, 404, 405, 406, 413, 414, 415, 429, 431];

const ACME = 'gwk_one-tenant-of-the-fuzz-kF7sQ2xV9';
const READER = 'gwk_reader-of-the-fuzz-kF7sQ2xV9';
const KEYS: Record<CallerName, string | undefined> = {
  all: KEY,
  acme: ACME,
  reader: READER,
  wrong: 'gwk_wrong',
  none: undefined,
};
const secrets = {
  ...SECRETS,
  'an API key': KEY,
  'the key of a tenant': ACME,
  'the key of a reader': READER,
  'the client secret of eGain': 'sandbox-egain-secret',
  'the key secret of Sinch': 'sandbox-secret',
  'the bearer of LivePerson': 'sandbox-lp-bearer',
};
const tenant = `fuzz${createHash('sha256').update(String(seed)).digest('hex').slice(0, 6)}`;

const schedule = `${tenant}-nightly`;

let engine: Engine;
let api: ApiProcess;
let worker: ProcessUnderTest;
let stock: Stock;
let standing: JsonObject[];
let sent = 0;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false, liveperson: true, giveUpAfterMs: 2_000 });
  const debug = { GANGWAY_LOG_LEVEL: 'debug' };
  const keys = [
    ...openTo(KEY, 'all').apiKeys.map((key) => ({ ...key, scopes: [...key.scopes, 'codec:encode' as const] })),
    ...openTo(ACME, 'acme', { tenants: [tenant] }).apiKeys,
    ...openTo(READER, 'reader', { scopes: ['onboardings:read'] }).apiKeys,
  ];
  [api, worker] = await Promise.all([
    startApiProcess(
      engine,
      { ...debug, GANGWAY_RATE_LIMIT: '1000000/min', GANGWAY_CODEC_ENCODE: 'true' },
      undefined,
      keys,
    ),
    startWorkerProcess(engine, debug),
  ]);
  standing = specsOf(tenant).map((spec) => document(engine, spec));
  const named = (vendor: string): string[] =>
    engine.settings.connections.filter((each) => each.vendor === vendor).map(({ name }) => name);
  const names = ['live', 'held', 'person', 'none', 'new'];
  // A plan keeps its id only where it takes longer than its caller waits.
  engine.sandbox.setFaults([{ match: { vendor: 'egain' }, effect: { kind: 'delay', ms: 1_000 } }]);
  stock = {
    accounts: [tenant, `${tenant}-other`].flatMap((owner) => names.map((account) => ({ tenant: owner, account }))),
    connections: { egain: named('egain'), sinch: named('sinch'), liveperson: named('liveperson') },
    standing: ['live', 'held', 'person'].map((account) => `${tenant}.${account}`),
    others: {
      '/v1/plans/': [await idOf('/v1/plans', document(engine, minimalEgainSpec({ tenant, account: 'planned' })))],
      '/v1/reconciliations/': [await idOf('/v1/reconciliations', { mode: 'observe', tenant })],
      '/v1/reconciliation-schedules/': [schedule],
    },
  };
  engine.sandbox.setFaults([]);
}, 240_000);
afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  await engine.stop();
});
beforeEach(restore, 120_000);

describe('whatever is asked', () => {
  it.each(OPERATIONS.map((operation) => ({ name: `${operation.method} ${operation.template}`, operation })))(
    '$name is answered as the description says, without a fault of the server and without a secret',
    { timeout: all ? 3_600_000 : 120_000 },
    async ({ operation }) => {
      const sound = fc.sample(soundRequests(operation, stock), { numRuns: SOUND, seed });
      const any = fc.sample(anyRequests(operation, stock), { numRuns: Math.max(RUNS - SOUND, 0), seed });
      const found: string[] = [];
      let through = 0;
      await forEach([...sound, ...any], async (request) => {
        const answer = await ask(request);
        if (!REFUSED.includes(answer.status)) through += 1;
        const faults = faultsOf(operation, request, answer, secrets);
        found.push(...faults.map((fault) => `${fault} to ${JSON.stringify(request).slice(0, 2_000)}`));
      });
      expect(found.slice(0, 10), `with GANGWAY_FUZZ_SEED=${seed}`).toEqual([]);
      expect(through, 'requests that were more than refused').toBeGreaterThan(0);
    },
  );

  it('stands with its secrets in no log, and both parts live on', async () => {
    expect(sent).toBeGreaterThanOrEqual(Math.min(RUNS, WHOLE) * OPERATIONS.length);
    expect((await api.call('GET', '/readyz', { key: null })).status).toBe(200);
    await Promise.all([api.stop(), worker.stop()]);
    const places = [textPlace("the API's log", api.log()), textPlace("the worker's log", worker.log())];
    for (const { name, bytes } of places) expect(bytes.length, name).toBeGreaterThan(1_000);
    expect(findSecrets(places, secrets)).toEqual([]);
  });
});

/** Accounts that stand in different ways: on board, held by a fault of its spec, waiting for a person. */
function specsOf(owner: string): OnboardingSpec[] {
  const live = chain12Spec({ tenant: owner, account: 'live' });
  const held = minimalEgainSpec({ tenant: owner, account: 'held', onFailure: 'hold' });
  const nobody = { agentConfiguration: { agents: [{ id: '45a0b1c2-d3e4-4f50-8617-283940a5b6c7' }] } };
  return [
    live,
    { ...held, ...(held.egain ? { egain: { ...held.egain, orchestration: { applications: nobody } } } : {}) },
    livepersonSpec({ tenant: owner, account: 'person', connections: { liveperson: 'liveperson-handoff' } }),
    minimalEgainSpec({ tenant: `${owner}-other`, account: 'live' }),
  ];
}

/** The id of what a request has made that is answered before it is done. */
async function idOf(path: string, body: JsonObject): Promise<string> {
  const { status, body: answer } = await api.call('POST', path, { body, headers: { prefer: 'wait=0' } });
  expect(status, JSON.stringify(answer)).toBe(202);
  return answer['id'] as string;
}

/** Brings back what the requests before have taken away. */
async function restore(): Promise<void> {
  const nightly = { every: '1h', mode: 'observe', tenant, paused: true };
  const kept = await api.call('PUT', `/v1/reconciliation-schedules/${schedule}`, { body: nightly });
  expect([200, 201], JSON.stringify(kept.body)).toContain(kept.status);
  await forEach(standing, async (spec) => {
    const { status, body } = await api.start(spec);
    expect([202, 409], JSON.stringify(body)).toContain(status);
    if (status === 202)
      await api.reached(body['id'] as string, ...(['succeeded', 'held', 'waiting'] as const), ...ENDED);
  });
}
const ENDED = ['rolled-back', 'cancelled', 'rejected', 'rollback-incomplete'] as const;

/** Sends a request and reads what is answered; of a stream, what it tells within a moment. */
async function ask({ method, path, headers, body, caller }: FuzzRequest): Promise<FuzzAnswer> {
  sent += 1;
  const key = KEYS[caller];
  const response = await fetch(`${api.url}${path}`, {
    method,
    headers: { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    ...(body === undefined ? {} : { body }),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isStream ? await beginningOf(response) : await response.text();
  return { status: response.status, headers: response.headers, text };
}

async function beginningOf(response: Response): Promise<string> {
  const body = response.body as ReadableStream<Uint8Array> | null;
  if (!body) return '';
  const reader = body.getReader();
  const timer = setTimeout(() => void reader.cancel(), READ_MS);
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (value) text += decoder.decode(value, { stream: true });
    if (done) break;
  }
  clearTimeout(timer);
  return text;
}

async function forEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
