import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import { startApi, type ApiUnderTest } from '#test/support/api.js';
import { startEngine, type Engine } from '#test/support/engine.js';
import { onboardFleet, type Fleet } from '#test/support/fleet.js';
import { until } from '#test/support/until.js';
import { minimalEgainSpec } from '#test/factories/index.js';

let engine: Engine;
let api: ApiUnderTest;
let fleet: Fleet;

beforeAll(async () => {
  const reconciliation = { stopCount: 50, orphanAge: '0s' };
  engine = await startEngine(inject('temporal'), { giveUpAfterMs: 2_000, reconciliation });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
});
beforeEach(async () => {
  engine.sandbox.reset();
  fleet = await onboardFleet(engine, 1);
});
afterEach(() => fleet.close());

const isWrite = ({ operation }: { operation: string }): boolean => ['create', 'update', 'delete'].includes(operation);

/** Makes an object the orphan of an account that is not there. Returns the object's id. */
function abandon(): string {
  const [id = ''] = fleet.abandon('account', 'egain.account.custom.acme', 1);
  return id;
}

it('are left by a run that observes, whatever it is asked for besides', async () => {
  const id = abandon();
  const seq = fleet.seq();
  const report = await fleet.run({ mode: 'observe', removeOrphans: true });
  expect(report.orphans).toMatchObject([{ externalId: id, removed: false }]);
  expect(fleet.calls(seq).filter(isWrite)).toEqual([]);
});

describe('the lock under which they are removed', () => {
  const lock = (): string => `${fleet.tenant}.gone`;
  const lockStatus = async (): Promise<string | undefined> => {
    const handle = engine.client.workflow.getHandle(`account/${lock()}`);
    return handle.describe().then(
      ({ status }) => status.name,
      () => undefined,
    );
  };

  it('is no account to anybody while it is held: not by its id, not in the list, not for a change', async () => {
    abandon();
    const run = await fleet.start({ mode: 'repair', removeOrphans: true });
    await until(async () => ((await lockStatus()) === 'RUNNING' ? true : undefined), 'the lock to be taken');
    const read = await api.call('GET', `/v1/accounts/${lock()}`);
    const progress = await api.call('GET', `/v1/onboardings/${lock()}`);
    const cancelled = await api.call('POST', `/v1/onboardings/${lock()}/cancel`, { body: { reason: 'a test' } });
    const removed = await api.call('DELETE', `/v1/accounts/${lock()}`);
    const spec = { ...minimalEgainSpec({ tenant: fleet.tenant, account: 'gone' }), connections: fleetConnections() };
    const started = await api.call('POST', '/v1/onboardings', { body: spec });
    const { items } = (await api.call('GET', `/v1/accounts?tenant=${fleet.tenant}`)).body;
    expect(await lockStatus(), 'all was asked while it was held').toBe('RUNNING');
    const statuses = [read, progress, cancelled, removed].map(({ status }) => status);
    expect(statuses, 'read, progress, a command, a removal').toEqual([404, 404, 404, 404]);
    expect((items as JsonObject[]).map(({ id }) => id)).not.toContain(lock());
    expect([started.status, started.body['type']]).toEqual([
      409,
      'https://gangway.dev/problems/onboarding-in-progress',
    ]);
    expect(started.body['detail']).toContain('are being removed');
    await run.result();
    expect(await lockStatus()).toBe('COMPLETED');
    const after = await api.call('POST', '/v1/onboardings', { body: spec });
    expect(after.status, 'the id is free again').toBe(202);
    await until(async () => {
      const { body } = await api.call('GET', `/v1/accounts/${lock()}`);
      return body['state'] === 'live' ? true : undefined;
    }, 'the new account to be live');
    await engine.client.workflow.getHandle(`account/${lock()}`).terminate('the test is over');
  });

  it('that somebody terminated is no account that was cut off: the next run removes what it left', async () => {
    const id = abandon();
    const run = await fleet.start({ mode: 'repair', removeOrphans: true });
    await until(async () => ((await lockStatus()) === 'RUNNING' ? true : undefined), 'the lock to be taken');
    await engine.client.workflow.getHandle(`account/${lock()}`).terminate('by a person');
    await engine.client.workflow
      .getHandle(`operation/${lock()}`)
      .terminate('by a person')
      .catch(() => undefined);
    expect(await run.result()).toMatchObject({ orphans: [{ externalId: id, removed: false }] });
    expect((await api.call('GET', `/v1/accounts/${lock()}`)).status).toBe(404);
    const next = await fleet.run({ mode: 'repair', removeOrphans: true });
    expect(next).toMatchObject({ orphans: [{ externalId: id, removed: true }], counts: { interrupted: 0 } });
  });
});

function fleetConnections(): Record<string, string> {
  const { egain = '' } = fleet.jobs[0]?.plan.spec['connections'] as Record<string, string>;
  return { egain };
}
