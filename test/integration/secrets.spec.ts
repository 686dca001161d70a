import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { accountId, type JobStatus, type JsonObject, type OnboardingSpec } from '#libs/contracts/index.js';
import { fakeServer, reply, type FakeServer } from '#libs/http/test-server.js';
import { canarySpec } from '#test/factories/index.js';
import { document, type Answer } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';

import {
  startApiProcess,
  startWorkerProcess,
  type ApiProcess,
  type ProcessUnderTest,
} from '#test/support/processes.js';
import { encodings, findSecrets, textPlace, type Place } from '#test/support/secret-search.js';
import { storedData, storesOf } from '#test/support/stored-data.js';
import { readRuns } from '#test/support/stored-runs.js';
import { until } from '#test/support/until.js';

type Fault = Parameters<Engine['sandbox']['setFaults']>[0][number];

/** In none of the specs: it is planted in clear, to show that a search finds what is there. */
const PLANTED = 'planted-in-clear-Zq81LmTw';
const ODD = 'a "secret"/with=odd characters+ÿ?';
const PLANTED_WORKFLOW = `planted-${randomUUID()}`;
const TENANT = 'canary';
/** What the engine shows to the vendors. */
const OPERATOR_SECRETS = { 'eGain client secret': 'sandbox-egain-secret', 'Sinch key secret': 'sandbox-secret' };
const TOKEN = { 'access token': 'canary-access-token-kF7sQ2xV9' };

let engine: Engine;
let api: ApiProcess;
let worker: ProcessUnderTest;
/** Refuses the first notification of each event with an answer that repeats what it got. */
let receiver: FakeServer;
const refusedOnce = new Set<unknown>();
let logs: Place[] = [];
let secrets: Record<string, string> = { ...OPERATOR_SECRETS, ...TOKEN };
const answers: Place[] = [];
const idleEchoes: string[] = [];

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false, giveUpAfterMs: 2_000 });
  receiver = await fakeServer(({ body, headers }, response) => {
    const id = headers['webhook-id'];
    reply(response, refusedOnce.has(id) ? 200 : 500, { said: `${JSON.stringify(headers)} ${body}` });
    refusedOnce.add(id);
  });
  const debug = { GANGWAY_LOG_LEVEL: 'debug' };
  [api, worker] = await Promise.all([startApiProcess(engine, debug), startWorkerProcess(engine, debug)]);
  await plant();
  await liveJob();
  await failedJob();
  await heldJob();
  await refusedCredentials();
  await preview();
  await refusedToken();
  for (const path of ['/v1/onboardings', '/v1/accounts', '/metrics']) await ask('GET', path);
  await until(() => (signedWith(secrets).size === 5 ? true : undefined), 'the notifications of five jobs to come');
  await Promise.all([api.stop(), worker.stop()]);
  logs = [textPlace("the API's log", api.log()), textPlace("the worker's log", worker.log())];
}, 240_000);
afterAll(async () => {
  const planted = engine.client.workflow.getHandle(PLANTED_WORKFLOW);
  await planted.terminate('the test is over');
  await engine.stop();
  await receiver.close();
});

describe('the search', () => {
  it.each(Object.entries(encodings(ODD)))('finds a secret written as %s', (how, form) => {
    const bytes = Buffer.from(`before ${form} behind`, 'latin1');
    expect(findSecrets([{ name: 'here', bytes }], { it: ODD })).toContain(`it in here as ${how}`);
  });

  it.each([0, 1, 2])('finds a secret in the middle of a base64 text, %i bytes behind a whole group', (offset) => {
    const whole = Buffer.from(`${'x'.repeat(offset)}${PLANTED} and more`).toString('base64');
    expect(findSecrets([textPlace('here', whole)], { it: PLANTED })).toContain(
      `it in here as base64 at offset ${offset}`,
    );
  });

  it('finds what is planted in clear in input, memo, search attributes, rows and the database', async () => {
    const rows = await readRuns(engine, `WorkflowId = '${PLANTED_WORKFLOW}'`);
    const places = [...rows, ...(await storedData(inject('temporal')))];
    const found = findSecrets(places, { it: PLANTED }).filter((finding) => finding.endsWith('as plain'));
    const kinds = found.map(
      (finding) => / in (temporal\.db|dump of \w+|[a-z ]+?)(?:-wal)?(?: of .*)? as plain/.exec(finding)?.[1],
    );
    const kept = ['row', 'history', 'description', 'decoded row', 'decoded history', 'decoded description'];
    expect([...new Set(kinds)].sort()).toEqual([...kept, ...storesOf(inject('temporal'))].sort());
  });
});

