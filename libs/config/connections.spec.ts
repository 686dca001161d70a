import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { checkCredentials, loadConnections, tenantMayUse, type Connections } from './connections.js';
import { ConfigError, type Fault } from './faults.js';

const CANARY = 'canary-7f3a';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-connections-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const egain = {
  vendor: 'egain',
  tenants: ['*'],
  apiBase: 'https://api.egain.cloud/',
  tokenUrl: 'https://login.egain.cloud/t/oauth2/v2.0/token',
  scope: 'https://api.egain.cloud/auth/.default',
  clientId: { env: 'EGAIN_CLIENT_ID' },
  clientSecret: { file: 'egain-secret' },
  agentClientApplicationId: '5b0c',
};
const sinch = {
  vendor: 'sinch',
  tenants: ['acme', 'globex'],
  apiBase: 'https://eu.conversation.api.sinch.com',
  projectId: 'p-1',
  keyId: 'key-id',
  keySecret: { env: 'SINCH_KEY_SECRET' },
};
const liveperson = {
  vendor: 'liveperson',
  tenants: ['acme'],
  domainApi: 'https://api.liveperson.net',
  accountId: '12345678',
};

function load(content: unknown, options: { allowPrivateUrls?: boolean; env?: NodeJS.ProcessEnv } = {}): Connections {
  const file = path.join(folder, 'connections.yaml');
  fs.writeFileSync(file, typeof content === 'string' ? content : stringify(content));
  return loadConnections(file, { allowPrivateUrls: false, env: {}, ...options });
}

/** A fault as it is told: by the variable that names the file, with the file and the place in it. */
function told({ name, message }: Fault): Fault {
  const place = name === '' ? '' : `: ${name}`;
  return { name: 'GANGWAY_CONNECTIONS', message: `${path.join(folder, 'connections.yaml')}${place} ${message}` };
}

