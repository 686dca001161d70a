import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject, JsonValue, OnboardingSpec } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import {
  canarySpec,
  chain12Spec,
  edited,
  fullEgainSpec,
  ICON,
  minimalEgainSpec,
  planningContext,
} from '#test/factories/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { parseSpec, specDocument } from './parse-spec.js';
import { onboardingSpecSchema } from './spec.schema.js';

const full = specDocument(fullEgainSpec());
const minimal = specDocument(minimalEgainSpec());

function findings(input: unknown, allowPrivateUrls = false): Finding[] {
  const result = parseSpec(input, { allowPrivateUrls });
  return result.ok ? [] : result.findings;
}

function pointers(input: unknown): string[] {
  return findings(input).map(({ pointer }) => pointer);
}

function warnings(input: unknown): string[] {
  const result = parseSpec(input, { allowPrivateUrls: false });
  return result.ok ? result.warnings.map(({ pointer }) => pointer) : ['refused'];
}

function parsed(input: unknown): OnboardingSpec {
  const result = parseSpec(input, { allowPrivateUrls: false });
  if (!result.ok) throw new Error(JSON.stringify(result.findings));
  return result.spec;
}

describe('a spec is refused', () => {
  it.each<[string, JsonValue | undefined, RegExp, string, string[]?]>([
    ['/tenant', undefined, /is missing/, 'required'],
    ['/tenant', 'Acme', /lower-case/, 'names are lower-case'],
    ['/tenant', '-acme', /lower-case/, 'hyphens stand inside'],
    ['/account', 'a'.repeat(49), /48/, 'at most 48 characters'],
    ['/account', 'a.b', /lower-case/, 'a dot joins tenant and account'],
    ['/chain', 'egian', /did you mean egain\?/, 'enum'],
    ['/chain', undefined, /is missing/, 'required'],
    [
      '/chain',
      'liveperson',
      /does not belong to the chain liveperson/,
      'the sections of another chain',
      ['/connections/liveperson', '/egain', '/liveperson', '/sinch'],
    ],
    ['/connections', undefined, /is missing/, 'a chain runs over connections'],
    ['/connections/egain', undefined, /egain connection/, 'the chain uses it'],
    ['/connections/sinch', undefined, /sinch connection/, 'the section uses it'],
    ['/connections/egian', 'x', /did you mean egain\?/, 'unknown vendor'],
    ['/egain', undefined, /chain egain needs/, 'the section of the chain', ['/adopt/0', '/egain']],
    ['/liveperson', { manifest: { client_name: 'x' } }, /does not belong/, 'a section of another chain'],
    ['/onFailure', 'ignore', /rollback, hold/, 'enum'],
    ['/adopt', 'all', /true or false or a list/, 'true or a list'],
    ['/adopt/0', 'egain.clientApplicatoin', /did you mean egain.clientApplication\?/, 'an unknown key adopts nothing'],
    ['/adopt/0', 'sinch.channels', /condition/, 'nothing to take over'],
    ['/labels/-x', 'y', /label name/, 'label names'],
    ['/labels/x', 'y'.repeat(256), /at most 255/, 'label values'],
    [
      '/labels',
      Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, ''])),
      /at most 32/,
      'number of labels',
    ],
    ['/notify/0/url', 'http://acme.example/x', /https/, 'https only'],
    ['/notify/0/url', 'https://127.1/x', /private/, 'short forms are private too'],
    ['/notify/0/secret', 'geheim', /whsec_/, 'a Standard Webhooks secret'],
    ['/notify/0/secret', 'whsec_c2hvc', /base64/, 'no base64 has that length'],
    ['/notify/0/secret', 'whsec_c2hvcnQ==', /base64/, 'padding too much'],
    ['/notify/0/secret', 'whsec_c2hv-nQ=', /base64/, 'another alphabet'],
    [
      '/notify/0/secret',
      { env: 'GANGWAY_SECRET_X', file: 'x' },
      /not a known field/,
      'one of the two',
      ['/notify/0/secret/file'],
    ],
    ['/notify/0/events', [], /at least 1/, 'nothing to tell'],
    ['/notify/0/events/0', 'done', /one of succeeded/, 'enum'],
    ['/planHash', 'x', /not a known field/, 'it stands beside the spec, not in it'],
  ])('%s = %j (%s): %s', (at, value, message, _reason, expected = [at]) => {
    const found = findings(edited(full, at, value));
    expect(found.map(({ pointer }) => pointer)).toEqual(expected);
    expect(found.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
  });

  it.each([[undefined], [null], [7], ['text'], [[]]])('when it is %j and no object', (input) => {
    expect(pointers(input)).toEqual(['']);
  });

  it('with all findings at once, those across fields too, sorted by pointer', () => {
    let wrong = edited(full, '/tenant', 'ACME');
    wrong = edited(wrong, '/egain/channels/1/type', 'custom.acme');
    wrong = edited(wrong, '/egain/channels/0/icon', undefined);
    wrong = edited(wrong, '/sinch/webhooks/1/target', 'https://acme.example/sinch');
    wrong = edited(wrong, '/sinch/app/channel_credentials/0/static_bearer', undefined);
    wrong = edited(wrong, '/notify/0/url', 'https://localhost/');
    expect(pointers(wrong)).toEqual([
      '/egain/channels/0/icon',
      '/egain/channels/1/type',
      '/notify/0/url',
      '/sinch/app/channel_credentials/0/static_bearer',
      '/sinch/webhooks/1/target',
      '/tenant',
    ]);
  });

  it('with pointers that are escaped', () => {
    expect(pointers(edited(minimal, '/a~1b~0c', 1))).toEqual(['/a~1b~0c']);
  });

  it('without a field of the prototype slipping through', () => {
    const input: unknown = JSON.parse(JSON.stringify(minimal).replace('{', '{"__proto__":{"chain":"egain"},'));
    expect(pointers(input)).toEqual(['/__proto__']);
  });

  it('in words that never hold a secret, wherever the fault is', () => {
    for (const { spec, canaries } of [canarySpec('oauth2'), canarySpec('basic')]) {
      const document = specDocument(spec);
      for (const pointer of Object.keys(canaries)) {
        const [canary, parent] = [canaries[pointer] ?? '', pointer.slice(0, pointer.lastIndexOf('/'))];
        const faults = [
          edited(document, pointer, { env: canary }),
          edited(document, pointer, [canary]),
          edited(document, pointer, `sealed:${canary}`),
          edited(document, parent, canary),
        ];
        for (const fault of faults) {
          const found = findings(fault);
          expect(found).not.toEqual([]);
          expect(JSON.stringify(found)).not.toContain(canary);
        }
      }
    }
  });

  it('and never by an exception, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('egain', 'sinch', 'notify', 'adopt', 'connections'),
        (value, name) => {
          const json = JSON.parse(JSON.stringify(value)) as JsonValue;
          expect(Array.isArray(findings(json))).toBe(true);
          expect(Array.isArray(findings({ ...minimal, [name]: json }))).toBe(true);
        },
      ),
    );
  });
});

