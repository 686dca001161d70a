import { checkFields, type Field, type Fields, type Finding, secretNames, takeFields } from '../fields.js';
import { isObject, type Json, type JsonObject, textOf } from '../json.js';

/** A channel entry as it was sent: known members only, defaults filled in. */
export interface ChannelSpec extends JsonObject {
  channel: string;
  callback_secret: string;
  credential_ordinal_number: number;
}

const text: Field = { type: 'string', required: true, min: 1 };
const optional: Field = { type: 'string' };
const secret: Field = { type: 'string', required: true, min: 1, secret: true };
const optionalSecret: Field = { type: 'string', secret: true };
const isDefault: Field = { type: 'boolean' };

const staticBearer: Fields = { claimed_identity: text, token: secret };
const lineCountry: Field = { type: 'object', fields: { token: secret, secret } };

/** Which credential objects a channel takes, exactly one per entry (docs/vendors/sinch.md §3.3). */
const CREDENTIALS: Readonly<Record<string, Readonly<Record<string, Fields>>>> = {
  SMS: { static_bearer: staticBearer },
  WHATSAPP: { static_bearer: staticBearer },
  RCS: { static_bearer: staticBearer },
  VIBERBM: { static_bearer: { claimed_identity: text, token: optionalSecret } },
  MESSENGER: { static_token: { token: secret } },
  INSTAGRAM: { instagram_credentials: { token: secret, business_account_id: optional } },
  TELEGRAM: { telegram_credentials: { token: secret } },
  MMS: {
    mms_credentials: {
      account_id: text,
      api_key: secret,
      basic_auth: { type: 'object', fields: { username: text, password: secret } },
      default_sender: optional,
    },
  },
  KAKAOTALK: { kakaotalk_credentials: { kakaotalk_plus_friend_id: text, kakaotalk_sender_key: secret } },
  KAKAOTALKCHAT: { kakaotalkchat_credentials: { kakaotalk_plus_friend_id: text, api_key: optionalSecret } },
  LINE: {
    line_credentials: { token: secret, secret, is_default: isDefault },
    line_enterprise_credentials: { line_japan: lineCountry, line_thailand: lineCountry, is_default: isDefault },
  },
  WECHAT: { wechat_credentials: { app_id: text, app_secret: secret, token: secret, aes_key: secret } },
  APPLEBC: {
    applebc_credentials: {
      business_chat_account_id: text,
      merchant_id: optional,
      apple_pay_certificate_reference: optional,
      apple_pay_certificate_password: optionalSecret,
    },
  },
};

const ENTRY: Fields = {
  channel: { type: 'string', required: true, enum: Object.keys(CREDENTIALS) },
  callback_secret: { type: 'string', max: 256, secret: true, default: '' },
  credential_ordinal_number: { type: 'integer', min: 0, max: 255, default: 0 },
};

const CREDENTIAL_KEYS = new Set(Object.values(CREDENTIALS).flatMap((keys) => Object.keys(keys)));

/** The members that tell two users of a channel apart, by preference. */
const IDENTITY_MEMBERS = [
  'claimed_identity',
  'account_id',
  'kakaotalk_plus_friend_id',
  'business_account_id',
  'business_chat_account_id',
  'app_id',
];

/** Names of all secret members of channel entries. */
export const CHANNEL_SECRETS = new Set([
  ...secretNames(ENTRY),
  ...Object.values(CREDENTIALS).flatMap((keys) => Object.values(keys).flatMap((fields) => [...secretNames(fields)])),
]);

/** Everything wrong with `channel_credentials`: each entry by itself, and one entry per channel except LINE. */
export function checkChannels(value: Json): Finding[] {
  if (!Array.isArray(value)) return [finding('channel_credentials', 'channel_credentials must be an array')];
  const findings = value.flatMap((entry, index) => checkEntry(entry, `channel_credentials[${index}]`));
  const seen = new Set<string>();
  value.forEach((entry, index) => {
    if (!isObject(entry)) return;
    const key = channelKey(entry);
    const path = `channel_credentials[${index}]`;
    if (seen.has(key)) {
      const cure = entry.channel === 'LINE' ? 'needs a credential_ordinal_number of its own' : 'is there already';
      findings.push(finding(path, `${path}: the channel ${cure}`));
    }
    seen.add(key);
  });
  return findings;
}

export function takeChannel(entry: JsonObject): ChannelSpec {
  const spec = takeFields(ENTRY, entry);
  for (const [key, fields] of Object.entries(CREDENTIALS[textOf(entry.channel)] ?? {})) {
    const credentials = entry[key];
    if (isObject(credentials)) spec[key] = takeFields(fields, credentials);
  }
  return spec as ChannelSpec;
}

/** The same for two entries that stand for the same channel of an app. */
export function channelKey({ channel, credential_ordinal_number: ordinal }: JsonObject): string {
  return channel === 'LINE' && typeof ordinal === 'number' ? `LINE/${ordinal}` : textOf(channel);
}

/** Whose channel it is, as far as its credentials say so. */
export function identityOf(spec: ChannelSpec): string | undefined {
  const credentials = Object.keys(CREDENTIALS[spec.channel] ?? {}).map((key) => spec[key]);
  for (const value of credentials.filter(isObject)) {
    for (const member of IDENTITY_MEMBERS) {
      const identity = value[member];
      if (typeof identity === 'string') return identity;
    }
  }
  return undefined;
}

function checkEntry(entry: Json, path: string): Finding[] {
  if (!isObject(entry)) return [finding(path, `${path} must be an object`)];
  const findings = checkFields(ENTRY, entry, path);
  const allowed = CREDENTIALS[textOf(entry.channel)];
  if (!allowed) return findings;
  const given = Object.keys(entry).filter((key) => CREDENTIAL_KEYS.has(key) && entry[key] !== null);
  const key = given[0];
  const fields = key === undefined ? undefined : allowed[key];
  if (given.length !== 1 || key === undefined || !fields) {
    const message = `${path} must have exactly one credential of ${Object.keys(allowed).join(', ')}`;
    return [...findings, finding(path, message)];
  }
  const credentials = entry[key];
  if (!isObject(credentials)) return [...findings, finding(path, `${path}.${key} must be an object`)];
  findings.push(...checkFields(fields, credentials, `${path}.${key}`));
  const countries = ['line_japan', 'line_thailand'].filter((country) => credentials[country] !== undefined);
  if (key === 'line_enterprise_credentials' && countries.length !== 1) {
    findings.push(finding(path, `${path}.${key} must have one of line_japan and line_thailand`));
  }
  return findings;
}

function finding(path: string, message: string): Finding {
  return { problem: 'invalid', path, message };
}
