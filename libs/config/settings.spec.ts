import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readApiSettings } from './api-settings.js';
import { readCliSettings } from './cli-settings.js';
import { CONFIG_EXIT_CODE, ConfigError, exitOnConfigError, type Fault } from './faults.js';
import { readWorkerSettings } from './worker-settings.js';

const CANARY = 'canary-7f3a';
const SHA = createHash('sha256').update(CANARY).digest('hex');
const KEY = Buffer.alloc(32, 7).toString('base64');
const ZERO = Buffer.alloc(32).toString('base64');
const RING = { active: 'k1', keys: { k1: KEY } };
const SHA_OF_NOTHING = createHash('sha256').update('').digest('hex');

/** Leave for plain connections to Temporal. */
const OWN_NETWORK = { TEMPORAL_TLS: 'false', GANGWAY_ALLOW_INSECURE_TEMPORAL: 'true' };

function callerKey(id: string): object {
  return { id, sha256: SHA, tenants: ['*'], scopes: [] };
}

let folder: string;
let base: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-settings-'));
  const connections = {
    connections: {
      'egain-main': {
        vendor: 'egain',
        tenants: ['*'],
        apiBase: 'https://api.egain.cloud',
        tokenUrl: 'https://login.egain.cloud/token',
        scope: 's',
        clientId: 'id',
        clientSecret: { env: 'EGAIN_SECRET' },
        agentClientApplicationId: 'a',
      },
      'sinch-eu': {
        vendor: 'sinch',
        tenants: ['*'],
        apiBase: 'https://eu.conversation.api.sinch.com',
        projectId: 'p',
        keyId: 'id',
        keySecret: { env: 'SINCH_SECRET' },
      },
    },
  };
  base = {
    GANGWAY_CONNECTIONS: write('connections.json', connections),
    GANGWAY_DATA_DIR: path.join(folder, 'data'),
    EGAIN_SECRET: 'x',
    SINCH_SECRET: 'x',
  };
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function write(name: string, content: unknown): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
  return file;
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

/** A file that a variable names, made when the test runs. */
interface FileOf {
  file: unknown;
}
type Variables = Record<string, string | FileOf>;

function environment(variables: Variables): NodeJS.ProcessEnv {
  const set = Object.entries(variables).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : write(`${name}.json`, value.file),
  ]);
  return { ...base, ...(Object.fromEntries(set) as NodeJS.ProcessEnv) };
}