describe('a spec is taken', () => {
  it.each<[string, OnboardingSpec]>([
    ['minimal', minimalEgainSpec()],
    ['full', fullEgainSpec()],
    ['of twelve nodes', chain12Spec()],
    ['with canaries', canarySpec('oauth2').spec],
    ['with canaries and basic authentication', canarySpec('basic').spec],
  ])('and comes back as it was sent: %s', (_name, spec) => {
    expect(parsed(specDocument(spec))).toEqual(spec);
  });

  it.each<[string, JsonValue, string]>([
    ['/tenant', 'a', '1 character'],
    ['/tenant', `a${'-'.repeat(46)}z`, '48 characters'],
    ['/egain/clientApplication/name', 'x'.repeat(255), '255 characters'],
    ['/egain/clientApplication/name', '😀'.repeat(255), '255 characters outside the basic plane'],
    ['/egain/clientApplication/roles/0/version', 'v1', 'the older payload'],
    ['/egain/clientApplication/roles/0/callback', 'https://acme.example:8443/a?b=c', 'port and query'],
    ['/egain/authentication/oauth2/payload', { env: 'GANGWAY_SECRET_ACME_1' }, 'a variable'],
    ['/egain/authentication/oauth2/payload', { file: 'acme-payload.json' }, 'a file'],
    ['/egain/channels/0/type', `custom.${'x'.repeat(248)}`, '255 characters'],
    ['/egain/channels/0/type', '汉'.repeat(255), '255 characters of three bytes'],
    ['/egain/channels/0/icon', 'A'.repeat(512_000), '512000 characters'],
    ['/egain/channels/0/icon', ICON, 'with padding'],
    ['/egain/channels/0/account/attributes/0/value', '', 'an attribute may be empty'],
    ['/egain/channels/0/restrictions/inbound/features', [], 'no features'],
    ['/egain/bot/participant/options', Array.from({ length: 25 }, () => ({ name: 'a', value: 'b' })), '25 options'],
    ['/sinch/app/display_name', 'x'.repeat(128), '128 characters'],
    ['/sinch/app/display_name', 'x', '1 character'],
    ['/sinch/app/channel_credentials', [], 'no channels'],
    ['/sinch/app/channel_credentials/0/callback_secret', '', 'empty turns verification off'],
    ['/sinch/app/channel_credentials/0/callback_secret', 'x'.repeat(256), '256 characters'],
    ['/sinch/app/channel_credentials/0/credential_ordinal_number', 255, 'the highest number'],
    ['/sinch/app/retention_policy/ttl_days', 3650, 'the highest number'],
    ['/sinch/app/dispatch_retention_policy/ttl_days', 0, 'not stored'],
    ['/sinch/app/message_retry_settings/retry_duration', 30, 'the lowest number'],
    ['/sinch/app/delivery_report_based_fallback/delivery_report_waiting_time', 259_200, 'the highest number'],
    ['/sinch/webhooks/0/target', `https://acme.example/${'x'.repeat(721)}`, '742 characters'],
    ['/sinch/webhooks/0/client_credentials', null, 'none'],
    ['/sinch/webhooks', [1, 2, 3, 4, 5].map((n) => ({ target: `https://acme.example/${n}` })), 'five webhooks'],
    ['/sinch/webhooks', [], 'no webhooks'],
    ['/sinch/waitForActive', '366d', 'the longest wait'],
  ])('at the limit: %s: %3$s', (at, value) => {
    expect(pointers(edited(full, at, value))).toEqual([]);
  });

  it('with its defaults filled in', () => {
    const { tenant, account, chain, connections, egain } = minimal;
    const sent = { tenant, account, chain, connections, egain } as JsonObject;
    expect(parsed(sent)).toEqual(minimalEgainSpec());

    const { webhooks: _webhooks, waitForActive: _wait, ...sinch } = chain12Spec().sinch ?? {};
    const withSinch = {
      ...sent,
      connections: { egain: 'a', sinch: 'b' },
      sinch,
      notify: [{ url: 'https://a.example', secret: { file: 'x' } }],
    };
    expect(parsed(withSinch)).toMatchObject({
      sinch: { webhooks: [], waitForActive: 1_800_000 },
      notify: [
        {
          events: [
            'succeeded',
            'held',
            'rolled-back',
            'rollback-incomplete',
            'cancelled',
            'rejected',
            'reminder',
            'drifted',
            'repaired',
          ],
        },
      ],
    });
  });

  it.each([
    [true, 1_800_000],
    [false, false],
    ['200ms', 200],
    ['PT5M', 300_000],
    ['2h', 7_200_000],
  ])('waitForActive %j is %j', (given, expected) => {
    expect(parsed(edited(full, '/sinch/waitForActive', given)).sinch?.waitForActive).toBe(expected);
  });

  it.each([
    'http://127.0.0.1:7070/callback',
    'https://127.0.0.1:7070/callback',
    'http://localhost:7070/callback',
    'http://sandbox:7070/callback',
  ])('with the private address %s only where that is allowed', (url) => {
    const at = '/egain/clientApplication/roles/0/callback';
    expect(findings(edited(full, at, url), true)).toEqual([]);
    expect(pointers(edited(full, at, url))).toEqual([at]);
  });

  it('never with plain http to a public host', () => {
    const at = '/sinch/webhooks/0/target';
    expect(findings(edited(full, at, 'http://acme.example/x'), true).map(({ pointer }) => pointer)).toEqual([at]);
  });

  it('and whatever is taken can be planned', () => {
    const keys = planOnboarding(parsed(full), planningContext()).nodes.map((node) => node.key);
    expect(keys).toHaveLength(13);
    expect(pointers({ ...full, adopt: keys.filter((key) => key !== 'sinch.channels') })).toEqual([]);
  });
});

