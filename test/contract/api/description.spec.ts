import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { renderDescription } from '#apps/api/src/openapi/render.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';

const committed = readFileSync(new URL('../../../apps/api/openapi.json', import.meta.url), 'utf8');
const description = JSON.parse(committed) as { openapi: string; components: { schemas: Record<string, object> } };

let engine: Engine;
let api: ApiUnderTest;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'));
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});

function validator(name: string): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'api', components: description.components });
  return ajv.compile({ $ref: `api#/components/schemas/${name}` });
}

function faults(name: string, value: unknown): unknown {
  const validate = validator(name);
  return validate(value) ? [] : validate.errors;
}

describe('the API description', () => {
  it('is what the sources describe: else run `npm run openapi` and commit it', async () => {
    expect(await renderDescription()).toBe(committed);
  });

  it('is served, in version 3.1', async () => {
    const { body } = await api.call('GET', '/openapi.json');
    expect(body).toEqual(description);
    expect(description.openapi).toBe('3.1.0');
  });

  it.each(Object.keys(description.components.schemas))('has a sound schema %s', (name) => {
    expect(validator(name)).toBeTypeOf('function');
  });

  it('fits what is sent and answered', async () => {
    const spec = document(engine, minimalEgainSpec({ tenant: 'described', account: 'support' }));
    expect(faults('StartOnboarding', { ...spec, planHash: 'x' })).toEqual([]);
    expect(faults('StartOnboarding', { ...spec, more: 1 })).not.toEqual([]);
    expect(
      faults('StepError', { code: 'UNKNOWN', message: '', httpStatus: 503, vendorCode: null, retryAt: null }),
    ).not.toEqual([]);
    expect(faults('Plan', (await api.call('POST', '/v1/plans', { body: spec })).body)).toEqual([]);
    expect(faults('StartedJob', (await api.start(spec)).body)).toEqual([]);
    expect(faults('Progress', await api.reached('described.support', 'succeeded'))).toEqual([]);
    expect(faults('JobPage', (await api.call('GET', '/v1/onboardings')).body)).toEqual([]);
    expect(faults('Account', (await api.call('GET', '/v1/accounts/described.support')).body)).toEqual([]);
    expect(faults('AccountPage', (await api.call('GET', '/v1/accounts')).body)).toEqual([]);
    expect(faults('Problem', (await api.start({})).body)).toEqual([]);
    const events = await api.stream('/v1/onboardings/described.support/events');
    for (const { event, id } of events) expect(faults('ServerSentEvent', { event, id, data: '{}' })).toEqual([]);
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['started', 'step', 'closed']));
  });
});
