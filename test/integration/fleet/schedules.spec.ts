import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reconciliationWorkflowId, type JsonObject } from '#libs/contracts/index.js';
import { clockChanges, nextTimes, readCron } from '#libs/schedules/index.js';
import { openTo, startApi, type Answer, type ApiUnderTest } from '../../support/api.js';
import { startEngine, type Engine } from '../../support/engine.js';
import { until } from '../../support/until.js';

const DAY_MS = 86_400_000;
const ACME = 'gwk_schedules-of-acme';
const GLOBEX = 'gwk_schedules-of-globex';
const SCOPES = ['reconciliations:run', 'reconciliations:read'] as const;

// No worker: runs begin, and stay under way until a test ends them.
let engine: Engine;
let api: ApiUnderTest;
const made = new Set<string>();

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  const all = openTo('gwk_test-key-of-the-contract-tests', 'operator').apiKeys;
  const acme = openTo(ACME, 'acme-ci', { tenants: ['acme'], scopes: [...SCOPES] }).apiKeys;
  const globex = openTo(GLOBEX, 'globex-ci', { tenants: ['globex'], scopes: [...SCOPES] }).apiKeys;
  api = await startApi(engine, { apiKeys: [...all, ...acme, ...globex] });
});
afterAll(async () => {
  for (const name of made) await api.call('DELETE', address(name));
  for await (const run of engine.client.workflow.list({ query: "WorkflowType = 'reconcileFleet'" })) {
    const { name } = run.status;
    if (name === 'RUNNING')
      await engine.client.workflow.getHandle(run.workflowId, run.runId).terminate('the test is over');
  }
  await api.close();
  await engine.stop();
});

function address(name: string): string {
  return `/v1/reconciliation-schedules/${name}`;
}

/** A name of its own: schedules outlive a test file, and names are global. */
function newName(): string {
  const name = `test-${randomUUID().slice(0, 8)}`;
  made.add(name);
  return name;
}

function set(name: string, body: JsonObject, key?: string): Promise<Answer> {
  return api.call('PUT', address(name), { body, ...(key === undefined ? {} : { key }) });
}

async function read(name: string): Promise<JsonObject> {
  const { status, body } = await api.call('GET', address(name));
  expect([status, body['name']]).toEqual([200, name]);
  return body;
}

/** Waits until Temporal has started runs of a schedule. Returns their ids, latest first. */
function runsOf(name: string, count = 1): Promise<string[]> {
  return until(async () => {
    const { lastRuns } = (await read(name)) as { lastRuns: { id: string }[] };
    return lastRuns.length >= count ? lastRuns.map(({ id }) => id) : undefined;
  }, `${count} runs of ${name}`);
}