describe('a spec is taken with a warning', () => {
  it.each<[string, JsonValue | undefined, string, string?]>([
    ['/egain/clientApplication/roles/0/version', 'v1', 'the older payload'],
    ['/egain/channels/0/type', 'whatsapp', 'manual gates'],
    ['/egain/channels/0/type', 'acme', 'no prefix'],
    ['/egain/channels/0/restrictions/outbound/richMessageTypes/0', 'carousel', 'an unknown type'],
    ['/egain/clientApplication/roles/0/authentication', { id: '0'.repeat(36) }, 'still used by the bot', ''],
    ['/sinch/app/processing_mode', 'DISPATCH', 'still sends messages', ''],
    ['/sinch/app/channel_credentials', [], 'nothing to wait for', '/sinch/waitForActive'],
    ['/sinch/app/channel_credentials/5/instagram_credentials', { token: 'x' }, 'Sinch’s own Facebook app'],
    [
      '/sinch/app/retention_policy/retention_type',
      'PERSIST_RETENTION_POLICY',
      'no effect',
      '/sinch/app/retention_policy/ttl_days',
    ],
    ['/sinch/webhooks/0/triggers', [], 'dormant'],
    ['/sinch/webhooks/0/triggers', undefined, 'dormant'],
    ['/sinch', undefined, 'a connection too many', '/connections/sinch'],
    ['/notify/0/secret', 'whsec_c2hvcnQ=', 'a short key'],
  ])('%s = %j: %s', (at, value, _reason, expected = at) => {
    expect(warnings(edited(full, at, value))).toEqual(expected === '' ? [] : [expected]);
  });

  it('for triggers that never fire in the mode DISPATCH', () => {
    const dispatch = edited(full, '/sinch/app/processing_mode', undefined);
    const at = '/sinch/webhooks/0/triggers/0';
    expect(warnings(edited(dispatch, at, 'CONTACT_CREATE'))).toEqual([at]);
    expect(warnings(edited(full, at, 'CONTACT_CREATE'))).toEqual([]);
  });

  it('for an authentication that no role uses', () => {
    const own = { id: '0'.repeat(36) };
    const one = edited(full, '/egain/clientApplication/roles/0/authentication', own);
    expect(warnings(edited(one, '/egain/bot/clientApplication/roles/0/authentication', own))).toEqual([
      '/egain/authentication',
    ]);
  });

  it('for a bot that eGain makes itself', () => {
    const bot = edited(full, '/egain/bot/clientApplication/roles/0/name', 'egain_bot');
    expect(warnings(edited(bot, '/egain/bot/participant/type', undefined))).toEqual(['/egain/bot/participant']);
  });
});

describe('the JSON Schema of a spec', () => {
  const schema = z.toJSONSchema(onboardingSpecSchema, { io: 'input' });
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

  it('takes what parseSpec takes', () => {
    for (const spec of [minimalEgainSpec(), fullEgainSpec(), chain12Spec(), canarySpec().spec]) {
      expect(validate(specDocument(spec))).toBe(true);
    }
  });

  it('knows limits, enums and unknown fields', () => {
    for (const [at, value] of [
      ['/egain/channels/0/displayName', 'x'.repeat(256)],
      ['/egain/channels/0/icon', 'A'.repeat(512_001)],
      ['/sinch/app/display_name', ''],
      ['/sinch/webhooks/0/triggers/0', 'UNSPECIFIED_TRIGGER'],
      ['/egain/authentication/oauth2/payload', { env: 'HOME' }],
      ['/egain/channels/0/colour', 'red'],
    ] as const) {
      expect(validate(edited(full, at, value))).toBe(false);
    }
  });
});
