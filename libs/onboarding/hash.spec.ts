import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue, OnboardingSpec } from '#libs/contracts/index.js';
import { isJsonObject } from '#libs/contracts/index.js';
import { canarySpec, chain12Spec, fullEgainSpec, planningContext, planOf } from '#test/factories/index.js';
import { planOnboarding, planWithSecrets } from '#libs/onboarding/index.js';
import { canonicalJson } from '#libs/planning/index.js';

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

function withPassword(password: string | { env: string }): OnboardingSpec {
  const spec = chain12Spec();
  if (spec.egain) spec.egain.authentication = { type: 'basic', basicAuth: { username: 'hub', password } };
  return spec;
}

describe('hashes', () => {
  it('do not depend on the order of keys', () => {
    const spec = fullEgainSpec();
    const other = reversed(spec as unknown as JsonObject) as unknown as OnboardingSpec;
    expect(planOf(other)).toMatchObject({ planHash: planOf(spec).planHash, specHash: planOf(spec).specHash });
  });

  it('are the same for the same secret although sealing never gives the same text twice', () => {
    let nonce = 0;
    const plan = (): ReturnType<typeof planWithSecrets> =>
      planWithSecrets(withPassword('one'), planningContext(), {
        seal: (secret) => `sealed:v1:${nonce++}:${secret.length}`,
        hmac: (secret) => `hmac-${secret}`,
      });
    const [first, second] = [plan(), plan()];
    expect(first.nodes).not.toEqual(second.nodes);
    expect([first.planHash, first.specHash]).toEqual([second.planHash, second.specHash]);
  });

  it.each([
    [withPassword('one'), withPassword('two'), 'a changed password is a changed spec'],
    [withPassword('A'), withPassword({ env: 'A' }), 'a reference is not the text of its name'],
    [withPassword({ env: 'A' }), withPassword({ env: 'B' }), 'a reference counts as itself'],
    [chain12Spec(), chain12Spec({ tenant: 'other' }), 'another tenant is another plan'],
    [chain12Spec(), chain12Spec({ adopt: true }), 'what may be taken over is part of the plan'],
  ])('differ, case %#: %3$s', (one, other) => {
    expect(planOf(one).planHash).not.toBe(planOf(other).planHash);
    expect(planOf(one).specHash).not.toBe(planOf(other).specHash);
  });

  it('of the plan leave out what does not change the nodes', () => {
    const [one, other] = [planOf(chain12Spec()), planOf(chain12Spec({ labels: { region: 'emea' } }))];
    expect(one.planHash).toBe(other.planHash);
    expect(one.specHash).not.toBe(other.specHash);
  });

  it('come with sealed secrets only, in nodes, spec and notifications', () => {
    const { spec, canaries } = canarySpec();
    const text = JSON.stringify(planOf(spec));
    expect(Object.values(canaries).filter((canary) => text.includes(canary))).toEqual([]);
  });

  it('of a plan made twice are equal, and so is the plan', () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(
        name,
        name,
        fc.boolean(),
        fc.string({ minLength: 1, maxLength: 300 }),
        (tenant, account, adopt, word) => {
          const spec = (): OnboardingSpec => ({ ...withPassword(word), tenant, account, adopt });
          expect(planOnboarding(spec(), planningContext())).toEqual(planOnboarding(spec(), planningContext()));
          expect(planOf(spec())).toEqual(planOf(spec()));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('canonical JSON', () => {
  it('sorts keys, keeps lists in order and leaves out what is undefined', () => {
    expect(canonicalJson({ b: [2, 1], a: { d: null, c: 'é"' } })).toBe('{"a":{"c":"é\\"","d":null},"b":[2,1]}');
    expect(canonicalJson({ a: undefined } as unknown as JsonObject)).toBe('{}');
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const json = JSON.parse(JSON.stringify(value)) as JsonValue;
        expect(JSON.parse(canonicalJson(json))).toEqual(json);
        expect(canonicalJson(reversed(json))).toBe(canonicalJson(json));
      }),
    );
  });
});
