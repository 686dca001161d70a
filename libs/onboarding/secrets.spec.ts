import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue, PlanNode } from '#libs/contracts/index.js';
import { isJsonObject } from '#libs/contracts/index.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import {
  canarySpec,
  chain12Spec,
  livepersonCanarySpec,
  minimalEgainSpec,
  planningContext,
  planOf,
} from '#test/factories/index.js';
import {
  issuedField,
  mapSecrets,
  planOnboarding,
  planWithSecrets,
  redact,
  redactBody,
  resourceSecrets,
  secretField,
  SPEC_SECRETS,
} from '#libs/onboarding/index.js';
import { NOTIFY_SECRET, pointerOf, selectPaths } from '#libs/planning/index.js';

const variants = [canarySpec('oauth2'), canarySpec('basic'), livepersonCanarySpec()];

/** Every text in a value with its pointer. */
function texts(value: JsonValue, path: (string | number)[] = []): { pointer: string; text: string }[] {
  if (typeof value === 'string') return [{ pointer: pointerOf(path), text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => texts(item, [...path, index]));
  if (isJsonObject(value)) return Object.entries(value).flatMap(([name, item]) => texts(item, [...path, name]));
  return [];
}

function secretPointers(node: PlanNode): string[] {
  return resourceSecrets(node.vendor, node.resource)
    .flatMap((pattern) => selectPaths(node.body, pattern))
    .map(({ pointer }) => pointer);
}

describe('secret fields', () => {
  it('of the spec are all planted by the canaries', () => {
    const unplanted = SPEC_SECRETS.filter((pattern) =>
      variants.every(({ spec }) => selectPaths(spec as unknown as JsonObject, pattern).length === 0),
    );
    expect(unplanted).toEqual([]);
  });

  it('of the resources cover every place to which the planner carries a secret of the spec', () => {
    for (const { spec, canaries } of variants) {
      const planted = new Set(Object.values(canaries));
      for (const node of planOnboarding(spec, planningContext()).nodes) {
        const carried = texts(node.body).filter(({ text }) => planted.has(text));
        expect(secretPointers(node)).toEqual(expect.arrayContaining(carried.map(({ pointer }) => pointer)));
      }
    }
  });

  it('of a node are those for which the spec has sealed them: every sealed value opens where the planner carries it', () => {
    for (const { spec } of variants) {
      const seal = (_secret: string, field: string): string => field;
      const { nodes } = planWithSecrets(spec, planningContext(), { seal, hmac: (secret) => secret });
      const carried = nodes.flatMap(({ key, vendor, resource, body }) =>
        resourceSecrets(vendor, resource).flatMap((pattern) =>
          selectPaths(body, pattern).map(({ value, field }) => [value, secretField(key, field)] as const),
        ),
      );
      expect(carried.length).toBeGreaterThan(0);
      for (const [sealedFor, openedAs] of carried) expect(openedAs).toBe(sealedFor);
    }
  });

  it('are told apart by their names, and not by their places in lists', () => {
    const fields = variants.flatMap(({ spec }) => {
      const all: string[] = [];
      mapSecrets(spec, (value, _pointer, field) => {
        all.push(field);
        return value;
      });
      return all;
    });
    expect(fields).toContain('/egain/channels/account/attributes/value');
    expect(fields).toContain('/egain/bot/clientApplication/roles/headers/value');
    expect(fields).toContain(NOTIFY_SECRET);
    expect(fields.filter((field) => /\/\d+(?:\/|$)/.test(field))).toEqual([]);
  });

  it('of what a vendor issued and of what a person handed back are other ones than those of the spec', () => {
    expect(issuedField('liveperson.app', 'vendor', 'clientSecret')).toBe('/liveperson/issued/clientSecret');
    expect(issuedField('liveperson.app', 'person', 'clientSecret')).toBe('/liveperson/handoff/clientSecret');
  });

  it('of the resources all come from a secret of the spec', () => {
    const reached = new Set<string>();
    for (const { spec, canaries } of variants) {
      const planted = new Set<JsonValue>(Object.values(canaries));
      for (const node of planOnboarding(spec, planningContext()).nodes) {
        const resource = `${node.vendor}.${node.resource}`;
        for (const pattern of resourceSecrets(node.vendor, node.resource)) {
          const found = selectPaths(node.body, pattern);
          if (found.length > 0 && found.every(({ value }) => planted.has(value))) reached.add(`${resource} ${pattern}`);
        }
      }
    }
    const declared = VENDOR_MODULES.flatMap(({ vendor, resources }) =>
      resources.flatMap(({ name, secrets }) => secrets.map((pattern) => `${vendor}.${name} ${pattern}`)),
    );
    expect([...reached].sort()).toEqual(declared.sort());
  });

  it('of the spec all reach a node, but the secret of a notification', () => {
    for (const { spec, canaries } of variants) {
      const bodies = JSON.stringify(planOnboarding(spec, planningContext()).nodes);
      const lost = Object.entries(canaries).filter(([, canary]) => !bodies.includes(canary));
      expect(lost.map(([pointer]) => pointer)).toEqual(['/notify/0/secret']);
    }
  });

  it('are replaced in a copy, inline ones and references alike', () => {
    const spec = chain12Spec();
    if (spec.sinch?.webhooks[0]) spec.sinch.webhooks[0]['secret'] = { file: 'webhook' };
    const before = structuredClone(spec);
    const seen: Record<string, unknown> = {};
    const copy = mapSecrets(spec, (value, pointer) => {
      seen[pointer] = value;
      return 'replaced';
    });
    expect(seen).toEqual({
      '/egain/authentication/basicAuth/password': 'callback-password',
      '/sinch/app/channel_credentials/0/static_bearer/token': 'sender-token',
      '/sinch/webhooks/0/secret': { file: 'webhook' },
    });
    expect(copy.egain?.authentication?.['basicAuth']).toEqual({ username: 'hub', password: 'replaced' });
    expect(spec).toEqual(before);
  });
});

describe('redaction', () => {
  it('shows no secret of a spec or plan, sealed or not, and keeps what is none', () => {
    for (const { spec, canaries } of variants) {
      const plan = planOf(spec);
      const shown = [
        redact(spec),
        redact(plan.spec, plan.texts),
        ...plan.nodes.map((node) => redactBody(node, plan.texts)),
        ...planOnboarding(spec, planningContext()).nodes.map((node) => redactBody(node)),
      ];
      const text = JSON.stringify(shown);
      expect(Object.values(canaries).filter((canary) => text.includes(canary))).toEqual([]);
      expect(text).not.toContain('sealed:');
      expect(text).toContain(spec.chain === 'egain' ? '+15550100' : 'com.acme.support');
      const hidden = new Map(texts(redact(spec)).map((found) => [found.pointer, found.text]));
      for (const pointer of Object.keys(canaries)) expect(hidden.get(pointer)).toBe('[secret]');
    }
  });

  it('shows references as themselves', () => {
    const spec = chain12Spec();
    if (spec.egain)
      spec.egain.authentication = { type: 'basic', basicAuth: { username: 'hub', password: { env: 'X' } } };
    expect(redact(spec)).toMatchObject({ egain: { authentication: { basicAuth: { password: { env: 'X' } } } } });
  });

  it('shows a long text by its length, interned or not', () => {
    const spec = minimalEgainSpec();
    if (spec.egain?.channels[0]) spec.egain.channels[0]['icon'] = 'A'.repeat(512_000);
    const plan = planOf(spec);
    const shown = { egain: { channels: [{ icon: '<512000 characters>' }] } };
    expect(redact(spec)).toMatchObject(shown);
    expect(redact(plan.spec, plan.texts)).toMatchObject(shown);
  });
});
