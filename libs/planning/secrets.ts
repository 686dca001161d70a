import type { JsonObject, JsonValue, OnboardingSpec, SecretValue } from '#libs/contracts/index.js';
import { isJsonObject } from '#libs/contracts/index.js';
import { specPlaceOf } from './keys.js';
import { replacePaths } from './paths.js';

const EGAIN_AUTHENTICATION = ['basicAuth.password', 'oauth2.payload', 'oauth2.headers[].value'] as const;
const EGAIN_CLIENT_APPLICATION = ['roles[].headers[].value'] as const;
const EGAIN_ACCOUNT = ['attributes[].value'] as const;
const SINCH_APP = [
  'channel_credentials[].callback_secret',
  'channel_credentials[].static_bearer.token',
  'channel_credentials[].static_token.token',
  'channel_credentials[].instagram_credentials.token',
  'channel_credentials[].telegram_credentials.token',
  'channel_credentials[].mms_credentials.api_key',
  'channel_credentials[].mms_credentials.basic_auth.password',
  'channel_credentials[].kakaotalk_credentials.kakaotalk_sender_key',
  'channel_credentials[].kakaotalkchat_credentials.api_key',
  'channel_credentials[].line_credentials.token',
  'channel_credentials[].line_credentials.secret',
  'channel_credentials[].line_enterprise_credentials.line_japan.token',
  'channel_credentials[].line_enterprise_credentials.line_japan.secret',
  'channel_credentials[].line_enterprise_credentials.line_thailand.token',
  'channel_credentials[].line_enterprise_credentials.line_thailand.secret',
  'channel_credentials[].wechat_credentials.app_secret',
  'channel_credentials[].wechat_credentials.token',
  'channel_credentials[].wechat_credentials.aes_key',
  'channel_credentials[].applebc_credentials.apple_pay_certificate_password',
  'callback_settings.secret_for_overridden_callback_urls',
] as const;
/** Header values of a manifest; its exact text, where it was given as one, holds them too. */
const LIVEPERSON_MANIFEST = ['manifest.capabilities.webhooks.*.headers[].header_value', 'text'] as const;
const SINCH_WEBHOOK = ['secret', 'client_credentials.client_secret'] as const;

/** Secret fields in the body of each vendor resource (`docs/vendors/egain.md` §7, `docs/vendors/sinch.md` §3 and §4, `docs/vendors/liveperson.md` §5.1), as dot paths. */
export const RESOURCE_SECRETS = {
  'egain.authentication': EGAIN_AUTHENTICATION,
  'egain.clientApplication': EGAIN_CLIENT_APPLICATION,
  'egain.participant': [],
  'egain.channel': [],
  'egain.orchestration': [],
  'egain.account': EGAIN_ACCOUNT,
  'sinch.app': SINCH_APP,
  'sinch.webhook': SINCH_WEBHOOK,
  'sinch.channels': [],
  'liveperson.app': LIVEPERSON_MANIFEST,
} as const satisfies Record<string, readonly string[]>;

/** Secret fields of a spec (`docs/http.md` §4.4), as dot paths. */
export const SPEC_SECRETS: readonly string[] = [
  'notify[].secret',
  ...under('egain.authentication', EGAIN_AUTHENTICATION),
  ...under('egain.clientApplication', EGAIN_CLIENT_APPLICATION),
  ...under('egain.bot.clientApplication', EGAIN_CLIENT_APPLICATION),
  ...under('egain.channels[].account', EGAIN_ACCOUNT),
  ...under('sinch.app', SINCH_APP),
  ...under('sinch.webhooks[]', SINCH_WEBHOOK),
  ...under('liveperson', LIVEPERSON_MANIFEST),
];

/** Secret paths of a resource's body; none for a resource that is not listed. */
export function resourceSecrets(vendor: string, resource: string): readonly string[] {
  const all: Readonly<Record<string, readonly string[]>> = RESOURCE_SECRETS;
  return all[`${vendor}.${resource}`] ?? [];
}

/** True for a secret given as a reference that the worker resolves: `{env}` or `{file}`. */
export function isSecretReference(value: JsonValue | undefined): value is { env: string } | { file: string } {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return false;
  return typeof (value['env'] ?? value['file']) === 'string';
}

/**
 * A copy of a spec in which `fn` has replaced each secret, inline ones and references alike (to seal, to hash or to hide them).
 * `pointer` is the secret's place in the spec, `field` the same without places in arrays. Secret fields that the spec leaves out stay left out.
 */
export function mapSecrets(
  spec: OnboardingSpec,
  fn: (value: SecretValue, pointer: string, field: string) => JsonValue,
): OnboardingSpec {
  const copy = replacePaths(spec as unknown as JsonObject, SPEC_SECRETS, ({ value, pointer, field }) =>
    typeof value === 'string' || isSecretReference(value) ? fn(value, pointer, field) : value,
  );
  return copy as unknown as OnboardingSpec;
}

/**
 * The field of a spec to which a secret in a node's body is bound, `/egain/channels/account/attributes/value`: by the node's key and
 * the field within its body (`Located.field`).
 */
export function secretField(nodeKey: string, field: string): string {
  return `${specPlaceOf(nodeKey)}${field}`;
}

/** The field of the secrets with which notifications are signed. */
export const NOTIFY_SECRET = '/notify/secret';

/** The field of what a vendor issued for a node's object, or a person handed back of it. */
export function issuedField(nodeKey: string, by: 'vendor' | 'person', name: string): string {
  return secretField(nodeKey, `/${ISSUED_UNDER[by]}/${name}`);
}

/** Names under which a body holds what a vendor issued, and what a person handed back, while it is opened. */
export const ISSUED_UNDER = { vendor: 'issued', person: 'handoff' } as const;

function under(prefix: string, paths: readonly string[]): string[] {
  return paths.map((path) => `${prefix}.${path}`);
}
