import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Scope } from '#libs/config/api-keys.js';
import type { JsonObject, OnboardingSpec, Progress } from '#libs/contracts/index.js';
import { minimalEgainSpec } from '#test/factories/index.js';
import { document, KEY, openTo, startApi, type ApiUnderTest } from '#test/support/api.js';
import { ownedAtVendors, startEngine, type Engine, type Job } from '#test/support/engine.js';
import { editConnections } from '#test/support/sandbox.js';

/** What only somebody else may have: it must be in nothing that acme made, or was told. */
const THEIRS = 'canary-of-others-hub-password';

let engine: Engine;
let api: ApiUnderTest;
/** May do everything but take over. */
let narrow: ApiUnderTest;
let count = 0;
let acme = '';

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 500 });
  api = await startApi(engine);
  const scopes: Scope[] = ['onboardings:read', 'onboardings:write', 'onboardings:control'];
  narrow = await startApi(engine, openTo(KEY, 'narrow', { scopes }));
});
afterAll(async () => {
  await narrow.close();
  await api.close();
  await engine.stop();
});
beforeEach(() => {
  engine.sandbox.reset();
  engine.sandbox.setFaults([]);
  count += 1;
  acme = `adopt${count}`;
});

function specOf(change: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return minimalEgainSpec({ tenant: acme, account: 'support', adopt: ['egain.clientApplication'], ...change });
}

const adopting = (change: Partial<OnboardingSpec> = {}): JsonObject => document(engine, specOf(change));

/** A client application of somebody whom nobody knows, under the name that the account would give it. */
function standing(role: JsonObject = {}): string {
  const planned = engine.plan(specOf()).nodes.find(({ key }) => key === 'egain.clientApplication');
  const [id = ''] = engine.sandbox.insert('egain', 'clientApplication', [
    {
      name: planned?.body['name'] ?? '',
      active: true,
      roles: [
        {
          name: 'customer',
          version: 'v3',
          callback: 'https://others.example/egain',
          notificationEmail: 'ops@others.example',
          ...role,
        },
      ],
    },
  ]);
  return id;
}

function applications(): JsonObject[] {
  return engine.sandbox.state({ ledger: false }).objects['egain']?.['clientApplication'] ?? [];
}

function allow(adopt: boolean): void {
  editConnections(engine.environment['GANGWAY_CONNECTIONS'] ?? '', ({ connections }) => {
    for (const connection of Object.values(connections)) connection.adopt = adopt;
  });
}

function endOf(job: Job): Promise<Progress> {
  return api.reached(job.id, 'succeeded', 'rolled-back', 'held');
}

describe('taking over what others made', () => {
  it.each(['/v1/onboardings', '/v1/plans?offline=true'])('needs a scope of its own: POST %s', async (path) => {
    const { status, body } = await narrow.call('POST', path, { body: adopting() });
    expect([status, body['type'], body['scope']]).toEqual([
      403,
      'https://gangway.dev/problems/missing-scope',
      'onboardings:adopt',
    ]);
    const plain = await narrow.call('POST', path, { body: adopting({ adopt: false }) });
    expect(plain.status).toBeLessThan(300);
    if (plain.status === 202) await api.reached(`${acme}.support`, 'succeeded');
  });

  it('is refused where the connection does not allow it, whatever the scope', async () => {
    allow(false);
    const { status, body } = await api.start(adopting({ adopt: true }));
    allow(true);
    expect(status).toBe(400);
    expect(body['errors']).toEqual([
      {
        pointer: '/adopt',
        message: expect.stringMatching(/^asks to take over objects on \S+egain-main, where/) as string,
      },
    ]);
  });

  it('is not asked for again of what the account takes over already', async () => {
    const id = standing();
    await api.start(adopting());
    await api.reached(`${acme}.support`, 'succeeded');
    const again = await narrow.start(adopting());
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    const more = await narrow.start(adopting({ adopt: true }));
    expect([more.status, more.body['scope']]).toEqual([403, 'onboardings:adopt']);
    allow(false);
    const allowed = await api.start(adopting());
    allow(true);
    expect(allowed.status).toBe(202);
    const account = await api.call('GET', `/v1/accounts/${acme}.support`);
    expect(account.body['resources']).toContainEqual(
      expect.objectContaining({ key: 'egain.clientApplication', origin: 'adopted', externalId: id }),
    );
  });

  describe('with another callback', () => {
    /** What eGain sends to the callback of a role, of others. */
    function credentials(): JsonObject {
      const [id = ''] = engine.sandbox.insert('egain', 'authentication', [
        { name: 'of-others', type: 'basic', active: true, basicAuth: { username: 'others', password: THEIRS } },
      ]);
      return { headers: [{ name: 'X-Key', value: THEIRS }], authentication: { id } };
    }
    const application = (id: string): JsonObject | undefined => applications().find((object) => object['id'] === id);

    it('sends nothing to it that was set for the former one, and puts all of it back', async () => {
      const id = standing(credentials());
      const before = application(id);
      engine.sandbox.setFaults([
        {
          match: { vendor: 'egain', resource: 'account', operation: 'create' },
          effect: { kind: 'status', status: 400 },
        },
      ]);
      const job = await engine.start(specOf({ onFailure: 'hold' }));
      expect((await endOf(job)).status).toBe('held');
      const [role] = application(id)?.['roles'] as JsonObject[];
      expect(role).toMatchObject({ callback: 'https://acme.example/egain/customer' });
      expect(role).not.toHaveProperty('headers');
      expect(role).not.toHaveProperty('authentication');
      await job.command('rollback');
      await api.reached(job.id, 'rolled-back');
      const { modified: _then, ...former } = before ?? {};
      const { modified: _now, ...after } = application(id) ?? {};
      expect(after).toEqual(former);
    });

    it.each(['masked', 'absent'] as const)(
      'is a conflict where the vendor shows them %s, before anything is written',
      async (secrets) => {
        const id = standing(credentials());
        const before = application(id);
        engine.sandbox.setKnobs({ egain: { secrets } });
        try {
          const { body } = await api.call('POST', '/v1/plans', { body: adopting() });
          expect(body['conflicts']).toMatchObject([{ key: 'egain.clientApplication', externalId: id }]);
          const job = await engine.start(specOf());
          const ended = await endOf(job);
          expect(ended.status).toBe('rolled-back');
          expect(ended.reason).toContain('the callback of its role customer cannot be changed');
          const changes = engine.sandbox.state({ objects: false }).ledger.filter(({ method }) => method !== 'GET');
          expect(changes.filter(({ operation }) => operation !== 'token')).toEqual([]);
          expect(application(id)).toEqual(before);
        } finally {
          engine.sandbox.setKnobs({ egain: { secrets: 'clear' } });
        }
      },
    );
  });

  it('is judged by the worker too: nothing is written where the connection does not allow it', async () => {
    standing();
    allow(false);
    const before = applications();
    const job = await engine.start(specOf({ adopt: true }));
    const ended = await endOf(job);
    allow(true);
    expect(ended.status).toBe('rolled-back');
    expect(ended.reason).toContain('stands already');
    expect(applications()).toEqual(before);
    expect(ownedAtVendors(engine.sandbox, job.id)).toEqual([]);
  });
});
