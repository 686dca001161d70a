import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { livepersonSpec } from '#test/factories/index.js';
import { document, KEY, openTo, startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { personOver, type Person } from '#test/support/person.js';

const description = JSON.parse(readFileSync(new URL('../../../apps/api/openapi.json', import.meta.url), 'utf8')) as {
  components: object;
};
const ID = 'handoff-api.lp';

let engine: Engine;
let api: ApiUnderTest;
/** May read and start, and neither steer nor read credentials. */
let narrow: ApiUnderTest;
/** May do all of it for another tenant. */
let other: ApiUnderTest;
let person: Person;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { liveperson: true });
  api = await startApi(engine);
  narrow = await startApi(
    engine,
    openTo(KEY, 'narrow', { scopes: ['onboardings:read', 'onboardings:write', 'accounts:read'] }),
  );
  other = await startApi(engine, openTo(KEY, 'other', { tenants: ['somebody-else'] }));
  person = personOver(engine, api);
  const spec = livepersonSpec({ tenant: 'handoff-api', connections: { liveperson: 'liveperson-handoff' } });
  expect((await api.start(document(engine, spec))).status).toBe(202);
  await person.asked(ID, /Install/);
});
afterAll(async () => {
  await Promise.all([api, narrow, other].map((each) => each.close()));
  await engine.stop();
});

function faults(name: string, value: unknown): unknown {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', components: description.components });
  const validate = ajv.compile({ $ref: `api#/components/schemas/${name}` });
  return validate(value) ? [] : validate.errors;
}

const HANDOFF = `/v1/onboardings/${ID}/handoff`;
const CREDENTIALS = `/v1/accounts/${ID}/credentials`;

describe('hand-offs and credentials', () => {
  it.each([
    ['GET', HANDOFF, 'onboardings:control'],
    ['POST', HANDOFF, 'onboardings:control'],
    ['GET', CREDENTIALS, 'credentials:read'],
  ])('%s %s needs a scope of its own, and another tenant’s look absent', async (method, path, scope) => {
    const options = method === 'POST' ? { body: { rejected: 'not mine' } } : {};
    const refused = await narrow.call(method, path, options);
    expect([refused.status, refused.body['scope']]).toEqual([403, scope]);
    expect((await other.call(method, path, options)).status).toBe(404);
    expect((await api.call(method, path, { ...options, key: null })).status).toBe(401);
    expect((await api.progress(ID)).status).toBe('waiting');
  });

  it('are not given out by HEAD, which leaves no trace', async () => {
    const looked = await fetch(`${api.url}${HANDOFF}`, { method: 'HEAD', headers: { authorization: `Bearer ${KEY}` } });
    expect([looked.status, await looked.text()]).toEqual([200, '']);
    const { events } = await engine.client.workflow.getHandle(`operation/${ID}`).fetchHistory();
    expect((events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes)).toEqual([]);
  });

  it('are what the description says', async () => {
    expect(faults('Progress', await api.progress(ID))).toEqual([]);
    const { body } = await person.fetch(ID);
    expect(faults('Handoff', body)).toEqual([]);
    expect((await person.fetch(ID)).body['fetchedAt']).not.toBeNull();
    const app = await person.install('87654321', typeof body['manifest'] === 'string' ? body['manifest'] : '');
    expect(faults('AnswerHandoff', app)).toEqual([]);
    expect(faults('AnswerHandoff', { ...app, more: 1 })).not.toEqual([]);
    expect((await api.call('GET', CREDENTIALS)).body).toEqual({ id: ID, items: [] });
    const answered = await person.answer(ID, app);
    expect(faults('CommandAccepted', answered.body)).toEqual([]);
    await api.reached(ID, 'succeeded');
    const credentials = await api.call('GET', CREDENTIALS);
    expect(faults('Credentials', credentials.body)).toEqual([]);
    expect(credentials.body['items']).toHaveLength(1);
    const account = await api.call('GET', `/v1/accounts/${ID}`);
    expect(faults('Account', account.body)).toEqual([]);
    expect(JSON.stringify(account.body)).not.toContain(app.clientSecret);
  });

  it('of an account that is not there are not found', async () => {
    expect((await api.call('GET', '/v1/accounts/handoff-api.nobody/credentials')).status).toBe(404);
    expect((await api.call('GET', '/v1/onboardings/handoff-api.nobody/handoff')).status).toBe(404);
  });
});
