import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { JsonObject, OnboardingSpec, Progress, SecretValue } from '#libs/contracts/index.js';
import { chain12Spec, minimalEgainSpec } from '#test/factories/index.js';
import { document, startApi, type ApiUnderTest } from '#test/support/api.js';
import { ownedAtVendors, startEngine, type Engine, type Job } from '#test/support/engine.js';
import { startReceiver } from '#test/support/receiver.js';
import { editConnections } from '#test/support/sandbox.js';
import { until } from '#test/support/until.js';

/** What only globex may have: it must be in nothing that acme made, or was told. */
const GLOBEX = 'canary-globex-hub-password';
const SIGNING = 'whsec_dGVuYW50cyBrZXB0IGFwYXJ0IGJ5IHRlc3Rz';

let secretsDir: string;
let engine: Engine;
let api: ApiUnderTest;
let count = 0;
/** Tenants of this test: files and rights carry over from none to the next. */
let acme = '';
let globex = '';

beforeAll(async () => {
  secretsDir = mkdtempSync(path.join(tmpdir(), 'gangway-secrets-'));
  engine = await startEngine(inject('temporal'), {
    giveUpAfterMs: 500,
    environment: {
      GANGWAY_SECRETS_DIR: secretsDir,
      GANGWAY_SECRET_GLOBEX: GLOBEX,
      GANGWAY_SECRET_SHARED: 'for-everybody',
      GANGWAY_SECRET_MINE: 'of-acme',
      GANGWAY_SECRET_HOOK: SIGNING,
    },
  });
  api = await startApi(engine);
});
afterAll(async () => {
  await api.close();
  await engine.stop();
  rmSync(secretsDir, { recursive: true, force: true });
});
beforeEach(() => {
  engine.sandbox.reset();
  engine.sandbox.setFaults([]);
  count += 1;
  acme = `acme${count}`;
  globex = `globex${count}`;
  list({ GANGWAY_SECRET_GLOBEX: [globex], GANGWAY_SECRET_SHARED: ['*'], GANGWAY_SECRET_UNSET: [acme] });
  for (const tenant of [acme, globex]) mkdirSync(path.join(secretsDir, tenant));
  writeFileSync(path.join(secretsDir, globex, 'hub'), `${GLOBEX}\n`);
});

/** Says which tenants may name which variable. */
function list(secrets: Record<string, string[]>): void {
  editConnections(connectionsFile(), (content) => {
    content.secrets = secrets;
  });
}

/** Says which tenants may use the connections. */
function admit(...tenants: string[]): void {
  editConnections(connectionsFile(), ({ connections }) => {
    for (const connection of Object.values(connections)) connection.tenants = tenants;
  });
}

function connectionsFile(): string {
  return engine.environment['GANGWAY_CONNECTIONS'] ?? '';
}

/** A spec whose callback password is this secret. */
function specOf(tenant: string, password: SecretValue, change: Partial<OnboardingSpec> = {}): OnboardingSpec {
  const spec = minimalEgainSpec({ tenant, account: 'support', ...change });
  if (!spec.egain) throw new Error('the factory has an eGain section');
  const authentication = { type: 'basic', basicAuth: { username: 'hub', password } } as JsonObject;
  // One channel type and address a tenant: both use the partition at the same time.
  const channels = spec.egain.channels.map((channel) => ({
    ...channel,
    type: `custom.${tenant}`,
    account: { ...channel.account, address: `+1555${String(count)}${tenant.length}` },
  }));
  return { ...spec, egain: { ...spec.egain, authentication, channels } };
}

/** The callback passwords of an account, as the vendor holds them. */
function passwordsOf(tenant: string): unknown[] {
  const all = engine.sandbox.state({ ledger: false }).objects['egain']?.['authentication'] ?? [];
  return all
    .filter((object) => JSON.stringify(object['description'] ?? '').includes(`:${tenant}.support:`))
    .map((object) => (object['basicAuth'] as JsonObject | undefined)?.['password']);
}