describe('settings of API and worker', () => {
  it('have the documented defaults', () => {
    const api = readApiSettings(base);
    expect(api).toMatchObject({
      listen: { host: '127.0.0.1', port: 3000 },
      loopback: true,
      temporal: { address: '127.0.0.1:7233', namespace: 'default', embedded: false, loopback: true },
      oidc: undefined,
      rateLimit: { requests: 600, windowMs: 60_000 },
      temporalUiUrls: ['http://127.0.0.1:8233'],
      codecOrigins: ['http://127.0.0.1:8233', 'http://localhost:8233'],
      codecOpen: false,
      codecEncode: false,
      consoleUrl: 'http://127.0.0.1:3000',
      installation: undefined,
      allowPrivateUrls: false,
      logLevel: 'info',
    });
    expect(api.temporal.tls).toBeUndefined();
    expect(readWorkerSettings(base).temporal).not.toHaveProperty('compression');
    expect(readWorkerSettings(base)).toMatchObject({
      serves: { workflows: true, connections: [{ name: 'egain-main' }, { name: 'sinch-eu' }] },
      secretsDir: undefined,
      metrics: undefined,
    });
  });

  it.each<{ variables: Variables; fault: string }>([
    { variables: { GANGWAY_PORT: CANARY }, fault: 'GANGWAY_PORT: must be a port, a number from 1 to 65535' },
    { variables: { GANGWAY_HOST: 'a b' }, fault: 'GANGWAY_HOST: must be a host name or an IP address' },
    {
      variables: { GANGWAY_HOST: '0.0.0.0' },
      fault: 'GANGWAY_API_KEYS: is missing, and GANGWAY_HOST is not a loopback',
    },
    { variables: { GANGWAY_LOG_LEVEL: CANARY }, fault: 'GANGWAY_LOG_LEVEL: must be one of trace, debug, info' },
    {
      variables: { GANGWAY_TEMPORAL_COMPRESSION: 'zstd' },
      fault: 'GANGWAY_TEMPORAL_COMPRESSION: must be one of none, gzip',
    },
    { variables: { GANGWAY_ALLOW_PRIVATE_URLS: 'ja' }, fault: 'GANGWAY_ALLOW_PRIVATE_URLS: must be true or false' },
    {
      variables: { GANGWAY_RATE_LIMIT: '600' },
      fault: 'GANGWAY_RATE_LIMIT: must be a number per second, minute or hour',
    },
    {
      variables: { GANGWAY_INSTALLATION: 'Prod_1' },
      fault: 'GANGWAY_INSTALLATION: must be 1 to 16 lower-case letters',
    },
    { variables: { GANGWAY_CONSOLE_URL: CANARY }, fault: 'GANGWAY_CONSOLE_URL: must be an address like https://' },
    { variables: { GANGWAY_TEMPORAL_UI_URL: 'http://a,,http://b' }, fault: 'GANGWAY_TEMPORAL_UI_URL: must be a list' },
    {
      variables: { GANGWAY_TEMPORAL_UI_URL: `http://a,${CANARY}` },
      fault: 'GANGWAY_TEMPORAL_UI_URL: must be an address',
    },
    { variables: { GANGWAY_OIDC_ISSUER: 'https://i.example' }, fault: 'GANGWAY_OIDC_AUDIENCE: is missing beside' },
    { variables: { GANGWAY_OIDC_AUDIENCE: CANARY }, fault: 'GANGWAY_OIDC_ISSUER: is missing beside' },
    { variables: { GANGWAY_TRUST_PROXY: '10.0.0.7,10.1.0.0/33' }, fault: 'GANGWAY_TRUST_PROXY: must be addresses' },
    { variables: { GANGWAY_TRUST_PROXY: 'proxy.example' }, fault: 'GANGWAY_TRUST_PROXY: must be addresses' },
    { variables: { GANGWAY_OIDC_SCOPE_CLAIM: 'a b' }, fault: 'GANGWAY_OIDC_SCOPE_CLAIM: must be the name of a claim' },
    {
      variables: { GANGWAY_OIDC_TENANTS_CLAIM: '$.tenants' },
      fault: 'GANGWAY_OIDC_TENANTS_CLAIM: must be the name of a claim',
    },
    {
      variables: {
        GANGWAY_API_KEYS: {
          file: { keys: [{ id: 'a', sha256: SHA, tenants: ['*'], scopes: [], notAfter: 'tomorrow' }] },
        },
      },
      fault: 'keys.0.notAfter must be a time like 2027-01-31T00:00:00Z',
    },
    {
      variables: {
        GANGWAY_API_KEYS: {
          file: { keys: [{ id: 'a', sha256: SHA, tenants: ['*'], scopes: [] }], quotas: { acme: { openJobs: -1 } } },
        },
      },
      fault: 'quotas.acme.openJobs must be at least 0',
    },
    {
      variables: {
        GANGWAY_API_KEYS: {
          file: { keys: [{ id: 'a', sha256: SHA, tenants: ['*'], scopes: [] }], quotas: { Acme: { openJobs: 1 } } },
        },
      },
      fault: 'quotas.Acme must be the name of a tenant, or "*"',
    },
    {
      variables: {
        GANGWAY_API_KEYS: {
          file: { keys: [{ id: 'a', sha256: SHA, tenants: ['*'], scopes: [] }], quotas: { acme: { jobs: 1 } } },
        },
      },
      fault: 'quotas.acme.jobs is not a known field',
    },
    {
      variables: { GANGWAY_OIDC_AUDIENCE: 'a', GANGWAY_OIDC_ISSUER: `http://${CANARY}.example` },
      fault: 'GANGWAY_OIDC_ISSUER: must begin with https://',
    },
    {
      variables: { GANGWAY_API_KEYS: '/nowhere/keys' },
      fault: 'GANGWAY_API_KEYS: the file /nowhere/keys cannot be read (ENOENT)',
    },
    { variables: { GANGWAY_API_KEYS: { file: { keys: [] } } }, fault: 'keys must hold at least one key' },
    {
      variables: { GANGWAY_API_KEYS: { file: { keys: [{ id: 'a', sha256: CANARY, tenants: ['*'], scopes: [] }] } } },
      fault: 'keys.0.sha256 must be the SHA-256 of the key as 64 hexadecimal digits',
    },
    {
      variables: { GANGWAY_API_KEYS: { file: { keys: [{ id: 'a', sha256: SHA, tenants: ['*'], scopes: [CANARY] }] } } },
      fault: 'keys.0.scopes.0 must be one of onboardings:read',
    },
    {
      variables: {
        GANGWAY_API_KEYS: { file: { keys: [{ id: 'a', key: CANARY, sha256: SHA, tenants: ['*'], scopes: [] }] } },
      },
      fault: 'keys.0.key is not a known field',
    },
    {
      variables: {
        GANGWAY_API_KEYS: {
          file: { keys: [callerKey('a'), { ...callerKey('a'), sha256: SHA.replace(/^./, 'a') }] },
        },
      },
      fault: 'keys.1.id is used by another key',
    },
    {
      variables: { TEMPORAL_ADDRESS: 'https://cloud:7233' },
      fault: 'TEMPORAL_ADDRESS: must be host:port, without https://',
    },
    {
      variables: { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS: 'true' },
      fault: 'GANGWAY_ENCRYPTION_KEYS: is missing',
    },
    {
      variables: { TEMPORAL_ADDRESS: 'temporal:7233', GANGWAY_ENCRYPTION_KEYS: { file: RING } },
      fault: 'TEMPORAL_ADDRESS: names another machine, and TLS is off: set TEMPORAL_TLS=true',
    },
    {
      variables: { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_TLS: 'false', GANGWAY_ENCRYPTION_KEYS: { file: RING } },
      fault: 'TEMPORAL_ADDRESS: names another machine, and TLS is off',
    },
    {
      variables: { TEMPORAL_API_KEY: CANARY, TEMPORAL_TLS: 'false' },
      fault: 'TEMPORAL_API_KEY: would be sent without TLS',
    },
    {
      variables: { GANGWAY_ALLOW_INSECURE_TEMPORAL: 'perhaps' },
      fault: 'GANGWAY_ALLOW_INSECURE_TEMPORAL: must be true or false',
    },
    {
      variables: { GANGWAY_ENCRYPTION_KEYS: { file: { active: 'k1', keys: { k1: KEY, k2: ZERO } } } },
      fault: 'keys.k2 is all zero: make one by openssl rand -base64 32',
    },
    {
      variables: { GANGWAY_API_KEYS: { file: { keys: [callerKey('a'), { ...callerKey('b'), sha256: SHA }] } } },
      fault: 'keys.1.sha256 is that of the key a too',
    },
    {
      variables: { GANGWAY_API_KEYS: { file: { keys: [{ ...callerKey('a'), sha256: SHA_OF_NOTHING }] } } },
      fault: 'keys.0.sha256 is the hash of an empty text',
    },
    {
      variables: { GANGWAY_API_KEYS: { file: { keys: [{ ...callerKey('a'), notAfter: CANARY }] } } },
      fault: 'keys.0.notAfter must be a time like 2027-01-31T00:00:00Z',
    },
    { variables: { TEMPORAL_TLS: 'maybe' }, fault: 'TEMPORAL_TLS: must be true or false' },
    { variables: { TEMPORAL_TLS_CLIENT_CERT_DATA: CANARY }, fault: 'TEMPORAL_TLS_CLIENT_KEY_PATH: is missing' },
    {
      variables: { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem' },
      fault: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH: the file /nowhere.pem cannot be read (ENOENT)',
    },
    {
      variables: { TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem', TEMPORAL_TLS_SERVER_CA_CERT_DATA: CANARY },
      fault: 'TEMPORAL_TLS_SERVER_CA_CERT_DATA: must not be set beside TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    },
    {
      variables: { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' },
      fault: 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: is not offered by the Temporal SDK for Node',
    },
    {
      variables: { GANGWAY_ENCRYPTION_KEYS: '/nowhere' },
      fault: 'GANGWAY_ENCRYPTION_KEYS: the file /nowhere cannot be read',
    },
    {
      variables: { GANGWAY_ENCRYPTION_KEYS: { file: { active: 'k1', keys: { k1: CANARY } } } },
      fault: 'keys.k1 must be the base64 of 32 bytes',
    },
    {
      variables: { GANGWAY_ENCRYPTION_KEYS: { file: { active: 'k2', keys: { k1: KEY } } } },
      fault: 'active names no key in keys',
    },
    {
      variables: { GANGWAY_ENCRYPTION_KEYS: { file: { active: 'k1', hash: 'k0', keys: { k1: KEY } } } },
      fault: 'hash names no key in keys',
    },
    { variables: { GANGWAY_ENCRYPTION_KEYS: { file: 'active: [' } }, fault: 'is not valid YAML or JSON at line 1' },
    {
      variables: { GANGWAY_CONNECTIONS: '/nowhere/c.yaml' },
      fault: 'GANGWAY_CONNECTIONS: the file /nowhere/c.yaml cannot be read (ENOENT)',
    },
  ])('API: $fault', ({ variables, fault }) => {
    const faults = faultsOf(() => readApiSettings(environment(variables)));
    expect(faults).toHaveLength(1);
    const [line] = faults.map(({ name, message }) => `${name}: ${message}`);
    expect(line).toContain(fault);
    expect(line).not.toContain(CANARY);
  });

  it.each<{ variables: Variables; fault: string }>([
    {
      variables: { GANGWAY_TASK_QUEUES: 'egain/other' },
      fault: 'GANGWAY_TASK_QUEUES: must hold only workflows, egain, sinch',
    },
    { variables: { GANGWAY_TASK_QUEUES: 'liveperson' }, fault: 'GANGWAY_TASK_QUEUES: chooses no task queue' },
    { variables: { GANGWAY_TASK_QUEUES: 'egain,,sinch' }, fault: 'GANGWAY_TASK_QUEUES: must be a list' },
    { variables: { GANGWAY_METRICS_PORT: '0' }, fault: 'GANGWAY_METRICS_PORT: must be a port' },
    { variables: { GANGWAY_SECRETS_DIR: '/nowhere' }, fault: 'GANGWAY_SECRETS_DIR: /nowhere is not a folder' },
    {
      variables: { SINCH_SECRET: '' },
      fault:
        'connections.json: connections.sinch-eu.keySecret names the environment variable SINCH_SECRET, which is not set',
    },
  ])('worker: $fault', ({ variables, fault }) => {
    const faults = faultsOf(() => readWorkerSettings(environment(variables)));
    expect(faults.map(({ name, message }) => `${name}: ${message}`)).toEqual([expect.stringContaining(fault)]);
  });

  it('tell all faults at once', () => {
    const variables = {
      GANGWAY_PORT: 'x',
      GANGWAY_LOG_LEVEL: 'x',
      TEMPORAL_ADDRESS: 'far:1',
      GANGWAY_CONNECTIONS: '/nowhere',
    };
    const names = faultsOf(() => readApiSettings(environment(variables))).map(({ name }) => name);
    expect(names.sort()).toEqual([
      'GANGWAY_CONNECTIONS',
      'GANGWAY_ENCRYPTION_KEYS',
      'GANGWAY_LOG_LEVEL',
      'GANGWAY_PORT',
      'TEMPORAL_ADDRESS',
    ]);
  });

  it('need only the credentials of the connections that are served', () => {
    const variables = { GANGWAY_TASK_QUEUES: 'workflows, egain/egain-main', SINCH_SECRET: '' };
    const { serves } = readWorkerSettings(environment(variables));
    expect(serves).toMatchObject({ workflows: true, connections: [{ name: 'egain-main' }] });
    expect(readApiSettings(environment({ SINCH_SECRET: '', EGAIN_SECRET: '' })).connections).toHaveLength(2);
  });

  it('serve a vendor with all its connections, and no workflows unless asked', () => {
    const { serves } = readWorkerSettings(environment({ GANGWAY_TASK_QUEUES: 'sinch' }));
    expect(serves).toMatchObject({ workflows: false, connections: [{ name: 'sinch-eu' }] });
  });

  it('refuse more connections than one process serves', () => {
    const one = {
      vendor: 'sinch',
      tenants: ['*'],
      apiBase: 'https://a.example.com',
      projectId: 'p',
      keyId: 'id',
      keySecret: 'x',
    };
    const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`c${index}`, one]));
    const variables = environment({ GANGWAY_CONNECTIONS: { file: { connections: many } } });
    const faults = faultsOf(() => readWorkerSettings(variables));
    expect(faults.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      'GANGWAY_TASK_QUEUES: chooses 501 connections: one process serves at most 500, so spread them over several',
    ]);
    expect(readWorkerSettings({ ...variables, GANGWAY_TASK_QUEUES: 'sinch/c7' }).serves.connections).toHaveLength(1);
  });

  it('hand a worker the variables that specs may name, and no others', () => {
    const { secretVariables } = readWorkerSettings(environment({ GANGWAY_SECRET_A: 'a', GANGWAY_SECRETS: 'b' }));
    expect(secretVariables).toEqual({ GANGWAY_SECRET_A: 'a' });
  });

  it('switch TLS on with an API key or a certificate, unless it is switched off', () => {
    const keys = { file: { active: 'k1', keys: { k1: KEY } } };
    const tls = (variables: Variables): unknown =>
      readApiSettings(environment({ GANGWAY_ENCRYPTION_KEYS: keys, ...variables })).temporal.tls;
    expect(tls({ TEMPORAL_API_KEY: 'k' })).toEqual({});
    expect(tls({ TEMPORAL_TLS: 'true' })).toEqual({});
    expect(tls({ TEMPORAL_TLS_SERVER_NAME: 't.example' })).toEqual({ serverNameOverride: 't.example' });
    expect(tls({ TEMPORAL_TLS_CLIENT_CERT_DATA: 'c', TEMPORAL_TLS_CLIENT_KEY_DATA: 'k' })).toEqual({
      clientCertPair: { crt: Buffer.from('c'), key: Buffer.from('k') },
    });
    expect(tls({ TEMPORAL_API_KEY: 'k', ...OWN_NETWORK })).toBeUndefined();
    expect(tls({ TEMPORAL_ADDRESS: 'temporal:7233', ...OWN_NETWORK })).toBeUndefined();
  });

  it('open the codec without a key for an embedded Temporal and a loopback API alone', () => {
    expect(readApiSettings(environment({ GANGWAY_EMBEDDED: '1' })).codecOpen).toBe(true);
    expect(readApiSettings(base).codecOpen).toBe(false);
  });
});

