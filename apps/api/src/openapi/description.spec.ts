import fs from 'node:fs';
import path from 'node:path';
import openapiCore from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { PROBLEMS, type ProblemSlug } from '../problems/problem.js';
import { ENUMERATIONS } from './enumerations.js';
import { SPEC_EXAMPLES } from './examples.js';
import { OF_NO_OPERATION, problemsOf, problemType } from './problem-answers.js';

const root = path.resolve(import.meta.dirname, '../../../..');
const text = fs.readFileSync(path.join(root, 'apps/api/openapi.json'), 'utf8');
const document = JSON.parse(text) as JsonObject;
const paths = document['paths'] as Record<string, Record<string, JsonObject>>;
const components = document['components'] as Record<string, Record<string, JsonObject>>;
const schemas = components['schemas'] ?? {};
const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

/** All objects of the description with their places. */
function* parts(value: JsonValue, at = ''): Generator<[string, JsonObject]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* parts(item, `${at}/${index}`);
  } else if (isJsonObject(value)) {
    yield [at, value];
    for (const [name, item] of Object.entries(value)) yield* parts(item, `${at}/${name}`);
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Names of the schemas that a part leads to. */
function reached(value: JsonValue, seen = new Set<string>()): Set<string> {
  for (const [, part] of parts(value)) {
    const [, name] = /^#\/components\/schemas\/(.+)$/.exec(textOf(part['$ref'])) ?? [];
    if (name === undefined || seen.has(name)) continue;
    seen.add(name);
    reached(schemas[name] ?? {}, seen);
  }
  return seen;
}

describe('the API description', () => {
  it('keeps to the rules for OpenAPI documents that everybody recommends', async () => {
    const { lintFromString, createConfig } = openapiCore;
    // The package is private, so there is no licence to name.
    const config = await createConfig({ extends: ['recommended'], rules: { 'info-license': 'off' } });
    const found = await lintFromString({ source: text, config });
    expect(found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
  });

  it('has patterns that every engine knows: no properties of Unicode, no looking around, no references back', () => {
    const withoutClasses = (pattern: string): string => pattern.replace(/\[(?:\\.|[^\]])*\]/g, '[]');
    const odd = [...parts(document)].flatMap(([at, { pattern }]) => {
      if (typeof pattern !== 'string') return [];
      const hasOdd = /\\[pPuk1-9]/.test(pattern) || /\(\?(?!:)|[*+?}]\+/.test(withoutClasses(pattern));
      return hasOdd ? [[at, pattern]] : [];
    });
    expect(odd).toEqual([]);
    expect([...parts(document)].filter(([, { pattern }]) => typeof pattern === 'string').length).toBeGreaterThan(5);
  });

  it('has dates that are told by their format, and numbers without limits that are none', () => {
    for (const [at, part] of parts(document)) {
      if (part['format'] === 'date-time') expect([at, part['pattern']]).toEqual([at, undefined]);
      for (const limit of [part['minimum'], part['maximum']]) {
        if (typeof limit === 'number') expect([at, Math.abs(limit) < 1e9]).toEqual([at, true]);
      }
    }
  });

  it('has no default in what is sent: a client would think that the field must be there', () => {
    const bodies = reached([...operations].map((operation) => operation['requestBody'] ?? null));
    const defaults = [...bodies].flatMap((name) =>
      [...parts(schemas[name] ?? {})].filter(([, part]) => 'default' in part),
    );
    expect(defaults).toEqual([]);
  });

  it('has answers that may get new fields', () => {
    const answers = reached(operations.map((operation) => operation['responses'] ?? null));
    const sent = reached(schemas['OnboardingSpec'] ?? {}).add('OnboardingSpec');
    const closed = [...answers]
      .filter((name) => !sent.has(name))
      .flatMap((name) => [...parts(schemas[name] ?? {})].filter(([, part]) => part['additionalProperties'] === false));
    expect(closed).toEqual([]);
    expect(answers.size).toBeGreaterThan(20);
  });

  it('refers to every schema that it has, and has every one that it refers to', () => {
    const { schemas: _, ...others } = components;
    const used = reached([paths, others, document['webhooks'] ?? null] as JsonValue);
    expect([...used].sort()).toEqual(Object.keys(schemas).sort());
  });

  it('writes no enumeration out that has a name, and says what each of its values means', () => {
    const named = new Map(Object.values(ENUMERATIONS).map(({ values }) => [Object.keys(values).sort().join(), values]));
    const writtenOut = [...parts(document)].filter(
      ([at, part]) =>
        Array.isArray(part['enum']) &&
        named.has(part['enum'].map(String).sort().join()) &&
        !/^\/components\/schemas\/[A-Z]\w+$/.test(at),
    );
    expect(writtenOut.map(([at]) => at)).toEqual([]);
    for (const [name, { values }] of Object.entries(ENUMERATIONS)) {
      expect(schemas[name]?.['enum']).toEqual(Object.keys(values));
      for (const value of Object.keys(values)) expect(schemas[name]?.['description']).toContain(`- \`${value}\`: `);
    }
  });

  it('is served by the API itself', () => {
    expect(document['servers']).toEqual([{ url: '/', description: expect.any(String) as string }]);
  });
});

describe('the refusals of the API description', () => {
  it.each(operations.map((operation) => [textOf(operation['operationId']), operation] as const))(
    'are told for each status with the types of problems: %s',
    (operationId, operation) => {
      const slugs = problemsOf(operationId);
      const statuses = [...new Set(slugs.map((slug) => String(PROBLEMS[slug][0])))].sort();
      const told = Object.entries(operation['responses'] as Record<string, JsonObject>).filter(
        ([status]) => status >= '400',
      );
      expect(told.map(([status]) => status)).toEqual(statuses);
      for (const [status, { $ref }] of told) {
        const answer = components['responses']?.[textOf($ref).replace('#/components/responses/', '')];
        const types = [...parts(answer ?? {})].flatMap(([, { enum: values }]) => (Array.isArray(values) ? values : []));
        expect(types).toEqual(slugs.filter((slug) => String(PROBLEMS[slug][0]) === status).map(problemType));
      }
    },
  );

  it('leave none out', () => {
    const told = new Set(operations.flatMap((operation) => problemsOf(textOf(operation['operationId']))));
    const all = Object.keys(PROBLEMS) as ProblemSlug[];
    expect(all.filter((slug) => !told.has(slug))).toEqual(all.filter((slug) => OF_NO_OPERATION.includes(slug)));
  });

  it('are explained in docs/problems.md, each with its status, its meaning and what to do', () => {
    const page = fs.readFileSync(path.join(root, 'docs/problems.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)];
    expect(rows.map(([, slug, status]) => [slug, Number(status)])).toEqual(
      Object.entries(PROBLEMS).map(([slug, [status]]) => [slug, status]),
    );
    for (const [, slug, , meaning, cure] of rows) {
      expect([slug, (meaning ?? '').length > 20, (cure ?? '').length > 8]).toEqual([slug, true, true]);
    }
  });
});

describe('the examples of the API description', () => {
  const folder = path.join(root, 'examples');

  it('are the files in examples/: else change apps/api/src/openapi/examples.ts too', () => {
    const files = fs.readdirSync(folder).filter((file) => file.endsWith('.yaml'));
    expect(SPEC_EXAMPLES.map(({ file }) => file).sort()).toEqual(files.sort());
    for (const { file, value } of SPEC_EXAMPLES) {
      expect(value).toEqual(parse(fs.readFileSync(path.join(folder, file), 'utf8')));
    }
  });

  it('stand at every call that takes a spec', () => {
    for (const address of ['/v1/plans', '/v1/onboardings']) {
      const body = paths[address]?.['post']?.['requestBody'] as { content: { 'application/json': JsonObject } };
      const examples = body.content['application/json']['examples'] as JsonObject;
      expect(Object.keys(examples)).toEqual(SPEC_EXAMPLES.map(({ file }) => file.replace('.yaml', '')));
    }
  });
});
