import { isObject, type Json, type JsonObject } from './json.js';

/** How a vendor shows secrets when they are read back. */
export type SecretDisplay = 'clear' | 'masked' | 'absent';

const MASK = '****';

/**
 * The fields that the vendor pages mark as secret, all vendors together. `value` is that of headers and account
 * attributes; harmless values of the same name are hidden with them.
 */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'password',
  'payload',
  'value',
  'token',
  'secret',
  'callback_secret',
  'client_secret',
  'access_token',
  'api_key',
  'app_secret',
  'aes_key',
  'kakaotalk_sender_key',
  'apple_pay_certificate_password',
  'secret_for_overridden_callback_urls',
  'header_value',
]);

const LONGEST_TEXT = 200;

/** A copy in which every member named in `fields` is masked or left out; empty strings stay as they are. */
export function displaySecrets(value: Json, fields: ReadonlySet<string>, display: SecretDisplay): Json {
  if (display === 'clear') return value;
  if (Array.isArray(value)) return value.map((item) => displaySecrets(item, fields, display));
  if (!isObject(value)) return value;
  const shown: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (!fields.has(key) || typeof member !== 'string') shown[key] = displaySecrets(member, fields, display);
    else if (display === 'masked') shown[key] = member === '' ? '' : MASK;
  }
  return shown;
}

/** What the ledger may keep of a body: secrets masked, long texts cut. */
export function redact(value: Json): Json {
  if (Array.isArray(value)) return value.map(redact);
  if (isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, SECRET_FIELDS.has(key) ? MASK : redact(member)]),
    );
  }
  return typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
}
