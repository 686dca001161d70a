import fc from 'fast-check';
import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { soundManifest } from '#libs/vendors/liveperson/manifest/arbitraries.fixture.js';
import { SINCH_CREDENTIALS, SINCH_TRIGGERS } from '#libs/vendors/sinch/section.schema.js';
import { onboardingSpecSchema } from './spec.schema.js';

/** Stands in every text that a caller chooses: no message may hold it. */
export const CANARY = 'kQ7zX';

type JsonSchema = z.core.JSONSchema.BaseSchema;

const root = z.toJSONSchema(onboardingSpecSchema, { io: 'input', unrepresentable: 'any' });

/** Texts of fields whose JSON Schema does not say their whole form. */
const FORMS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uri: fc.stringMatching(/^[a-z0-9]{1,8}$/).map((path) => `https://hub.acme.example/${CANARY}/${path}`),
  email: fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `${name}-${CANARY}@acme.example`),
};

/** Any document that the JSON Schema of a spec takes, rules across fields aside. */
export const schemaSound: fc.Arbitrary<JsonValue> = valuesOf(root);

/** Specs that are right in every respect, of both chains: schema-sound sections, with what rules ask of fields together put right. */
export const soundSpec: fc.Arbitrary<JsonObject> = fc.oneof(egainSpecs(), livepersonSpecs());

function egainSpecs(): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(
      schemaSound,
      valuesOf(schemaNamed('EgainSpec')),
      fc.option(valuesOf(schemaNamed('SinchSpec')), { nil: undefined }),
    )
    .map(([common, egain, sinch]) => ({
      ...sharedFields(common),
      chain: 'egain',
      connections: { egain: 'egain-main', ...(sinch === undefined ? {} : { sinch: 'sinch-eu' }) },
      egain: egainTogether(egain as JsonObject),
      ...(sinch === undefined ? {} : { sinch: sinchTogether(sinch as JsonObject) }),
    }));
}

function livepersonSpecs(): fc.Arbitrary<JsonObject> {
  return fc.tuple(schemaSound, soundManifest, fc.boolean()).map(([common, manifest, asText]) => ({
    ...sharedFields(common),
    chain: 'liveperson',
    connections: { liveperson: 'liveperson-acme' },
    liveperson: { manifest: asText ? JSON.stringify(manifest, null, 3) : manifest, handoff: { dueIn: '3d' } },
  }));
}

/** Fields of every spec; those that name nodes are left out. */
function sharedFields(document: JsonValue): JsonObject {
  const { tenant, account, onFailure, labels, notify, protect } = document as JsonObject;
  const given = { onFailure, labels, notify, protect };
  const secret = 'whsec_bm90aWZ5LXNlY3JldC1vZi1hY21lLXN1cHBvcnQ=';
  return {
    tenant: tenant ?? '',
    account: account ?? '',
    ...Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
    ),
    ...(Array.isArray(notify) ? { notify: notify.map((each) => ({ ...(each as JsonObject), secret })) } : {}),
  };
}

function egainTogether({ authentication, clientApplication, bot, channels, orchestration }: JsonObject): JsonObject {
  const agents = { agentConfiguration: { agents: [{ id: '45a0b1c2-d3e4-4f50-8617-283940a5b6c7' }] } };
  return {
    ...(isJsonObject(authentication) ? { authentication: oneRecipe(authentication) } : {}),
    clientApplication: named(withRoles(clientApplication, ['customer', 'custom_agent']), 'hub'),
    ...(isJsonObject(bot)
      ? {
          bot: {
            clientApplication: named(withRoles(bot['clientApplication'], ['custom_bot']), 'bot hub'),
            participant: { ...(bot['participant'] as JsonObject), type: 'custom_bot' },
          },
        }
      : {}),
    channels: (channels as JsonObject[]).map((channel, n) => ({
      ...channel,
      type: `custom.${n}`,
      icon: 'AAAA',
      account: named(channel['account'] as JsonObject, `account ${n}`),
    })),
    ...(isJsonObject(orchestration) ? { orchestration: { ...orchestration, applications: agents } } : {}),
  };
}

function oneRecipe({ oauth2, basicAuth, ...rest }: JsonObject): JsonObject {
  const secret = `${CANARY}-secret`;
  const url = `https://acme.example/${CANARY}`;
  return rest['type'] === 'basic'
    ? { ...rest, basicAuth: basicAuth ?? { username: 'hub', password: secret } }
    : { ...rest, oauth2: oauth2 ?? { tokenRequestUrl: url, method: 'POST', payload: secret, accessTokenPath: '$.t' } };
}