/** Every word of the vendors' state, and of the calls that led to it. */
function everything(): string {
  return JSON.stringify(engine.sandbox.state());
}

async function endOf(job: Job): Promise<Progress> {
  return api.reached(job.id, 'succeeded', 'rolled-back', 'held');
}

function lastError(progress: Progress, key: string): string {
  return progress.steps.find((step) => step.key === key)?.lastError?.message ?? '';
}

const UNKNOWN: Record<string, SecretValue> = {
  'a variable that is listed for nobody': { env: 'GANGWAY_SECRET_NOWHERE' },
  "another tenant's variable": { env: 'GANGWAY_SECRET_GLOBEX' },
};

describe('a spec that names a secret', () => {
  it("of nobody or of another tenant is refused at the secret's place, in the same words, and starts nothing", async () => {
    const answers = [];
    for (const password of Object.values(UNKNOWN)) {
      const answer = await api.start(document(engine, specOf(acme, password)));
      expect(answer.status).toBe(400);
      answers.push(answer.body['errors']);
    }
    const pointer = '/egain/authentication/basicAuth/password';
    expect(answers).toEqual(answers.map(() => [{ pointer, message: 'names no secret that this tenant may use' }]));
    expect((await api.call('GET', `/v1/onboardings/${acme}.support`)).status).toBe(404);
    expect(engine.sandbox.state({ objects: false }).ledger).toEqual([]);
  });

  it('is told of all that it may not name at once, with what else is wrong', async () => {
    const spec = document(engine, {
      ...specOf(acme, { env: 'GANGWAY_SECRET_GLOBEX' }),
      notify: [{ url: 'https://acme.example/hook', secret: { env: 'GANGWAY_SECRET_NOWHERE' }, events: ['succeeded'] }],
    });
    const { body } = await api.call('POST', '/v1/plans?offline=true', { body: { ...spec, onFailure: 'panic' } });
    expect((body['errors'] as JsonObject[]).map(({ pointer }) => pointer).sort()).toEqual([
      '/egain/authentication/basicAuth/password',
      '/notify/0/secret',
      '/onFailure',
    ]);
  });

  it('in a correction is judged as at a start', async () => {
    engine.sandbox.setFaults([
      { match: { vendor: 'egain', resource: 'account', operation: 'create' }, effect: { kind: 'status', status: 400 } },
    ]);
    await api.start(document(engine, specOf(acme, 'inline', { onFailure: 'hold' })));
    await api.reached(`${acme}.support`, 'held');
    const spec = document(engine, specOf(acme, { env: 'GANGWAY_SECRET_GLOBEX' }, { onFailure: 'hold' }));
    const retried = await api.call('POST', `/v1/onboardings/${acme}.support/retry`, { body: { reason: 'r', spec } });
    expect(retried.status).toBe(400);
    expect(retried.body['errors']).toEqual([
      {
        pointer: '/spec/egain/authentication/basicAuth/password',
        message: 'names no secret that this tenant may use',
      },
    ]);
  });
});