describe('a schedule', () => {
  it('is made, and told with everything that was asked for and who asked', async () => {
    const name = newName();
    const body = { cron: '30 3 * * mon-fri', timezone: 'Europe/Berlin', jitter: '5m', mode: 'repair', tenant: 'acme' };
    const {
      status,
      headers,
      body: answer,
    } = await set(name, { ...body, chain: 'egain', removeOrphans: true, maxRepairs: 7 });
    expect([status, headers.get('location')]).toEqual([201, address(name)]);
    expect(answer).toMatchObject({ name, ...body, chain: 'egain', removeOrphans: true, maxRepairs: 7, paused: false });
    expect(answer).toMatchObject({ by: 'operator', lastRuns: [], skippedOverlap: 0, missedCatchup: 0, overdue: false });
    expect(answer['nextRuns']).toHaveLength(5);
    expect(await read(name)).toEqual(answer);
    const { policies } = await engine.client.schedule.getHandle(reconciliationWorkflowId(name)).describe();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 600_000 });
  });

  it('is set anew as a whole: what is left out is as if it had never been there', async () => {
    const name = newName();
    await set(name, { cron: '0 3 * * *', mode: 'repair', paused: true, maxRepairs: 3, jitter: '1m' });
    const { status, body } = await set(name, { every: '5m', mode: 'observe' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ every: '5m', mode: 'observe', paused: false, removeOrphans: false });
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['cron']));
    for (const gone of ['cron', 'jitter', 'maxRepairs']) expect(body).not.toHaveProperty(gone);
    const { policies } = await engine.client.schedule.getHandle(reconciliationWorkflowId(name)).describe();
    expect(policies.catchupWindow, 'the period, where that is shorter than ten minutes').toBe(300_000);
  });

  it('has no next run while it is paused, and some again afterwards', async () => {
    const name = newName();
    const paused = await set(name, { every: '1h', mode: 'observe', paused: true });
    expect(paused.body).toMatchObject({ paused: true, nextRuns: [], overdue: false });
    const listed = await until(async () => {
      const { body } = await api.call('GET', '/v1/reconciliation-schedules?limit=200');
      return (body['items'] as JsonObject[]).find((item) => item['name'] === name);
    }, `${name} in the list`);
    expect(listed).toMatchObject({ every: '1h', timezone: 'UTC', mode: 'observe', paused: true, nextRun: null });
    expect((await set(name, { every: '1h', mode: 'observe' })).body['nextRuns']).toHaveLength(5);
  });

  it('starts runs that know what they are for, under ids with a time stamp, and skips while one is under way', async () => {
    const name = newName();
    await set(name, { every: '1s', mode: 'observe', tenant: 'acme' });
    const [id = ''] = await runsOf(name);
    expect(id).toMatch(new RegExp(`^${name}-\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`));
    const skipped = await until(async () => {
      const body = await read(name);
      return Number(body['skippedOverlap']) > 0 && body['overdue'] === true ? body : undefined;
    }, 'a time to be skipped, and the schedule to be overdue');
    expect(skipped['lastRuns'], 'one alone: the others are skipped').toMatchObject([{ id, status: 'running' }]);
    // Decoded under its own id: the payloads were written under the one without the time.
    const { body: run } = await api.call('GET', `/v1/reconciliations/${id}`);
    expect(run).toMatchObject({
      id,
      schedule: name,
      by: 'operator',
      mode: 'observe',
      tenant: 'acme',
      status: 'running',
    });
    expect(run['reason'], 'no worker answers').toContain('No worker');
    expect((await api.call('GET', `/v1/reconciliations/reconciliation%2F${id}`)).body).toMatchObject({ id });
    const listed = await until(async () => {
      const { body } = await api.call('GET', `/v1/reconciliations?schedule=${name}`);
      return (body['items'] as JsonObject[])[0];
    }, 'the run in the list');
    expect(listed).toMatchObject({ id, schedule: name, by: 'operator', mode: 'observe', tenant: 'acme', counts: null });
  });

  it('is taken away, and a run under way goes on', async () => {
    const name = newName();
    await set(name, { every: '1s', mode: 'observe' });
    const [id = ''] = await runsOf(name);
    expect((await api.call('DELETE', address(name))).status).toBe(204);
    made.delete(name);
    expect((await api.call('GET', address(name))).status).toBe(404);
    expect((await api.call('DELETE', address(name))).status).toBe(404);
    expect((await api.call('GET', `/v1/reconciliations/${id}`)).body).toMatchObject({ id, status: 'running' });
    const again = await set(name, { every: '1d', mode: 'observe' });
    made.add(name);
    expect([again.status, again.body['lastRuns']], 'one of the same name is another one').toEqual([201, []]);
  });

  it('goes on when the key that made it is withdrawn', async () => {
    const name = newName();
    await set(name, { every: '1s', mode: 'observe', tenant: 'globex' }, GLOBEX);
    const without = await startApi(engine); // knows the operator alone
    const [id = ''] = await runsOf(name);
    expect((await without.call('GET', address(name), { key: GLOBEX })).status).toBe(401);
    expect((await without.call('GET', `/v1/reconciliations/${id}`)).body).toMatchObject({
      by: 'globex-ci',
      tenant: 'globex',
    });
    await without.close();
  });
});