function withRoles(application: JsonValue | undefined, names: readonly string[]): JsonObject {
  const { roles, ...rest } = application as JsonObject;
  return {
    ...rest,
    roles: (roles as JsonObject[]).slice(0, names.length).map((role, n) => ({ ...role, name: names[n] ?? '' })),
  };
}

/** A name of its own, where there is one. */
function named(body: JsonObject, name: string): JsonObject {
  return 'name' in body ? { ...body, name: `${CANARY} ${name}` } : body;
}

function sinchTogether({ app, webhooks, waitForActive }: JsonObject): JsonObject {
  const { channel_credentials: entries, display_name: name, ...fields } = app as JsonObject;
  const channels = Object.entries(SINCH_CREDENTIALS).filter(([channel]) => channel !== 'LINE');
  const credentials = (Array.isArray(entries) ? entries : []).slice(0, channels.length).map((_, n): JsonObject => {
    const [channel, [credential]] = channels[n] ?? ['SMS', ['static_bearer']];
    return { channel, [credential]: CREDENTIALS[credential] ?? {} };
  });
  return {
    app: {
      ...fields,
      ...(name === undefined ? {} : { display_name: `${CANARY} app` }),
      channel_credentials: credentials,
    },
    ...(Array.isArray(webhooks) ? { webhooks: webhooks.map((hook, n) => sinchWebhook(hook as JsonObject, n)) } : {}),
    waitForActive: waitForActive === false ? false : '5m',
  };
}

function sinchWebhook(hook: JsonObject, n: number): JsonObject {
  return { ...hook, target: `https://acme.example/${CANARY}/${n}`, triggers: SINCH_TRIGGERS.slice(0, n + 1) };
}

const secret = `${CANARY}-token`;
const CREDENTIALS: Readonly<Record<string, JsonObject>> = {
  static_bearer: { claimed_identity: 'plan', token: secret },
  static_token: { token: secret },
  instagram_credentials: { token: secret, business_account_id: 'b' },
  telegram_credentials: { token: secret },
  mms_credentials: { account_id: 'a', api_key: secret },
  kakaotalk_credentials: { kakaotalk_plus_friend_id: 'f', kakaotalk_sender_key: secret },
  kakaotalkchat_credentials: { kakaotalk_plus_friend_id: 'f' },
  wechat_credentials: { app_id: 'a', app_secret: secret, token: secret, aes_key: secret },
  applebc_credentials: { business_chat_account_id: 'b' },
};

/** A part of the schema by its name. */
function schemaNamed(name: string): JsonSchema {
  const schema = root.$defs?.[name];
  if (schema === undefined) throw new RangeError(`the schema of a spec has no part called ${name}`);
  return schema;
}

/** Values of a JSON Schema, as far as zod writes it: lists short, optional fields there or not. */
function valuesOf(schema: JsonSchema): fc.Arbitrary<JsonValue> {
  if (schema.$ref !== undefined) return valuesOf(schemaNamed(schema.$ref.replace('#/$defs/', '')));
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valuesOf));
  if (schema.enum) return fc.constantFrom(...(schema.enum as JsonValue[]));
  switch (schema.type) {
    case 'string':
      return textsOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 1_000, 1_000_000) });
    case 'number':
      return fc.integer({ min: schema.minimum ?? 0, max: 1_000 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(asSchema(schema.items)), { minLength: schema.minItems ?? 0, maxLength: 2 });
    case 'object':
      return objectsOf(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>;
  }
}

function objectsOf(schema: JsonSchema): fc.Arbitrary<JsonValue> {
  if (schema.properties === undefined) {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
    return fc.dictionary(name, valuesOf(asSchema(schema.additionalProperties)), { maxKeys: 2 });
  }
  const fields = Object.entries(schema.properties).map(([name, field]) => [name, valuesOf(asSchema(field))] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
}

function textsOf(schema: JsonSchema): fc.Arbitrary<string> {
  const form = FORMS[schema.format ?? ''];
  if (form) return form;
  if (schema.pattern !== undefined && schema.pattern !== '^\\$' && schema.pattern !== '^[^:]*$') {
    return fc.stringMatching(new RegExp(schema.pattern));
  }
  const start = schema.pattern === '^\\$' ? `$.${CANARY}` : CANARY;
  const character = fc.constantFrom('a', 'Z', '7', '-', 'ü', '語', '😀', '𝒜');
  return fc.string({ unit: character, maxLength: 12 }).map((rest) => `${start}${rest}`);
}

function asSchema(schema: unknown): JsonSchema {
  return isJsonObject(schema) ? schema : {};
}