describe('the worker', () => {
  it('gives each tenant its own secret of the same name, on the partition that they share', async () => {
    writeFileSync(path.join(secretsDir, acme, 'hub'), '\uFEFFof-acme\r\n');
    const jobs = await Promise.all([acme, globex].map((tenant) => engine.start(specOf(tenant, { file: 'hub' }))));
    for (const job of jobs) expect((await endOf(job)).status).toBe('succeeded');
    expect(passwordsOf(acme)).toEqual(['of-acme']);
    expect(passwordsOf(globex)).toEqual([GLOBEX]);
  });

  it('resolves what is listed for the tenant, and for all', async () => {
    list({ GANGWAY_SECRET_MINE: [acme], GANGWAY_SECRET_SHARED: ['*'] });
    const mine = await api.start(document(engine, specOf(acme, { env: 'GANGWAY_SECRET_MINE' })));
    const shared = await api.start(document(engine, specOf(globex, { env: 'GANGWAY_SECRET_SHARED' })));
    expect([mine.status, shared.status]).toEqual([202, 202]);
    await api.reached(`${acme}.support`, 'succeeded');
    await api.reached(`${globex}.support`, 'succeeded');
    expect([passwordsOf(acme), passwordsOf(globex)]).toEqual([['of-acme'], ['for-everybody']]);
  });

  it.each<{ reason: string; secret: () => SecretValue }>([
    { reason: 'a variable that is listed for nobody', secret: () => ({ env: 'GANGWAY_SECRET_NOWHERE' }) },
    { reason: 'a listed variable that is not set', secret: () => ({ env: 'GANGWAY_SECRET_UNSET' }) },
    { reason: "another tenant's variable", secret: () => ({ env: 'GANGWAY_SECRET_GLOBEX' }) },
    { reason: 'a file that is not there', secret: () => ({ file: 'nowhere' }) },
    { reason: "a file of another tenant's", secret: () => ({ file: 'hub' }) },
    {
      reason: "a link to another tenant's file",
      secret: () => {
        symlinkSync(`../${globex}/hub`, path.join(secretsDir, acme, 'linked'));
        return { file: 'linked' };
      },
    },
  ])('judges what came past the API: $reason is none, and nothing of it reaches the vendor', async ({ secret }) => {
    const named = secret();
    const job = await engine.start(specOf(acme, named));
    const ended = await endOf(job);
    expect(ended.status).toBe('rolled-back');
    const name = 'env' in (named as object) ? 'the variable' : 'the secret file';
    expect(lastError(ended, 'egain.authentication')).toMatch(
      new RegExp(`^${name} \\w+ names no secret that this tenant may use: it must be `),
    );
    expect(ownedAtVendors(engine.sandbox, job.id)).toEqual([]);
    expect(everything()).not.toContain(GLOBEX);
    expect(JSON.stringify(ended)).not.toContain(GLOBEX);
  });

  it('judges anew at each step, also after the file has changed, and takes back what it made', async () => {
    engine.sandbox.setFaults([
      {
        match: { vendor: 'egain', resource: 'authentication', operation: 'create' },
        effect: { kind: 'status', status: 400 },
      },
    ]);
    const job = await engine.start(specOf(globex, { env: 'GANGWAY_SECRET_GLOBEX' }, { onFailure: 'hold' }));
    expect((await endOf(job)).status).toBe('held');
    expect(ownedAtVendors(engine.sandbox, job.id), 'a branch that does not need the secret').toContain('egain.channel');
    engine.sandbox.setFaults([]);
    list({ GANGWAY_SECRET_GLOBEX: [acme] });
    await job.command('retry');
    const refused = await until(async () => {
      const now = await api.progress(job.id);
      return now.status === 'held' && lastError(now, 'egain.authentication').includes('names no secret')
        ? now
        : undefined;
    }, 'the retry to be refused');
    expect(passwordsOf(globex), JSON.stringify(refused)).toEqual([]);
    await job.command('rollback');
    await api.reached(job.id, 'rolled-back');
    expect(ownedAtVendors(engine.sandbox, job.id)).toEqual([]);
  });

  it('goes on with a corrected spec though the former secret cannot be had any more', async () => {
    list({ GANGWAY_SECRET_MINE: [acme] });
    engine.sandbox.setFaults([
      { match: { vendor: 'egain', resource: 'account', operation: 'create' }, effect: { kind: 'status', status: 400 } },
    ]);
    const named = { env: 'GANGWAY_SECRET_MINE' };
    const job = await engine.start(specOf(acme, named, { onFailure: 'hold' }));
    expect((await endOf(job)).status).toBe('held');
    expect(passwordsOf(acme)).toEqual(['of-acme']);
    list({});
    engine.sandbox.setFaults([]);
    await job.command('retry', { plan: engine.plan(specOf(acme, 'inline', { onFailure: 'hold' })) });
    await api.reached(job.id, 'succeeded', 'rolled-back');
    expect(passwordsOf(acme)).toEqual(['inline']);
  });

  it('signs no notification with a secret that the tenant may not use', async () => {
    const receiver = await startReceiver(SIGNING);
    try {
      const secret = { env: 'GANGWAY_SECRET_HOOK' };
      list({ GANGWAY_SECRET_HOOK: [globex] });
      const notify = [{ url: `${receiver.url}/hook`, secret, events: ['succeeded' as const] }];
      await engine.start(specOf(acme, 'inline', { notify }));
      await engine.start(specOf(globex, 'inline', { notify }));
      const told = await until(async () => {
        const outcomes = await Promise.all(
          [acme, globex].map(async (tenant) => (await api.progress(`${tenant}.support`)).notifications?.[0]),
        );
        const ended = outcomes.every((each) => each?.status === 'failed' || each?.status === 'delivered');
        return ended ? outcomes : undefined;
      }, 'both notifications to have ended');
      expect(told).toMatchObject([
        { status: 'failed', attempts: 1, lastError: { code: 'SECRET_UNAVAILABLE' } },
        { status: 'delivered' },
      ]);
      expect(told[0]?.lastError?.message).toContain('names no secret that this tenant may use');
      expect(receiver.deliveries()).toHaveLength(1);
    } finally {
      await receiver.close();
    }
  });
});