describe('the clock of a zone', () => {
  const zone = 'Europe/Berlin';
  const now = Date.now();
  const changes = clockChanges(zone, now, now + 366 * DAY_MS);

  it('has both changes of a year ahead: else the cases below prove nothing', () => {
    expect(changes.map(({ before, after }) => Math.sign(after - before)).sort()).toEqual([-1, 1]);
  });

  it('is read by the server as by us: a time that is skipped does not come, one that is shown twice comes at one of both at least', async () => {
    for (const { at, before, after } of changes) {
      const local = new Date(at + Math.min(before, after));
      const cron = `30 2 ${local.getUTCDate()} ${local.getUTCMonth() + 1} *`;
      const reading = readCron(cron);
      if (!('cron' in reading)) throw new Error(cron);
      const name = newName();
      const { body } = await set(name, { cron, timezone: zone, mode: 'observe' });
      const expected = nextTimes(reading.cron, zone, now, 5).map((time) => new Date(time).toISOString());
      const near = (times: readonly string[]): string[] =>
        times.filter((time) => Math.abs(Date.parse(time) - at) < DAY_MS);
      const told = near(body['nextRuns'] as string[]);
      expect(near(expected)).toHaveLength(after > before ? 0 : 2);
      expect(near(expected)).toEqual(expect.arrayContaining(told));
      expect(told.length > 0, 'of a day on which it is skipped there is none').toBe(after < before);
      expect(body['warnings']).toEqual([
        {
          pointer: '/cron',
          message: expect.stringContaining(after > before ? 'does not come' : 'may come twice') as string,
        },
      ]);
    }
  });

  it.each([
    { cron: '*/20 8-18/5 * jan,jun MON-fri', zone: 'America/New_York', reason: 'names, steps and ranges' },
    { cron: '0 3 1 * 1', zone: 'UTC', reason: 'both days at once' },
    { cron: '15 0 29 2 *', zone: 'Asia/Kolkata', reason: 'a leap day, half an hour off' },
    { cron: '0 12 * * 7', zone: 'Pacific/Auckland', reason: 'Sunday as seven' },
  ])('is read alike for $reason', async ({ cron, zone: timezone }) => {
    const reading = readCron(cron);
    if (!('cron' in reading)) throw new Error(cron);
    const { body } = await set(newName(), { cron, timezone, mode: 'observe' });
    const expected = nextTimes(reading.cron, timezone, Date.now(), 5).map((time) => new Date(time).toISOString());
    expect(body['nextRuns']).toEqual(expected);
  });
});

describe('schedules of several tenants', () => {
  it('show each caller those of its own tenants alone', async () => {
    const [ofAcme, ofAll] = [newName(), newName()];
    expect((await set(ofAcme, { every: '1d', mode: 'observe', tenant: 'acme' }, ACME)).body).toMatchObject({
      by: 'acme-ci',
    });
    await set(ofAll, { every: '1d', mode: 'observe' });
    const names = async (key?: string): Promise<string[]> => {
      const { body } = await api.call(
        'GET',
        '/v1/reconciliation-schedules?limit=200',
        key === undefined ? {} : { key },
      );
      return (body['items'] as { name: string }[])
        .map(({ name }) => name)
        .filter((each) => [ofAcme, ofAll].includes(each));
    };
    await until(async () => ((await names()).length === 2 ? true : undefined), 'both in the list');
    expect(await names(ACME)).toEqual([ofAcme]);
    expect(await names(GLOBEX)).toEqual([]);
    for (const name of [ofAcme, ofAll]) {
      expect(
        (await api.call('GET', address(name), { key: GLOBEX })).status,
        'not told from one that is not there',
      ).toBe(404);
      expect((await api.call('DELETE', address(name), { key: GLOBEX })).status).toBe(404);
    }
    expect((await api.call('GET', address(ofAll), { key: ACME })).status, 'one over all tenants').toBe(404);
  });

  it('share their names: one that is taken is refused, and stays as it is', async () => {
    const name = newName();
    await set(name, { every: '1d', mode: 'observe', tenant: 'acme' }, ACME);
    const { status, body } = await set(name, { every: '2d', mode: 'repair', tenant: 'globex' }, GLOBEX);
    expect([status, body['type']]).toEqual([409, 'https://gangway.dev/problems/name-taken']);
    expect(await read(name)).toMatchObject({ every: '1d', mode: 'observe', tenant: 'acme', by: 'acme-ci' });
  });

  it('name a tenant of the caller', async () => {
    const none = await set(newName(), { every: '1d', mode: 'observe' }, ACME);
    expect([none.status, none.body['errors']]).toEqual([400, [expect.objectContaining({ pointer: '/tenant' })]]);
    const other = await set(newName(), { every: '1d', mode: 'observe', tenant: 'globex' }, ACME);
    expect(other.status).toBe(403);
  });
});
