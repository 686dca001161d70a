import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import openapiTypescript, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SPEC_EXAMPLES } from './examples.js';

const root = path.resolve(import.meta.dirname, '../../../..');
let folder: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-client-'));
  const ast = await openapiTypescript(new URL('file://' + path.join(root, 'apps/api/openapi.json')));
  fs.writeFileSync(path.join(folder, 'api.d.ts'), astToString(ast));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: [],
  skipLibCheck: true,
  noEmit: true,
};

/** Reads everything but the client itself once: the language's own types take most of the time. */
const host = ts.createCompilerHost(OPTIONS);
const readFile = host.getSourceFile.bind(host);
const read = new Map<string, ReturnType<typeof readFile>>();
host.getSourceFile = (name, ...others) => {
  if (name.endsWith('/client.ts')) return readFile(name, ...others);
  if (!read.has(name)) read.set(name, readFile(name, ...others));
  return read.get(name);
};

/** What the compiler says of a client's source, in the strictest mode. */
function faults(source: string): string[] {
  const file = path.join(folder, 'client.ts');
  fs.writeFileSync(file, `import type { components, operations } from './api.js';\n${source}`);
  const program = ts.createProgram([file], OPTIONS, host);
  const client = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(client), ...program.getSemanticDiagnostics(client)].map(
    ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n').split('\n')[0] ?? '',
  );
}

/** Specs in README, as they stand between the marks of a shell's input. */
function readmeSpecs(): unknown[] {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  return [...readme.matchAll(/<<'SPEC'[^\n]*\n([\s\S]*?)\n *SPEC$/gm)].map(
    ([, json = '']) => JSON.parse(json) as unknown,
  );
}

describe('a client that is generated from the API description', () => {
  it('takes the specs of examples/ and of README as they are', () => {
    const specs = [...SPEC_EXAMPLES.map(({ value }) => value), ...readmeSpecs()];
    expect(readmeSpecs().length).toBeGreaterThan(0);
    const constants = specs.map(
      (spec, n) =>
        `export const spec${n}: components['schemas']['OnboardingSpec'] = ${JSON.stringify(spec)};\n` +
        `export const start${n}: components['schemas']['StartOnboarding'] = { ...spec${n}, planHash: 'x' };`,
    );
    expect(faults(constants.join('\n'))).toEqual([]);
  });

  it('takes a corrected spec, tells events apart, and decides by the type of a problem', () => {
    const source = `
      type Schemas = components['schemas'];
      export const retry: Schemas['Retry'] = { reason: 'mended', spec: ${JSON.stringify(SPEC_EXAMPLES[0]?.value)} };
      export function told(event: Schemas['ServerSentEvent']): string {
        switch (event.event) {
          case 'started': return (JSON.parse(event.data) as Schemas['StartedEvent']).message;
          case 'step': return (JSON.parse(event.data) as Schemas['StepEvent']).key;
          case 'status': return (JSON.parse(event.data) as Schemas['StatusEvent']).status;
          case 'command': return (JSON.parse(event.data) as Schemas['CommandEvent']).by;
          case 'closed': return (JSON.parse(event.data) as Schemas['ClosedEvent']).reason ?? '';
        }
      }
      type Refusal = operations['Onboardings_start']['responses'][409]['content']['application/problem+json'];
      export function exists(problem: Refusal): boolean {
        return problem.type === 'https://gangway.dev/problems/account-exists';
      }
      export const ends: Record<Schemas['JobStatus'], boolean> = {
        queued: false, running: false, waiting: false, held: false, 'rolling-back': false, 'rollback-incomplete': false,
        succeeded: true, 'rolled-back': true, cancelled: true, rejected: true, interrupted: true, failed: true,
      };
    `;
    expect(faults(source)).toEqual([]);
  });

  it.each([
    ['what is required', { tenant: 'acme' }, /missing the following properties/],
    ['an enumeration', { ...SPEC_EXAMPLES[0]?.value, onFailure: 'ignore' }, /"ignore"/],
    ['an unknown field', { ...SPEC_EXAMPLES[0]?.value, tennant: 'acme' }, /tennant/],
  ])('refuses a wrong spec: %s', (_reason, spec, message) => {
    const found = faults(`export const spec: components['schemas']['OnboardingSpec'] = ${JSON.stringify(spec)};`);
    expect(found.join('\n')).toMatch(message);
  });
});