describe('a secret of a spec, of a connection or of a vendor', () => {
  it('has got to the vendors, who repeated it in a refusal', () => {
    expect(Object.keys(secrets).filter((name) => name.startsWith('/')).length).toBeGreaterThan(40);
    expect(idleEchoes).toEqual([]);
  });

  it('has signed what receivers of notifications got', () => {
    const accounts = ['failed', 'held', 'live', 'refused', 'token'];
    expect([...signedWith(secrets)].sort()).toEqual(accounts.map((name) => `${TENANT}.${name}`));
    expect(refusedOnce.size).toBeLessThan(receiver.got.length);
  });

  it('stands in no history, description or row, neither as they are stored nor decoded', async () => {
    const places = await readRuns(engine, `Tenant = '${TENANT}'`);
    const types = new Set(places.map(({ name }) => name.split(' ').at(-1)?.split('/')[0]));
    expect([...types]).toEqual(expect.arrayContaining(['account', 'operation', 'notification']));
    const decoded = places.filter(({ name }) => name.startsWith('decoded'));
    expect(decoded.filter(({ bytes }) => Buffer.from(bytes).includes('sealed:v')).length).toBeGreaterThan(4);
    expect(findSecrets(places, secrets)).toEqual([]);
  });

  it('stands in no answer of the API, and neither does its sealed form', () => {
    expect(answers.length).toBeGreaterThan(15);
    expect(findSecrets(answers, { ...secrets, 'a sealed value': 'sealed:v' })).toEqual([]);
  });

  it('stands in no log', () => {
    for (const log of logs) expect(Buffer.from(log.bytes).toString()).toMatch(/"level":"(debug|info)"/);
    expect(Buffer.concat(logs.map(({ bytes }) => bytes)).toString()).toContain(`${TENANT}.live`);
    expect(findSecrets(logs, { ...secrets, 'a sealed value': 'sealed:v' })).toEqual([]);
  });

  it("stands nowhere in the server's databases", async () => {
    const stored = await storedData(inject('temporal'));
    for (const name of storesOf(inject('temporal'))) expect(stored.map((place) => place.name)).toContain(name);
    expect(findSecrets(stored, secrets)).toEqual([]);
  });
});

async function plant(): Promise<void> {
  const { namespace } = inject('temporal');
  const clear = new Client({ connection: engine.temporal.connection, namespace });
  await clear.workflow.start('nobodyServesThis', {
    workflowId: PLANTED_WORKFLOW,
    taskQueue: 'unserved',
    args: [PLANTED],
    memo: { planted: PLANTED },
    typedSearchAttributes: [{ key: defineSearchAttributeKey('Step', SearchAttributeType.KEYWORD), value: PLANTED }],
  });
}

/** Succeeds, though each vendor first refuses what carries secrets and repeats it. */
async function liveJob(): Promise<void> {
  const spec = planted('live', 'basic');
  engine.sandbox.setFaults(echoes(spec).map((echo) => ({ ...echo, times: 1 })));
  await run(spec, 'succeeded');
  noteIdleEchoes();
}

