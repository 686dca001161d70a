import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { JobStatus, JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { connectorManifest, edited, livepersonSpec } from '#test/factories/index.js';
import { document, type Answer } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { personOver, type Person } from '#test/support/person.js';
import {
  startApiProcess,
  startWorkerProcess,
  type ApiProcess,
  type ProcessUnderTest,
} from '#test/support/processes.js';
import { findSecrets, textPlace, type Place } from '#test/support/secret-search.js';
import { storedData, storesOf } from '#test/support/stored-data.js';
import { readRuns } from '#test/support/stored-runs.js';

const TENANT = 'canary-lp';
const HEADER = '/capabilities/webhooks/ms.MessagingEventNotification.ContentEvent/headers/0/header_value';
const OPERATOR = { 'bearer of the connection': 'sandbox-lp-bearer' };

let engine: Engine;
let api: ApiProcess;
let worker: ProcessUnderTest;
let person: Person;
let logs: Place[] = [];
const secrets: Record<string, string> = { ...OPERATOR };
const answers: Place[] = [];
/** Answers of LivePerson that were meant to repeat a secret and never came about. */
const idle: unknown[] = [];
/** What only those may read who ask for it: the file of a hand-off, and what was issued. */
const guarded: Answer[] = [];

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { liveperson: true, worker: false, giveUpAfterMs: 2_000 });
  const debug = { GANGWAY_LOG_LEVEL: 'debug' };
  [api, worker] = await Promise.all([startApiProcess(engine, debug), startWorkerProcess(engine, debug)]);
  person = personOver(engine, api);
  await byApi();
  await byHand();
  await heldThenHanded();
  await Promise.all([api.stop(), worker.stop()]);
  logs = [textPlace("the API's log", api.log()), textPlace("the worker's log", worker.log())];
}, 240_000);
afterAll(() => engine.stop());

describe('a secret of a manifest, of the person or of LivePerson', () => {
  it('has been handed over, handed back, repeated by LivePerson and read by who may', () => {
    expect(Object.keys(secrets)).toHaveLength(9);
    expect(idle).toEqual([]);
    const text = JSON.stringify(guarded.map(({ body }) => body));
    for (const name of ['header of hand', 'issued by hand', 'issued by api']) expect(text).toContain(secrets[name]);
    expect(guarded.every(({ headers }) => headers.get('cache-control') === 'no-store')).toBe(true);
  });

  it('stands in no history, memo, description or row, neither as they are stored nor decoded', async () => {
    const places = await readRuns(engine, `Tenant = '${TENANT}'`);
    const decoded = places.filter(({ name }) => name.startsWith('decoded'));
    expect(decoded.some(({ bytes }) => Buffer.from(bytes).includes('handoff-fetched'))).toBe(true);
    expect(decoded.filter(({ bytes }) => Buffer.from(bytes).includes('sealed:v')).length).toBeGreaterThan(3);
    expect(findSecrets(places, secrets)).toEqual([]);
  });

  it('stands in no other answer of the API, and neither does its sealed form', () => {
    expect(answers.length).toBeGreaterThan(12);
    expect(findSecrets(answers, { ...secrets, 'a sealed value': 'sealed:v' })).toEqual([]);
  });

  it('stands in no log, which tells who has read credentials', () => {
    expect(findSecrets(logs, { ...secrets, 'a sealed value': 'sealed:v' })).toEqual([]);
    const lines = api
      .log()
      .split('\n')
      .filter((line) => line.includes('"route":"GET /v1/accounts/:id/credentials"') && line.includes('"audit"'));
    expect(lines.map((line) => JSON.parse(line) as JsonObject)).toMatchObject(
      ['api', 'hand', 'moved'].map((account) => ({
        audit: { caller: 'tester', id: `${TENANT}.${account}`, result: 'ok', reason: 'liveperson.app' },
      })),
    );
  });

  it("stands nowhere in the server's databases", async () => {
    const stored = await storedData(inject('temporal'));
    for (const name of storesOf(inject('temporal'))) expect(stored.map((place) => place.name)).toContain(name);
    expect(findSecrets(stored, secrets)).toEqual([]);
  });
});

/** LivePerson first refuses the manifest and repeats it, then the credentials that it has just issued. */
async function byApi(): Promise<void> {
  const spec = planted('api', 'liveperson-main', false);
  const said = { error: { statusCode: 503, messages: [`refused: ${JSON.stringify(spec.liveperson?.manifest)}`] } };
  engine.sandbox.setFaults([
    {
      match: { vendor: 'liveperson', resource: 'app', operation: 'create' },
      times: 1,
      effect: { kind: 'status', status: 503, body: said },
    },
    {
      match: { vendor: 'liveperson', resource: 'token' },
      times: 2,
      effect: { kind: 'status', status: 401, body: { error: 'invalid_client', error_description: 'not known yet' } },
    },
  ]);
  await started(spec);
  await lookAt('api', 'succeeded');
  noteIdle();
  await credentials('api');
}