describe('a tenant that is taken off a connection', () => {
  const REFUSAL = /the connection \S+ is none that this tenant may use/;

  it('gets no further there, and what its job made is taken back', async () => {
    engine.sandbox.setFaults([
      {
        match: { vendor: 'egain', resource: 'orchestration', operation: 'create' },
        effect: { kind: 'status', status: 400 },
      },
    ]);
    const job = await engine.start(chain12Spec({ tenant: acme, account: 'support', onFailure: 'hold' }));
    expect((await endOf(job)).status).toBe('held');
    expect(ownedAtVendors(engine.sandbox, job.id)).toContain('egain.channel');
    engine.sandbox.setFaults([]);
    admit(globex);
    const writes = (): number => engine.sandbox.state({ objects: false }).ledger.filter(isCreate).length;
    const before = writes();
    await job.command('retry');
    const refused = await until(async () => {
      const now = await api.progress(job.id);
      return now.status === 'held' && REFUSAL.test(lastError(now, 'egain.orchestration')) ? now : undefined;
    }, 'the retry to be refused');
    expect(refused.steps.find(({ key }) => key === 'egain.orchestration')?.lastError?.code).toBe('PERMISSION_DENIED');
    expect(writes()).toBe(before);
    await job.command('rollback');
    await api.reached(job.id, 'rolled-back');
    expect(ownedAtVendors(engine.sandbox, job.id)).toEqual([]);
    admit('*');
  });

  it('starts nothing past the API: the look is a step too', async () => {
    admit(globex);
    const job = await engine.start(specOf(acme, 'inline'));
    const ended = await endOf(job);
    expect(ended.status).toBe('rolled-back');
    expect(ended.reason).toMatch(REFUSAL);
    expect(engine.sandbox.state({ objects: false }).ledger).toEqual([]);
    admit('*');
  });

  it('is answered by the API as if the connection were not there, as soon as the file says so', async () => {
    const body = document(engine, specOf(acme, 'inline'));
    admit(globex);
    const { status, body: refused } = await api.call('POST', '/v1/plans?offline=true', { body });
    admit('*');
    expect(status).toBe(400);
    expect(refused['errors']).toEqual([
      { pointer: '/connections/egain', message: 'names no egain connection that this tenant may use' },
    ]);
  });
});

function isCreate({ operation }: { operation: string | null }): boolean {
  return operation === 'create';
}