function faultsOf(run: () => unknown): readonly Fault[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('loadConnections', () => {
  it('fills in the documented defaults', () => {
    const { connections, reconciliation, notifications } = load({
      connections: { 'egain-main': egain, 'sinch-eu': sinch, lp: liveperson },
    });
    expect(connections.map(({ name, limits, timing }) => ({ name, limits, timing }))).toEqual([
      {
        name: 'egain-main',
        limits: { requestsPerSecond: 2, concurrency: 2, timeoutMs: 10_000, scanShare: 0.5 },
        timing: {
          deadlineMs: 10_000,
          settleMs: [2_000, 5_000, 15_000],
          initialIntervalMs: 1_000,
          maximumIntervalMs: 60_000,
          giveUpAfterMs: 1_800_000,
        },
      },
      {
        name: 'sinch-eu',
        limits: { requestsPerSecond: 20, concurrency: 5, timeoutMs: 10_000, scanShare: 0.5 },
        timing: expect.objectContaining({ settleMs: [2_000, 5_000, 15_000] }) as unknown,
      },
      {
        name: 'lp',
        limits: { requestsPerSecond: 5, concurrency: 2, timeoutMs: 10_000, scanShare: 0.5 },
        timing: expect.objectContaining({ settleMs: [5_000, 15_000, 40_000] }) as unknown,
      },
    ]);
    expect(reconciliation).toEqual({
      stopShare: 0.1,
      stopCount: 5,
      scanShare: 0.5,
      maxRepairs: 100,
      maxRemovals: 10,
      orphanAgeMs: 86_400_000,
    });
    expect(notifications).toEqual({ withinMs: 1_800_000, timeoutMs: 15_000, ports: [] });
    expect(connections[0]).toMatchObject({ apiBase: 'https://api.egain.cloud' });
    expect(connections[2]).toMatchObject({ mode: 'handoff' });
  });

  it('takes retry for all vendors and for one of them, the one outranking the other', () => {
    const { connections } = load({
      connections: { 'egain-main': { ...egain, limits: { timeoutMs: 500 } }, 'sinch-eu': sinch },
      retry: { initialInterval: '200ms', giveUpAfter: 'PT2M', sinch: { giveUpAfter: '5m', settle: ['1s'] } },
    });
    expect(connections.map(({ timing }) => timing)).toEqual([
      expect.objectContaining({ deadlineMs: 500, initialIntervalMs: 200, giveUpAfterMs: 120_000 }),
      expect.objectContaining({
        deadlineMs: 10_000,
        initialIntervalMs: 200,
        giveUpAfterMs: 300_000,
        settleMs: [1_000],
      }),
    ]);
  });

  it('reads JSON too, and the committed example of the sandbox', () => {
    expect(load(JSON.stringify({ connections: { 'sinch-eu': sinch } })).connections).toHaveLength(1);
    const { connections } = loadConnections('config/connections.sandbox.yaml', { allowPrivateUrls: true, env: {} });
    expect(connections.flatMap(checkCredentials)).toEqual([]);
  });

  const one = (change: object): object => ({ connections: { c: { ...egain, ...change } } });
  it.each<{ reason: string; content: unknown; fault: Fault }>([
    {
      reason: 'an unknown field is a typing error',
      content: one({ apiBsae: CANARY }),
      fault: { name: 'connections.c.apiBsae', message: 'is not a known field' },
    },
    {
      reason: 'an unknown vendor',
      content: one({ vendor: CANARY }),
      fault: { name: 'connections.c.vendor', message: 'vendor must be one of egain, sinch, liveperson' },
    },
    {
      reason: 'a field that is not there',
      content: one({ scope: undefined }),
      fault: { name: 'connections.c.scope', message: 'is missing' },
    },
    {
      reason: 'a name that would not do in a task queue',
      content: { connections: { 'E gain': egain } },
      fault: {
        name: 'connections.E gain',
        message: 'must be 1 to 63 lower-case letters, digits and hyphens, no hyphen first',
      },
    },
    {
      reason: 'no connection at all',
      content: { connections: {} },
      fault: { name: 'connections', message: 'must hold at least one connection' },
    },
    {
      reason: 'credentials go over https only',
      content: one({ apiBase: `http://${CANARY}.example.com` }),
      fault: { name: 'connections.c.apiBase', message: 'must begin with https://' },
    },
    {
      reason: 'a password in an address would be logged with it',
      content: one({ tokenUrl: `https://u:${CANARY}@example.com` }),
      fault: { name: 'connections.c.tokenUrl', message: 'must not hold a user name or password' },
    },
    {
      reason: 'a vendor on this machine needs leave',
      content: one({ apiBase: 'https://127.0.0.1:7070/egain' }),
      fault: {
        name: 'connections.c.apiBase',
        message:
          'names a loopback or private host; set GANGWAY_ALLOW_PRIVATE_URLS=true to allow that (for the sandbox and tests)',
      },
    },
    {
      reason: 'no address at all',
      content: one({ apiBase: CANARY }),
      fault: { name: 'connections.c.apiBase', message: 'must be an absolute URL that begins with https://' },
    },
    {
      reason: 'a credential of another shape',
      content: one({ clientSecret: { vault: CANARY } }),
      fault: { name: 'connections.c.clientSecret', message: 'must be a text, {env: NAME} or {file: path}' },
    },
    {
      reason: 'a credential whose variable is no name',
      content: one({ clientSecret: { env: 'A B' } }),
      fault: { name: 'connections.c.clientSecret.env', message: 'must be the name of an environment variable' },
    },
    {
      reason: 'a tenant that is no name',
      content: one({ tenants: ['Acme'] }),
      fault: { name: 'connections.c.tenants.0', message: 'must be the name of a tenant, or "*" for all' },
    },
    {
      reason: 'a limit of nothing',
      content: one({ limits: { requestsPerSecond: 0 } }),
      fault: { name: 'connections.c.limits.requestsPerSecond', message: 'must be above 0' },
    },
    {
      reason: 'a duration without unit',
      content: { ...one({}), retry: { egain: { giveUpAfter: '30' } } },
      fault: { name: 'retry.egain.giveUpAfter', message: 'must be a duration like 200ms, 30s, 5m, 2h or PT5M' },
    },
    {
      reason: 'intervals that shrink',
      content: { ...one({}), retry: { initialInterval: '2m' } },
      fault: {
        name: 'retry.initialInterval',
        message: 'must not be longer than maximumInterval (as they count for egain)',
      },
    },
    {
      reason: 'a share above all',
      content: { ...one({}), reconciliation: { stopShare: 2 } },
      fault: { name: 'reconciliation.stopShare', message: 'must be at most 1' },
    },
    {
      reason: 'a scan that has no rate at all',
      content: { ...one({}), reconciliation: { scanShare: 0 } },
      fault: { name: 'reconciliation.scanShare', message: 'must be above 0' },
    },
    {
      reason: 'a scan faster than its connection',
      content: { ...one({}), reconciliation: { scanShare: 1.1 } },
      fault: { name: 'reconciliation.scanShare', message: 'must be at most 1' },
    },
    {
      reason: 'fewer repairs than none',
      content: { ...one({}), reconciliation: { maxRepairs: -1 } },
      fault: { name: 'reconciliation.maxRepairs', message: 'must be at least 0' },
    },
    {
      reason: 'more removals than anybody can look through',
      content: { ...one({}), reconciliation: { maxRemovals: 1_001 } },
      fault: { name: 'reconciliation.maxRemovals', message: 'must be at most 1000' },
    },
    {
      reason: 'an age without a unit',
      content: { ...one({}), reconciliation: { orphanAge: '24' } },
      fault: { name: 'reconciliation.orphanAge', message: 'must be a duration like 200ms, 30s, 5m, 2h or PT5M' },
    },
    {
      reason: 'a delivery that outlasts its activity',
      content: { ...one({}), notifications: { timeout: '2m' } },
      fault: { name: 'notifications.timeout', message: 'must be at most 30s' },
    },
    {
      reason: 'a secret that no spec can name',
      content: { ...one({}), secrets: { HOME: ['acme'] } },
      fault: { name: 'secrets.HOME', message: 'must be GANGWAY_SECRET_ and capitals, digits and underscores' },
    },
    {
      reason: 'a secret for no tenant that there can be',
      content: { ...one({}), secrets: { GANGWAY_SECRET_HUB: ['Acme'] } },
      fault: { name: 'secrets.GANGWAY_SECRET_HUB.0', message: 'must be the name of a tenant, or "*" for all' },
    },
    {
      reason: 'a secret whose tenants are no list',
      content: { ...one({}), secrets: { GANGWAY_SECRET_HUB: 'acme' } },
      fault: { name: 'secrets.GANGWAY_SECRET_HUB', message: 'must be a list of tenant names, or ["*"]' },
    },
    {
      reason: 'a leave to take over that is neither given nor refused',
      content: one({ adopt: 'sometimes' }),
      fault: { name: 'connections.c.adopt', message: 'must be true or false' },
    },
    {
      reason: 'a port that there cannot be',
      content: { ...one({}), notifications: { ports: [70_000] } },
      fault: { name: 'notifications.ports.0', message: 'must be a port' },
    },
    {
      reason: 'a number that must stay a text',
      content: { connections: { c: { ...liveperson, accountId: 12345678 } } },
      fault: { name: 'connections.c.accountId', message: 'must be a text (a number needs quotes)' },
    },
    {
      reason: 'the install API without a credential',
      content: { connections: { c: { ...liveperson, mode: 'api' } } },
      fault: {
        name: 'connections.c.bearer',
        message: 'is missing: mode api needs bearer, or login with username and password',
      },
    },
    {
      reason: 'two credentials, of which one would be ignored',
      content: { connections: { c: { ...liveperson, bearer: 'b', login: { username: 'u', password: CANARY } } } },
      fault: { name: 'connections.c.bearer', message: 'must not stand beside login: give one of them' },
    },
  ])('refuses: $reason', ({ content, fault }) => {
    const faults = faultsOf(() => load(content));
    expect(faults).toEqual([told(fault)]);
    expect(JSON.stringify(faults)).not.toContain(CANARY);
  });

  it('tells all faults at once', () => {
    const faults = faultsOf(() =>
      load({ connections: { a: { ...egain, scope: 1, apiBase: 'x' }, b: { vendor: 'nix' } }, nope: 1 }),
    );
    expect(faults.map(({ message }) => /: (\S+) /.exec(message)?.[1]).sort()).toEqual([
      'connections.a.apiBase',
      'connections.a.scope',
      'connections.b.vendor',
      'nope',
    ]);
    expect(new Set(faults.map(({ name }) => name))).toEqual(new Set(['GANGWAY_CONNECTIONS']));
  });

  it('names file, line and column of broken YAML, and does not quote it', () => {
    const [fault, ...others] = faultsOf(() => load(`connections:\n  a: [${CANARY}\n`));
    expect(others).toEqual([]);
    expect(fault?.name).toBe('GANGWAY_CONNECTIONS');
    expect(fault?.message).toMatch(/connections\.yaml is not valid YAML or JSON at line 3, column \d+ \(/);
    expect(fault?.message).not.toContain(CANARY);
  });

  it('names a file that is not there, and the variable that names it', () => {
    expect(faultsOf(() => loadConnections('/nowhere/connections.yaml', { allowPrivateUrls: false }))).toEqual([
      { name: 'GANGWAY_CONNECTIONS', message: 'the file /nowhere/connections.yaml cannot be read (ENOENT)' },
    ]);
  });

  it('reads a file that an editor on Windows has saved with a byte order mark', () => {
    expect(load(`\uFEFF${stringify({ connections: { 'sinch-eu': sinch } })}`).connections).toHaveLength(1);
  });

  it('fills the variables of an address in, so that one file serves wherever a vendor is played', () => {
    const content = one({
      apiBase: 'http://127.0.0.1:${PORT:-7070}/egain',
      tokenUrl: 'http://127.0.0.1:${PORT:-7070}/t',
    });
    const base = (env: NodeJS.ProcessEnv): unknown => load(content, { allowPrivateUrls: true, env }).connections[0];
    expect(base({})).toMatchObject({ apiBase: 'http://127.0.0.1:7070/egain' });
    expect(base({ PORT: '' })).toMatchObject({ tokenUrl: 'http://127.0.0.1:7070/t' });
    expect(base({ PORT: '7171' })).toMatchObject({
      apiBase: 'http://127.0.0.1:7171/egain',
      tokenUrl: 'http://127.0.0.1:7171/t',
    });
  });

  it('judges an address as it stands once its variables are filled in', () => {
    const address = one({ apiBase: 'https://${HOST}/egain' });
    expect(faultsOf(() => load(address))).toEqual([
      told({ name: 'connections.c.apiBase', message: 'names the environment variable HOST, which is not set' }),
    ]);
    const faults = faultsOf(() => load(address, { env: { HOST: `u:${CANARY}@example.com` } }));
    expect(faults).toEqual([told({ name: 'connections.c.apiBase', message: 'must not hold a user name or password' })]);
  });

  it('admits loopback vendors and plain http for them where that is allowed', () => {
    const content = one({ apiBase: 'http://127.0.0.1:7070/egain', tokenUrl: 'http://localhost:7070/token' });
    expect(load(content, { allowPrivateUrls: true }).connections[0]).toMatchObject({
      apiBase: 'http://127.0.0.1:7070/egain',
      allowPrivateUrls: true,
    });
    expect(faultsOf(() => load(one({ apiBase: 'http://example.com' }), { allowPrivateUrls: true }))).toHaveLength(1);
  });
});

describe('credentials', () => {
  it('are read when they are used, so a rotated one counts at once', () => {
    const env: NodeJS.ProcessEnv = { EGAIN_CLIENT_ID: 'first' };
    const [connection] = load({ connections: { c: egain } }, { env }).connections;
    if (connection?.vendor !== 'egain') throw new Error('expected an eGain connection');
    expect(connection.clientId()).toBe('first');
    env['EGAIN_CLIENT_ID'] = 'second';
    expect(connection.clientId()).toBe('second');
    fs.writeFileSync(path.join(folder, 'egain-secret'), 'from a file\n');
    expect(connection.clientSecret()).toBe('from a file');
  });

  it('that are missing are named with field, variable and file', () => {
    const [connection] = load({ connections: { c: egain } }).connections;
    expect(connection && checkCredentials(connection)).toEqual([
      told({
        name: 'connections.c.clientId',
        message: 'names the environment variable EGAIN_CLIENT_ID, which is not set',
      }),
      told({
        name: 'connections.c.clientSecret',
        message: `names the file ${path.join(folder, 'egain-secret')}, which cannot be read (ENOENT)`,
      }),
    ]);
  });

  it.each([
    { reason: 'saved on Windows', bytes: Buffer.from('\uFEFFsandbox-egain-secret\r\n'), read: 'sandbox-egain-secret' },
    { reason: 'with a blank that may be meant', bytes: Buffer.from('secret \n'), read: 'secret ' },
  ])('of a file are what somebody typed: $reason', ({ bytes, read }) => {
    const [connection] = load({ connections: { c: egain } }).connections;
    if (connection?.vendor !== 'egain') throw new Error('expected an eGain connection');
    fs.writeFileSync(path.join(folder, 'egain-secret'), bytes);
    expect(connection.clientSecret()).toBe(read);
  });

  it('of a file that would be read as another secret are a fault', () => {
    const [connection] = load({ connections: { c: egain } }, { env: { EGAIN_CLIENT_ID: 'id' } }).connections;
    fs.writeFileSync(path.join(folder, 'egain-secret'), Buffer.from(`\uFEFF${CANARY}`, 'utf16le'));
    const message = `names the file ${path.join(folder, 'egain-secret')}, which is saved as UTF-16: save it as UTF-8`;
    expect(connection && checkCredentials(connection)).toEqual([told({ name: 'connections.c.clientSecret', message })]);
  });

  it('of a login are checked too', () => {
    const login = { username: { env: 'LP_USER' }, password: { env: 'LP_PASSWORD' } };
    const [connection] = load({ connections: { c: { ...liveperson, mode: 'api', login } } }).connections;
    expect(connection && checkCredentials(connection)).toEqual([
      told({
        name: 'connections.c.login.username',
        message: 'names the environment variable LP_USER, which is not set',
      }),
      told({
        name: 'connections.c.login.password',
        message: 'names the environment variable LP_PASSWORD, which is not set',
      }),
    ]);
  });
});

describe('tenantMayUse', () => {
  it('admits the named tenants, and all for "*"', () => {
    expect(tenantMayUse({ tenants: ['acme'] }, 'acme')).toBe(true);
    expect(tenantMayUse({ tenants: ['acme'] }, 'globex')).toBe(false);
    expect(tenantMayUse({ tenants: ['*'] }, 'globex')).toBe(true);
  });
});
