import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { edited, planningContext } from '#test/factories/index.js';
import { CANARY, schemaSound, soundSpec } from './arbitraries.fixture.js';
import type { Finding } from '#libs/fields/findings.js';
import { parseSpec, specDocument } from './parse-spec.js';

const RUNS = 150;

/** Values that are put where others belong: of every type, too deep, too long, with what must not be told. */
const wrongValue: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
  fc.constantFrom<JsonValue>(
    null,
    true,
    0,
    -1,
    1.5,
    '',
    ' ',
    [],
    {},
    [[]],
    `${CANARY} `,
    `sealed:${CANARY}`,
    '[secret]',
  ),
  fc.constantFrom<JsonValue>({ env: CANARY }, { file: CANARY }, { env: CANARY, file: CANARY }, [CANARY], {
    [CANARY]: CANARY,
  }),
  fc.constant(JSON.parse(`${'['.repeat(70)}${']'.repeat(70)}`) as JsonValue),
  fc.integer({ min: 0, max: 1_200 }).map((count) => Array.from({ length: count }, () => CANARY)),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `${CANARY}${text}`),
);

/** Names that need care in pointers and in objects. */
const oddName = fc.constantFrom('', '/', '~', '~1', '__proto__', 'constructor', 'a b', '0', '-', 'ü', 'a\nb', '\ud800');

interface Change {
  where: number;
  kind: 'replace' | 'remove' | 'double' | 'add';
  name: string;
  value: JsonValue;
}

const change: fc.Arbitrary<Change> = fc.record({
  where: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'double', 'add'),
  name: oddName,
  value: wrongValue,
});

function places(value: JsonValue, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [at, ...places(item, at)];
  });
}

function changed(document: JsonObject, { where, kind, name, value }: Change): JsonObject {
  const all = places(document);
  const at = all[where % all.length] ?? '/tenant';
  const parent = at.slice(0, at.lastIndexOf('/'));
  switch (kind) {
    case 'replace':
      return edited(document, at, value);
    case 'remove':
      return edited(document, at, undefined);
    case 'double': {
      const list = valueAt(document, parent);
      return Array.isArray(list) ? edited(document, `${parent}/-`, valueAt(document, at) ?? null) : document;
    }
    case 'add': {
      const holder = isJsonObject(valueAt(document, at)) ? at : '';
      return edited(document, `${holder}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, value);
    }
  }
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands at a pointer; a manifest that is given as text is looked into. Undefined where there is nothing. */
function valueAt(document: JsonValue, pointer: string): JsonValue | undefined {
  let at: JsonValue | undefined = document;
  for (const token of tokensOf(pointer)) {
    const holder: JsonValue | undefined = typeof at === 'string' ? readJson(at) : at;
    if (typeof holder !== 'object' || holder === null) return undefined;
    at = Object.getOwnPropertyDescriptor(holder, token)?.value as JsonValue | undefined;
  }
  return at;
}

function readJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** What a finding must be whatever the input is. */
function expectSound({ pointer, message }: Finding, input: JsonValue): void {
  expect(pointer).toMatch(/^(?:\/(?:[^~/]|~[01])*)*$/u);
  const parent = pointer.slice(0, pointer.lastIndexOf('/'));
  const isThere = valueAt(input, pointer) !== undefined || typeof valueAt(input, parent) === 'object';
  expect([pointer, isThere || pointer === '' || typeof valueAt(input, parent) === 'string']).toEqual([pointer, true]);
  // A node key holds the type of a channel, which is none of the secrets.
  expect(message.replace(/(?:known are|did you mean) .*$/u, '')).not.toContain(CANARY);
  expect(message).toMatch(/^\S.*[^\s.]$/u);
}

function findingsOf(input: JsonValue): Finding[] {
  const result = parseSpec(input, { allowPrivateUrls: false });
  return result.ok ? result.warnings : result.findings;
}

describe('any spec that is right in every respect', () => {
  it('is taken, comes back as it was sent, and can be planned', () => {
    fc.assert(
      fc.property(soundSpec, (document) => {
        const result = parseSpec(document, { allowPrivateUrls: false });
        expect(result.ok ? [] : result.findings).toEqual([]);
        if (!result.ok) return;
        const back = specDocument(result.spec);
        expect(back).toMatchObject(document);
        expect(parseSpec(back, { allowPrivateUrls: false })).toEqual(result);
        const context = planningContext({
          facts: {
            egain: { agentClientApplicationId: '45a0b1c2-d3e4-4f50-8617-283940a5b6c7' },
            liveperson: { mode: 'api', accountId: '1' },
          },
        });
        expect(planOnboarding(result.spec, context)).toEqual(planOnboarding(result.spec, context));
        for (const warning of result.warnings) expectSound(warning, document);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('whatever is sent', () => {
  it('is answered with findings that point into it and tell no value: documents that fit the schema', () => {
    fc.assert(
      fc.property(schemaSound, (document) => {
        for (const finding of findingsOf(document)) expectSound(finding, document);
      }),
      { numRuns: RUNS },
    );
  });

  it('is answered with findings that point into it and tell no value: right specs that were changed in a few places', () => {
    fc.assert(
      fc.property(soundSpec, fc.array(change, { minLength: 1, maxLength: 4 }), (document, changes) => {
        const input = changes.reduce(changed, document);
        const before = JSON.stringify(input);
        const found = findingsOf(input);
        expect(JSON.stringify(input)).toBe(before);
        for (const finding of found) expectSound(finding, input);
        const sorted = found.map(({ pointer }) => pointer);
        expect(sorted).toEqual([...sorted].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
      { numRuns: 3 * RUNS },
    );
  });

  it('is answered with findings that point into it and tell no value: any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue() as fc.Arbitrary<JsonValue>, (input) => {
        for (const finding of findingsOf(input)) expectSound(finding, input);
      }),
      { numRuns: RUNS },
    );
  });
});
