import { isJsonObject, parseMarker, type Difference, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { resourceSecrets } from '#libs/planning/index.js';
import type { Desired, SeenObject } from '#libs/resources/contract.js';
import { differences, projection, textOf, withoutFields, type FieldRules, type KnownFields } from '../common/index.js';
import { nameWithoutMarker } from './display-name.js';
import { parseChannelStates, type RawObject } from './schema.js';

export const APP_SECRETS = resourceSecrets('sinch', 'app');

/** Fields of a request (`docs/vendors/sinch.md` §3.1); all others are the server's and never compared (§7.11). */
const REQUEST_FIELDS = [
  'display_name',
  'channel_credentials',
  'conversation_metadata_report_view',
  'retention_policy',
  'dispatch_retention_policy',
  'processing_mode',
  'smart_conversation',
  'callback_settings',
  'message_retry_settings',
  'delivery_report_based_fallback',
] as const;

/** Set by the server in an entry of `channel_credentials` (`docs/vendors/sinch.md` §3.2). */
const ENTRY_SERVER_FIELDS = ['channel_credentials[].state', 'channel_credentials[].channel_known_id'];

/** Sections 3.1 and 3.3. The order of `channel_credentials` is their priority, so it is no set. */
export const APP_RULES: FieldRules = {
  secrets: APP_SECRETS,
  ignored: ['display_name'],
  defaults: {
    conversation_metadata_report_view: 'NONE',
    processing_mode: 'DISPATCH',
    'retention_policy.retention_type': 'MESSAGE_EXPIRE_POLICY',
    'retention_policy.ttl_days': 180,
    'dispatch_retention_policy.retention_type': 'MESSAGE_EXPIRE_POLICY',
    'dispatch_retention_policy.ttl_days': 0,
    'smart_conversation.enabled': false,
    'message_retry_settings.retry_duration': 3600,
    'delivery_report_based_fallback.enabled': false,
    'delivery_report_based_fallback.delivery_report_waiting_time': 0,
    'channel_credentials[].credential_ordinal_number': 0,
    'channel_credentials[].line_credentials.is_default': false,
    'channel_credentials[].line_enterprise_credentials.is_default': false,
  },
  sets: {},
};

/** Fields of an entry of `channel_credentials` without its secrets (`docs/vendors/sinch.md` §3.3). */
const ENTRY_FIELDS = [
  ...['channel', 'credential_ordinal_number', 'static_bearer.claimed_identity'],
  'instagram_credentials.business_account_id',
  ...['account_id', 'basic_auth.username', 'default_sender'].map((name) => `mms_credentials.${name}`),
  'kakaotalk_credentials.kakaotalk_plus_friend_id',
  'kakaotalkchat_credentials.kakaotalk_plus_friend_id',
  ...['line_credentials.is_default', 'line_enterprise_credentials.is_default', 'wechat_credentials.app_id'],
  ...['business_chat_account_id', 'merchant_id', 'apple_pay_certificate_reference'].map(
    (name) => `applebc_credentials.${name}`,
  ),
];

/** Documented fields of an app. */
export const APP_FIELDS: KnownFields = {
  fields: [
    'display_name',
    ...Object.keys(APP_RULES.defaults).filter((path) => !path.startsWith('channel_credentials')),
    ...ENTRY_FIELDS.map((name) => `channel_credentials[].${name}`),
  ],
  secrets: APP_SECRETS,
};

/** An app as the engine sees it. Secrets and what the server owns stay at the door; an unset object may read as `null` and is left out. */
export function toSeenApp({ id, fields }: RawObject): SeenObject {
  const request = Object.fromEntries(
    REQUEST_FIELDS.flatMap((name) => {
      const value = fields[name];
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
  const displayName = textOf(fields['display_name']);
  return {
    id,
    key: nameWithoutMarker(displayName),
    marker: parseMarker(displayName),
    age: id, // a ULID begins with its time
    body: withoutFields(request, [...APP_SECRETS, ...ENTRY_SERVER_FIELDS]),
    ...troubleOf(fields),
  };
}

/** What counts of an app: its name without the marker, and the fields that are compared. */
export function appProjection(body: JsonObject): JsonObject {
  const name = nameWithoutMarker(textOf(body['display_name']));
  return { ...projection(body, APP_RULES), display_name: name };
}

/** An app with a channel that does not work (`docs/vendors/sinch.md` §3.4). */
function troubleOf(fields: JsonObject): Pick<SeenObject, 'trouble'> {
  const states = parseChannelStates(fields) ?? [];
  const failing = states.filter(({ status }) => status !== 'ACTIVE');
  if (failing.length === 0) return {};
  const named = failing.map(
    ({ channel, ordinal, status }) => `${entryName({ channel, credential_ordinal_number: ordinal })} is ${status}`,
  );
  return { trouble: `Channels of the app do not work at Sinch: ${named.join(', ')}.` };
}

/** Where an app differs from what is desired; its name without the marker. */
export function appDifferences(desired: Desired, seen: SeenObject): Difference[] {
  const name = nameWithoutMarker(textOf(desired.body['display_name']));
  const renamed = name === seen.key ? [] : [{ path: 'display_name', expected: name, seen: seen.key }];
  return [...renamed, ...differences(desired, seen.body, APP_RULES)];
}

/** Entries of an app body's `channel_credentials`. */
export function entriesOf(body: JsonObject): JsonObject[] {
  const entries = body['channel_credentials'];
  return Array.isArray(entries) ? entries.filter(isJsonObject) : [];
}

/** `SMS`, or `LINE 2` for a further entry of a channel: one entry per channel, but for LINE (`docs/vendors/sinch.md` §3.3). */
export function entryName(entry: JsonObject): string {
  const ordinal = entry['credential_ordinal_number'];
  return `${textOf(entry['channel'])}${typeof ordinal === 'number' && ordinal > 0 ? ` ${ordinal}` : ''}`;
}

/** Whether what stands holds nothing but desired entries, in their order; some may be missing, as a rejected channel vanishes (`docs/vendors/sinch.md` §3.4). */
export function holdsOnly(desired: JsonObject, seen: SeenObject): boolean {
  const rest = entriesOf(desired);
  return entriesOf(seen.body).every((entry) => {
    const at = rest.findIndex((wanted) => sameEntry(wanted, entry));
    if (at >= 0) rest.splice(0, at + 1);
    return at >= 0;
  });
}

function sameEntry(desired: JsonValue, seen: JsonValue): boolean {
  const body = (entry: JsonValue): JsonObject => ({ channel_credentials: [entry] });
  return differences({ body: body(desired), mode: 'own' }, body(seen), APP_RULES).length === 0;
}