describe('what the data dir keeps', () => {
  it('is made once, for the owner alone, and found again', () => {
    const first = readApiSettings(base);
    const second = readApiSettings(base);
    expect(first.generatedApiKey).toMatch(/^gwk_[\w-]{32}$/);
    expect(second.generatedApiKey).toBe(first.generatedApiKey);
    expect(first.apiKeys).toEqual([
      expect.objectContaining({
        tenants: ['*'],
        sha256: createHash('sha256')
          .update(first.generatedApiKey ?? '')
          .digest('hex'),
      }),
    ]);
    expect(readWorkerSettings(base).keyRing).toEqual(first.keyRing);
    expect(first.keyRing).toMatchObject({ active: 'k1', hash: 'k1' });
    for (const name of fs.readdirSync(path.join(folder, 'data'))) {
      expect(fs.statSync(path.join(folder, 'data', name)).mode & 0o777).toBe(0o600);
    }
    expect(fs.readdirSync(path.join(folder, 'data')).sort()).toEqual(['api-key', 'encryption-keys.json']);
    expect(fs.statSync(path.join(folder, 'data')).mode & 0o777).toBe(0o700);
  });

  it('is the key that the command line sends to a local API', () => {
    const { generatedApiKey } = readApiSettings(base);
    expect(readCliSettings(base).token).toBe(generatedApiKey);
  });

  it('is not asked where callers and keys are configured', () => {
    const keys = { file: { keys: [{ id: 'ci', sha256: SHA.toUpperCase(), tenants: ['acme'], scopes: ['codec'] }] } };
    const ring = { file: { active: 'k2', keys: { k1: KEY, k2: KEY } } };
    const settings = readApiSettings(
      environment({ GANGWAY_API_KEYS: keys, GANGWAY_ENCRYPTION_KEYS: ring, GANGWAY_HOST: '0.0.0.0' }),
    );
    expect(settings.apiKeys).toEqual([{ id: 'ci', sha256: SHA, tenants: ['acme'], scopes: ['codec'] }]);
    expect(settings.generatedApiKey).toBeUndefined();
    expect(settings.keyRing).toMatchObject({ active: 'k2', hash: 'k1' });
    expect(fs.existsSync(path.join(folder, 'data'))).toBe(false);
  });

  it('must be a key ring: a broken one is told, and never overwritten', () => {
    const file = path.join(folder, 'data', 'encryption-keys.json');
    fs.mkdirSync(path.dirname(file));
    fs.writeFileSync(file, '{}');
    expect(faultsOf(() => readWorkerSettings(base)).length).toBeGreaterThan(0);
    expect(fs.readFileSync(file, 'utf8')).toBe('{}');
  });
});

describe('exitOnConfigError', () => {
  it('prints one line per fault and exits with 78; leaves other errors alone', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const written = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    try {
      exitOnConfigError(new Error('other'));
      expect(exit).not.toHaveBeenCalled();
      exitOnConfigError(
        new ConfigError([
          { name: 'A', message: 'is missing' },
          { name: 'B', message: 'must be b' },
        ]),
      );
      expect(written.mock.calls.map(([line]) => line)).toEqual(['A: is missing\n', 'B: must be b\n']);
      expect(exit).toHaveBeenCalledWith(CONFIG_EXIT_CODE);
    } finally {
      exit.mockRestore();
      written.mockRestore();
    }
  });
});
