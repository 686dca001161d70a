import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { change, changed, valueAt } from '#test/factories/changes.js';
import { planningContext } from '#test/factories/index.js';
import { CANARY, schemaSound, soundSpec } from './arbitraries.fixture.js';
import type { Finding } from '#libs/fields/findings.js';
import { parseSpec, specDocument } from './parse-spec.js';

const RUNS = 150;

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
