import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { DEEPEST_LEVEL, hasMoreValues, MOST_VALUES } from '#libs/planning/index.js';
import { edited, fullEgainSpec, hostileBodies, livepersonSpec } from '#test/factories/index.js';
import { MOST_FINDINGS, type Finding } from '#libs/fields/findings.js';
import { limitsOf, withinLimits } from '#libs/fields/limits.js';
import { parseSpec, specDocument } from './parse-spec.js';
import { onboardingSpecSchema } from './spec.schema.js';

const LIMITS = limitsOf(onboardingSpecSchema);
const full = specDocument(fullEgainSpec());

function findings(input: JsonValue): Finding[] {
  const result = parseSpec(input, { allowPrivateUrls: false });
  return result.ok ? [] : result.findings;
}

/** `levels` lists, each in the one before, with a number in the innermost. */
function nested(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describe('the schema of a spec', () => {
  it('says of every list and every freely named field how many there may be', () => {
    const unlimited: string[] = [];
    const look = (schema: unknown, at: string): void => {
      if (Array.isArray(schema)) schema.forEach((each, n) => look(each, `${at}[${n}]`));
      if (!isJsonObject(schema)) return;
      if (schema['type'] === 'array' && typeof schema['maxItems'] !== 'number') unlimited.push(at);
      if (isJsonObject(schema['additionalProperties']) && typeof schema['maxProperties'] !== 'number')
        unlimited.push(at);
      for (const [name, value] of Object.entries(schema)) look(value, `${at}/${name}`);
    };
    look(z.toJSONSchema(onboardingSpecSchema, { io: 'input', reused: 'inline' }), '');
    // A manifest has rules of its own, and a limit for all its values together.
    expect(unlimited.filter((at) => !at.includes('/manifest'))).toEqual([]);
  });
});

describe('a document is cut down to its limits', () => {
  it('and stays as it is within them, __proto__ and all', () => {
    const document: unknown = JSON.parse(
      `{"__proto__":{"a":1},"tenant":"acme","adopt":["x"],"liveperson":{"manifest":{"a":[{}]}}}`,
    );
    const text = JSON.stringify(document);
    const { document: cut, findings: found } = withinLimits(document as JsonValue, LIMITS);
    expect([JSON.stringify(cut), found]).toEqual([text, []]);
    expect(JSON.stringify(document)).toBe(text);
  });

  it.each<[string, JsonValue, string]>([
    ['/egain/channels', Array.from({ length: 101 }, () => null), 'must have at most 100 items; it has 101'],
    ['/egain/channels/0/l10nProperties', Array.from({ length: 26 }, () => 7), 'must have at most 25 items; it has 26'],
    ['/adopt', Array.from({ length: 1_001 }, () => 'x'), 'must have at most 1000 items; it has 1001'],
    [
      '/labels',
      Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, 7])),
      'must have at most 32 entries; it has 33',
    ],
    ['/sinch/webhooks', Array.from({ length: 6 }, () => ({})), 'must have at most 5 items; it has 6'],
  ])('with one finding for what is too long, and all others for the rest: %s', (at, value, message) => {
    const wrong = edited(edited(full, at, value), '/tenant', 'ACME');
    expect(findings(wrong)).toEqual([{ pointer: at, message }, expect.objectContaining({ pointer: '/tenant' })]);
  });

  it.each([
    ['/labels', 1],
    ['/egain/channels/0/icon', 4],
    ['/liveperson/manifest/overview', 3],
    ['/surplus', 1],
  ])(`to ${DEEPEST_LEVEL} levels, wherever they are: %s`, (at, above) => {
    const document = at.startsWith('/liveperson') ? specDocument(livepersonSpec()) : full;
    const tooDeep = (levels: number): Finding[] =>
      findings(edited(document, at, nested(levels))).filter(({ message }) => message.includes('nested deeper'));
    expect(tooDeep(DEEPEST_LEVEL - above)).toEqual([]);
    for (const levels of [DEEPEST_LEVEL - above + 1, 3_000]) {
      const pointer = at + '/0'.repeat(DEEPEST_LEVEL - above);
      expect(tooDeep(levels)).toEqual([{ pointer, message: 'is nested deeper than 64 levels: make it flatter' }]);
    }
  });

  it('with a finding for each of the first 100 fields that are not known, and their number for the rest', () => {
    const unknown = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`u${n}`, 1]));
    const found = findings({ ...full, ...unknown });
    expect(found).toHaveLength(101);
    expect(found[0]).toEqual({ pointer: '', message: 'has further fields that are not known (50): leave them out' });
  });

  it(`and is refused as a whole with more than ${MOST_VALUES} values`, () => {
    const texts = (count: number): JsonValue => Array.from({ length: count }, () => 1);
    const withTexts = (count: number): JsonObject => ({ manifest: texts(count) });
    // The document, its fields, the section and the list count too.
    const others = 5;
    const document = (count: number): JsonObject => ({ tenant: 'acme', account: 'lp', liveperson: withTexts(count) });
    expect(findings(document(MOST_VALUES - others)).map(({ pointer }) => pointer)).not.toContain('');
    expect(findings(document(MOST_VALUES - others + 1))).toEqual([
      { pointer: '', message: 'holds more than 25000 values, which no job could carry: shorten its longest lists' },
    ]);
  });
});

describe('the work for a hostile body is bounded', () => {
  it.each(hostileBodies().map(({ name, text }) => [name, text] as const))('%s', (_name, text) => {
    expect(text.length).toBeLessThanOrEqual(2_000_000);
    const body = JSON.parse(text) as JsonValue;
    const { document } = withinLimits(body, LIMITS);
    expect(document === undefined || !hasMoreValues(document)).toBe(true);

    const found = findings(body);
    const hints = found.filter(({ message }) => /did you mean|known are/.test(message));
    expect(hints.length).toBeLessThanOrEqual(20);
    // One list of large items may go beyond, and each kind of rule has findings of its own.
    expect(found.length).toBeLessThanOrEqual(10 * MOST_FINDINGS);
    const messages = found.reduce((sum, { message }) => sum + message.length, 0);
    expect(messages).toBeLessThanOrEqual(2_000_000);
  });

  it('by what it reads of the body: no more than twice the values that it may have', () => {
    for (const { text } of hostileBodies().filter(({ name }) => /^\d/.test(name))) {
      const reads = { count: 0 };
      parseSpec(counted(JSON.parse(text) as JsonValue, reads), { allowPrivateUrls: false });
      expect(reads.count).toBeLessThanOrEqual(2 * MOST_VALUES);
    }
  });
});

/** The same document; how often a value of it is read is counted. Names are counted where they are listed. */
function counted(value: JsonValue, reads: { count: number }): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  return new Proxy(value, {
    get: (target, name) => {
      if (typeof name === 'string' && name !== 'length') reads.count++;
      const found: unknown = Reflect.get(target, name);
      return typeof found === 'function' ? found : counted(found as JsonValue, reads);
    },
  });
}
