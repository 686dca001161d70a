import '#test/fourth-vendor/register.js';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import { runCli } from '#apps/cli/src/program.js';
import { createApiClient } from '#apps/cli/src/api/client.js';
import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { PARLEY_TIMES, parleySpec } from '#test/fourth-vendor/story.js';
import { document, KEY, startApi, type ApiUnderTest } from '#test/support/api.js';
import { describedBy } from '#test/support/described.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { until } from '#test/support/until.js';

let engine: Engine;
let api: ApiUnderTest;
let count = 0;
let spec: OnboardingSpec;
let id: string;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), {
    ...PARLEY_TIMES,
    timeoutMs: 800,
    settleMs: [20, 40],
    giveUpAfterMs: 2_500,
  });
  api = await startApi(engine);
  describedBy((await api.call('GET', '/openapi.json')).body);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
afterEach(() => {
  engine.sandbox.setFaults([]);
});

function begin(change: Partial<OnboardingSpec> = {}): void {
  count += 1;
  engine.sandbox.reset();
  spec = parleySpec({ tenant: `parley${count}`, ...change });
  id = `${spec.tenant}.${spec.account}`;
}

async function start(): Promise<void> {
  expect((await api.start(document(engine, spec))).status).toBe(202);
}

function held(): Record<string, JsonObject[]> {
  return engine.sandbox.state({ ledger: false }).objects['parley'] ?? {};
}

/** Waits until a person is asked for this, and returns what is asked. */
async function asked(kind: string): Promise<JsonObject> {
  return until(async () => {
    const { status, body } = await api.call('GET', `/v1/onboardings/${id}/handoff`);
    return status === 200 && body['kind'] === kind ? body : undefined;
  }, `a person to be asked to ${kind}`);
}

/** What a person does at the desk of Parley: makes the badge, and knows its word. */
function makeBadge(): { passport: string; watchword: string } {
  const [passport = ''] = engine.sandbox.insert('parley', 'badge', [{ name: 'acme-badge', watchword: 'open-sesame' }]);
  return { passport, watchword: 'open-sesame' };
}

async function answer(body: JsonObject): Promise<number> {
  return (await api.call('POST', `/v1/onboardings/${id}/handoff`, { body })).status;
}

async function cli(...args: string[]): Promise<string> {
  let out = '';
  await runCli(args, {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (out += text) },
    stdin: process.stdin,
    client: () => createApiClient({ url: api.url, token: KEY }),
    signal: new AbortController().signal,
  });
  return out;
}

describe('an account at a vendor that only its module and its twin know', () => {
  it('is onboarded with a person, who hands back values of the vendor’s own names, and is shown', async () => {
    begin();
    await start();
    const task = await asked('install');
    expect(task['returns']).toEqual([
      { name: 'passport', secret: true },
      { name: 'watchword', secret: true },
    ]);
    expect(task['instruction']).toContain('at the office north');
    expect(await cli('handoff', id)).toContain('passport and watchword');
    expect(await answer({ clientId: 'a', clientSecret: 'b' })).toBe(409);
    const right = makeBadge();
    expect(await answer({ ...right, watchword: 'wrong' })).toBe(202);
    await until(async () => {
      const { steps } = await api.progress(id);
      return steps[2]?.lastError ? true : undefined;
    }, 'the wrong word to be found');
    expect(await answer(right)).toBe(202);
    const done = await api.reached(id, 'succeeded', 'rolled-back');
    expect(done).toMatchObject({ status: 'succeeded', percent: 100 });
    const [brand] = held()['brand'] ?? [];
    expect(held()).toMatchObject({
      brand: [{ name: 'Acme' }],
      line: [{ name: 'acme-desk', greeting: 'Good day', brand: brand?.['id'] }],
      badge: [{ id: right.passport }],
    });
    const shown = await cli('status', id);
    expect(shown).toMatch(/parley\.line +done/);
    expect(shown).not.toContain('open-sesame');
    const { body } = await api.call('GET', `/v1/accounts/${id}/credentials`);
    expect(body).toMatchObject({ items: [{ key: 'parley.badge', vendor: 'parley', values: right }] });
  });

  it('uses a brand that stands, and leaves it when the person refuses', async () => {
    begin();
    const [brand] = engine.sandbox.insert('parley', 'brand', [{ name: 'Acme' }]);
    await start();
    await asked('install');
    expect(held()['line']).toMatchObject([{ brand }]);
    expect(await answer({ rejected: 'no badges here' })).toBe(202);
    expect((await api.reached(id, 'rejected', 'rollback-incomplete')).status).toBe('rejected');
    expect(held()).toMatchObject({ brand: [{ id: brand, name: 'Acme' }], line: [], badge: [] });
  });
});

const create = { vendor: 'parley', resource: 'line', operation: 'create' } as const;

describe('faults of its calls', () => {
  it.each<{ reason: string; rule: FaultRuleInput }>([
    {
      reason: 'a create that is refused for a while',
      rule: { match: create, nth: 1, effect: { kind: 'status', status: 503 } },
    },
    { reason: 'a create that never arrived', rule: { match: create, nth: 1, effect: { kind: 'reset-before' } } },
    { reason: 'a create whose answer was lost', rule: { match: create, nth: 1, effect: { kind: 'reset-after' } } },
    { reason: 'a limit', rule: { match: create, nth: 1, effect: { kind: 'status', status: 429 } } },
    {
      reason: 'a list that fails once',
      rule: { match: { ...create, operation: 'list' }, nth: 1, effect: { kind: 'status', status: 503 } },
    },
  ])('that pass leave one object each: $reason', async ({ rule }) => {
    begin();
    engine.sandbox.setFaults([rule]);
    await start();
    await asked('install');
    expect(held()['line']).toHaveLength(1);
    expect(held()['brand']).toHaveLength(1);
    await answer({ rejected: 'enough' });
    expect((await api.reached(id, 'rejected', 'rollback-incomplete')).status).toBe('rejected');
    expect(held()).toEqual({ brand: [], line: [], badge: [] });
  });

  it.each<{ reason: string; effect: FaultRuleInput['effect'] }>([
    { reason: 'refused for good', effect: { kind: 'status', status: 400 } },
    { reason: 'never available', effect: { kind: 'status', status: 503 } },
    { reason: 'its answers are lost for ever', effect: { kind: 'reset-after' } },
  ])('that stay undo everything: $reason', async ({ effect }) => {
    begin();
    engine.sandbox.setFaults([{ match: create, effect }]);
    await start();
    const ended = await until(async () => {
      const { status } = await api.progress(id);
      return ['rolled-back', 'rollback-incomplete'].includes(status)
        ? status
        : status === 'waiting'
          ? 'asked'
          : undefined;
    }, 'the job to end or to ask');
    if (effect.kind === 'reset-after') {
      // What was made is found by its marker, so that the job goes on.
      expect(ended).toBe('asked');
      expect(held()['line']).toHaveLength(1);
      await answer({ rejected: 'enough' });
      await api.reached(id, 'rejected');
    } else {
      expect(ended).toBe('rolled-back');
    }
    expect(held()).toEqual({ brand: [], line: [], badge: [] });
  });
});