/** Rolled back after a refusal of its last steps that repeats what they sent. */
async function failedJob(): Promise<void> {
  const spec = { ...planted('failed', 'oauth2'), onFailure: 'rollback' as const };
  engine.sandbox.setFaults(echoes(spec, 400).filter(({ match }) => match?.resource === 'account'));
  await run(spec, 'rolled-back');
  noteIdleEchoes();
}

/** Held by a refusal, tried again with a corrected spec, cancelled. */
async function heldJob(): Promise<void> {
  const spec = planted('held', 'basic');
  const id = accountId(spec);
  engine.sandbox.setFaults(echoes(spec, 400).filter(({ match }) => match?.resource === 'webhook'));
  await run(spec, 'held');
  const corrected = document(engine, { ...spec, labels: { corrected: 'yes' } });
  await ask('POST', `/v1/onboardings/${id}/retry`, { reason: 'corrected', spec: corrected });
  await until(
    () =>
      engine.sandbox.state({ objects: false }).ledger.filter(({ fault }) => fault !== null).length > 1
        ? true
        : undefined,
    'the retry to be refused too',
  );
  await api.reached(id, 'held');
  await ask('POST', `/v1/onboardings/${id}/cancel`, { reason: 'not wanted any more' });
  await lookAt(id, 'cancelled');
}

/** The credentials of the connections are refused by answers that repeat them. */
async function refusedCredentials(): Promise<void> {
  const spec = { ...planted('refused', 'oauth2'), onFailure: 'rollback' as const };
  const refusal = (vendor: string, said: string): Fault => ({
    match: { vendor, operation: 'token' },
    effect: { kind: 'status', status: 401, body: { error: 'invalid_client', error_description: said } },
  });
  engine.sandbox.revokeTokens();
  engine.sandbox.setFaults([
    refusal('egain', `no such client with ${OPERATOR_SECRETS['eGain client secret']}`),
    refusal('sinch', `no such key with ${OPERATOR_SECRETS['Sinch key secret']}`),
  ]);
  await run(spec, 'rolled-back');
  noteIdleEchoes();
}

/** A vendor refuses its own token, and repeats the header that carried it. */
async function refusedToken(): Promise<void> {
  const spec = { ...planted('token', 'oauth2'), onFailure: 'rollback' as const };
  const message = `not allowed: Authorization: Bearer ${TOKEN['access token']}, sent by the engine`;
  engine.sandbox.setFaults([
    {
      match: { vendor: 'sinch', operation: 'token' },
      effect: { kind: 'status', status: 200, body: { access_token: TOKEN['access token'], expires_in: 3600 } },
    },
    // The worker has a token already: this has it ask for another.
    { match: { vendor: 'sinch' }, times: 1, effect: { kind: 'status', status: 401, body: {} } },
    {
      match: { vendor: 'sinch' },
      effect: { kind: 'status', status: 403, body: { error: { code: 403, status: 'PERMISSION_DENIED', message } } },
    },
  ]);
  await run(spec, 'rolled-back');
  noteIdleEchoes();
}

async function preview(): Promise<void> {
  const body = document(engine, planted('preview', 'basic'));
  expect((await ask('POST', '/v1/plans', body)).status).toBe(200);
  expect((await ask('POST', '/v1/plans?offline=true', body)).status).toBe(200);
  const wrong = { ...body, onFailure: 'panic', sinch: { ...(body['sinch'] as JsonObject), token: TOKEN } };
  expect((await ask('POST', '/v1/onboardings', wrong)).status).toBe(400);
}

/** A spec with canaries in a sandbox of its own; from here on they are searched for. */
function planted(account: string, variant: 'basic' | 'oauth2'): OnboardingSpec {
  engine.sandbox.reset();
  const { spec, canaries } = canarySpec(variant);
  const keys = Object.values(canaries).filter((canary) => canary.startsWith('whsec_'));
  const inner = keys.map((key) => [`key of ${key}`, Buffer.from(key.slice('whsec_'.length), 'base64').toString()]);
  secrets = {
    ...secrets,
    ...Object.fromEntries(Object.entries(canaries).map(([at, canary]) => [`${at} (${variant})`, canary])),
    ...(Object.fromEntries(inner) as Record<string, string>),
  };
  const notify = spec.notify.map((each) => ({ ...each, url: `${receiver.url}/hook` }));
  return { ...spec, notify, tenant: TENANT, account };
}

