import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { chain12Spec, minimalEgainSpec, planningContext, planOf } from '#test/factories/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import {
  createTextStore,
  expandTexts,
  fillRefs,
  LONG_TEXT,
  nodeOf,
  parseRef,
  ref,
  refsOf,
  resolveNode,
  unresolvedRefs,
} from '#libs/planning/index.js';

describe('references', () => {
  it('split at the last dot, as node keys hold dots', () => {
    expect(parseRef(ref('egain.channel.custom.acme', 'id'))).toEqual({ key: 'egain.channel.custom.acme', field: 'id' });
  });

  it.each<[JsonValue, string]>([
    ['a.b', 'a text is no reference'],
    [{ $ref: 1 }, 'a reference holds a text'],
    [{ $ref: 'a.b', more: true }, 'an object with other fields is none'],
    [{ $ref: 'nodot' }, 'it must name a field'],
    [{ $ref: '.id' }, 'it must name a node'],
  ])('%j is none: %s', (value) => {
    expect(parseRef(value)).toBeUndefined();
  });

  it('fills in what is known, from a map or an object, and leaves the rest', () => {
    const plan = planOf(chain12Spec());
    const node = nodeOf(plan, 'egain.account.custom.acme');
    const known = { 'egain.channel.custom.acme': { id: 'channel-1' } };
    for (const outputs of [known, new Map(Object.entries(known))]) {
      const resolved = resolveNode(plan, node, outputs);
      expect(resolved.body['channel']).toEqual({ id: 'channel-1' });
      expect(unresolvedRefs(resolved.body)).toEqual(['egain.orchestration.id']);
      expect(refsOf(resolved.body)).toEqual(['egain.orchestration']);
      expect(resolved).toMatchObject({ account: { tenant: 'acme', account: 'support' }, installation: 'test1' });
    }
    expect(refsOf(node.body)).toContain('egain.channel.custom.acme');
  });

  it('reads no outputs that an object merely inherits', () => {
    expect(fillRefs({ a: { $ref: 'constructor.name' } }, {})).toEqual({ a: { $ref: 'constructor.name' } });
  });
});

describe('long texts', () => {
  const icon = 'A'.repeat(4000);

  it('are kept once, wherever they stand in nodes and spec', () => {
    const spec = chain12Spec();
    if (spec.egain) spec.egain.channels = spec.egain.channels.map((channel) => ({ ...channel, icon }));
    const plan = planOf(spec);
    expect(plan.texts).toEqual([icon]);
    expect(JSON.stringify(plan).split(icon)).toHaveLength(2);
    expect(nodeOf(plan, 'egain.channel.custom.acme').body['icon']).toEqual({ $text: 0 });
    expect(resolveNode(plan, nodeOf(plan, 'egain.channel.custom.acme'), {}).body['icon']).toBe(icon);
  });

  it('come back with the spec', () => {
    const spec = minimalEgainSpec();
    if (spec.egain?.channels[0]) spec.egain.channels[0]['icon'] = icon;
    const plan = planOnboarding(spec, planningContext());
    expect(expandTexts(plan.spec, plan.texts)).toEqual(spec);
  });

  it('says so when a plan lacks a text', () => {
    expect(() => expandTexts({ icon: { $text: 3 } }, [])).toThrow('index 3');
  });

  it('are put back as they were, for any JSON', () => {
    const long = fc.string({ minLength: LONG_TEXT - 2, maxLength: LONG_TEXT + 40 });
    const values = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), long, fc.array(long, { maxLength: 3 })));
    fc.assert(
      fc.property(values, (value) => {
        const json = JSON.parse(JSON.stringify(value)) as JsonObject;
        const store = createTextStore();
        expect(expandTexts(store.intern(json), store.texts)).toEqual(json);
        expect(new Set(store.texts).size).toBe(store.texts.length);
      }),
    );
  });
});