/** The person's first answer is refused by LivePerson, which repeats it. */
async function byHand(): Promise<void> {
  const spec = planted('hand', 'liveperson-handoff', true);
  const id = `${TENANT}.hand`;
  const wrong = plant('mistyped by hand');
  await started(spec);
  await person.asked(id, /Install/);
  const file = await handoffFile(id);
  const right = await person.install('87654321', file);
  secrets['issued by hand'] = right.clientSecret;
  const bad = [
    { clientId: 'x', clientSecret: wrong, more: wrong },
    { clientSecret: wrong },
    { clientId: wrong, clientSecret: ' ' },
  ];
  for (const body of bad) await answered(id, body, 400);
  engine.sandbox.setFaults([
    {
      match: { vendor: 'liveperson', resource: 'token' },
      times: 2,
      effect: {
        kind: 'status',
        status: 401,
        body: { error: 'invalid_client', error_description: `no app with the secret ${wrong}` },
      },
    },
  ]);
  await answered(id, { ...right, clientSecret: wrong }, 202);
  await person.asked(id, /was not accepted/);
  await lookAt('hand', 'waiting');
  noteIdle();
  await answered(id, right, 202);
  await lookAt('hand', 'succeeded');
  await answered(id, { ...right, clientSecret: wrong }, 409);
  await credentials('hand');
}

/** Refused by the API of the account, then handed to a person with another header value. */
async function heldThenHanded(): Promise<void> {
  const id = `${TENANT}.moved`;
  await started(planted('moved', 'liveperson-refused', false));
  await lookAt('moved', 'held');
  const corrected = document(engine, planted('moved', 'liveperson-handoff', true, 'corrected'));
  await ask('POST', `/v1/onboardings/${id}/retry`, { reason: 'by hand', spec: corrected });
  await person.asked(id, /Install/);
  const right = await person.install('87654321', await handoffFile(id));
  secrets['issued by moved'] = right.clientSecret;
  await answered(id, right, 202);
  await lookAt('moved', 'succeeded');
  await credentials('moved');
}

/** A spec whose manifest holds a canary; given as text, that text is a secret as a whole. */
function planted(account: string, connection: string, asText: boolean, what = 'header'): OnboardingSpec {
  if (what === 'header') engine.sandbox.reset();
  const value = plant(`${what} of ${account}`);
  const changed = edited(connectorManifest(), HEADER, value);
  const text = `${JSON.stringify(changed, null, 3)}\n`;
  return livepersonSpec({
    tenant: TENANT,
    account,
    connections: { liveperson: connection },
    liveperson: { manifest: changed, ...(asText ? { text } : {}) },
  });
}

function plant(name: string): string {
  const canary = `canary-${String(Object.keys(secrets).length).padStart(2, '0')}-lp-kF7sQ2xV9`;
  secrets[name] = canary;
  return canary;
}

async function started(spec: OnboardingSpec): Promise<void> {
  const body = document(engine, spec);
  expect((await ask('POST', '/v1/plans?offline=true', body)).status).toBe(200);
  const { status, body: answer } = await ask('POST', '/v1/onboardings', body);
  expect(status, JSON.stringify(answer)).toBe(202);
}

async function handoffFile(id: string): Promise<string> {
  const answer = await person.fetch(id);
  guarded.push(answer);
  const { manifest } = answer.body;
  if (typeof manifest !== 'string') throw new Error(`no file: ${JSON.stringify(answer.body)}`);
  return manifest;
}

async function answered(id: string, body: object, status: number): Promise<void> {
  expect((await ask('POST', `/v1/onboardings/${id}/handoff`, body)).status).toBe(status);
}

async function credentials(account: string): Promise<void> {
  const answer = await api.call('GET', `/v1/accounts/${TENANT}.${account}/credentials`);
  guarded.push(answer);
  const [item] = answer.body['items'] as { values: { clientSecret: string } }[];
  if (!item) throw new Error(`no credentials of ${account}`);
  secrets[`issued by ${account}`] = item.values.clientSecret;
}

/** Waits for a status and keeps all that the API tells about the job. */
async function lookAt(account: string, status: JobStatus): Promise<void> {
  const id = `${TENANT}.${account}`;
  await api.reached(id, status);
  await ask('GET', `/v1/onboardings/${id}`);
  await ask('GET', `/v1/accounts/${id}`);
  const events = await api.stream(`/v1/onboardings/${id}/events`, {
    enough: (all) => all.some(({ data }) => data['status'] === status),
  });
  answers.push(textPlace(`events of ${id}`, JSON.stringify(events)));
}

function noteIdle(): void {
  idle.push(...engine.sandbox.faults().filter(({ hits }) => hits === 0));
}

async function ask(method: string, to: string, body?: unknown): Promise<Answer> {
  const answer = await api.call(method, to, body === undefined ? {} : { body });
  answers.push(textPlace(`${method} ${to}`, JSON.stringify([answer.body, ...answer.headers])));
  return answer;
}