async function run(spec: OnboardingSpec, status: JobStatus): Promise<void> {
  const started = await ask('POST', '/v1/onboardings', document(engine, spec));
  expect(started.status, JSON.stringify(started.body)).toBe(202);
  await lookAt(accountId(spec), status);
}

/** Waits for a status and keeps all that the API tells about the job. */
async function lookAt(id: string, status: JobStatus): Promise<void> {
  // A job is still held when its cancellation was just accepted: no end to give up at.
  const others: JobStatus[] = status === 'cancelled' ? [] : ['held'];
  const { status: reached, reason } = await api.reached(id, status, 'succeeded', 'rolled-back', ...others);
  expect(reached, reason ?? '').toBe(status);
  await ask('GET', `/v1/onboardings/${id}`);
  await ask('GET', `/v1/accounts/${id}`);
  const events = await api.stream(`/v1/onboardings/${id}/events`, {
    enough: (all) => all.at(-1)?.data['status'] === status,
  });
  answers.push(textPlace(`events of ${id}`, JSON.stringify(events)));
}

async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const answer = await api.call(method, path, body === undefined ? {} : { body });
  answers.push(textPlace(`${method} ${path}`, JSON.stringify([answer.body, ...answer.headers])));
  return answer;
}

/** The accounts of which a receiver was told under the signing secret of their specs. */
function signedWith(known: Readonly<Record<string, string>>): Set<string> {
  const keys = Object.values(known).filter((secret) => secret.startsWith('whsec_'));
  const told = receiver.got.filter(({ body, headers }) =>
    keys.some((key) => verifies(key, body, headers as Record<string, string>)),
  );
  return new Set(told.map(({ body }) => (JSON.parse(body) as { data: { id: string } }).data.id));
}

function verifies(key: string, body: string, headers: Record<string, string>): boolean {
  try {
    new Webhook(key).verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

/** For each part of a spec that carries secrets: the vendor's refusal, which repeats that part. */
function echoes({ egain, sinch }: OnboardingSpec, status = 503): Fault[] {
  const fault = (vendor: string, resource: string, part: unknown): Fault[] => {
    const bodyContains = canariesIn(part)[0];
    if (bodyContains === undefined) return [];
    const said = `refused: ${canariesIn(part).join(' ')} in ${JSON.stringify(part)}`;
    const body =
      vendor === 'egain'
        ? { code: `${status}-152`, developerMessage: said, details: [{ path: said }], request: part }
        : { error: { code: status, status: 'REFUSED', message: said, details: [part] } };
    return [
      { match: { vendor, resource, operation: 'create', bodyContains }, effect: { kind: 'status', status, body } },
    ];
  };
  return [
    ...fault('egain', 'authentication', egain?.authentication),
    ...fault('egain', 'clientApplication', egain?.clientApplication),
    ...fault('egain', 'clientApplication', egain?.bot?.clientApplication),
    ...(egain?.channels ?? []).flatMap(({ account }) => fault('egain', 'account', account)),
    ...fault('sinch', 'app', sinch?.app),
    ...(sinch?.webhooks ?? []).flatMap((webhook) => fault('sinch', 'webhook', webhook)),
  ];
}

function canariesIn(part: unknown): string[] {
  return [...JSON.stringify(part ?? null).matchAll(/canary-\d+-[a-z0-9]+-kF7sQ2xV9/g)].map(([canary]) => canary);
}

/** A rule that no call has met waits for something that no vendor got. */
function noteIdleEchoes(): void {
  const idle = engine.sandbox.faults().filter(({ hits }) => hits === 0);
  idleEchoes.push(...idle.map(({ match }) => JSON.stringify(match)));
}
