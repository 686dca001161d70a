import { type ArrayField, checkFields, type Field, type Fields, isUrl } from '../fields.js';
import { isObject, type Json, type JsonObject, textOf } from '../json.js';
import { SERVER_FIELDS } from './store.js';

const text: Field = { type: 'string' };
const flag: Field = { type: 'boolean' };
const choices = (...values: string[]): ArrayField => ({ type: 'array', items: { type: 'string', enum: values } });

const WEBHOOK: Field = {
  type: 'object',
  fields: {
    endpoint: { type: 'string', required: true },
    max_retries: { type: 'integer', min: 0, max: 5 },
    headers: {
      type: 'array',
      items: {
        type: 'object',
        fields: {
          header_name: { type: 'string', required: true, min: 1 },
          header_value: { type: 'string', required: true, min: 1, secret: true },
        },
      },
    },
  },
};
const EVENTS = [
  ...['ContentEvent', 'RichContentEvent', 'AcceptStatusEvent', 'ChatStateEvent'].map(
    (event) => `ms.MessagingEventNotification.${event}`,
  ),
  'cqm.ExConversationChangeNotification',
];
const RETRY: Field = {
  type: 'object',
  fields: { retention_time: { type: 'integer', required: true, min: 2, max: 259_200 } },
};

const required = (field: Field): Field => ({ ...field, required: true });
const ENGAGEMENT: Field = {
  type: 'object',
  fields: {
    design_engagement: required(flag),
    design_window: required(flag),
    language_selection: required(flag),
    entry_point: required({ ...choices('section', 'url'), min: 1, max: 10 }),
    visitor_behavior: required({
      ...choices(
        ...['visited_location', 'time_on_location', 'flow', 'engaged_in_session', 'about_to_abandon'],
        ...['cart_value', 'cart_items', 'visitor_error', 'viewed_products', 'service_activity'],
      ),
      max: 10,
    }),
    target_audience: required({
      ...choices(
        ...['external_referral', 'search_keywords', 'ip', 'platform', 'geo_location', 'returning_visitors'],
        ...['marketing_source', 'customer_type', 'age', 'balance', 'customer_id', 'gender', 'store_zip_code'],
        ...['store_number', 'company_size', 'registration_date'],
      ),
      max: 20,
    }),
    goal: required({ ...choices('url', 'purchase_total', 'num_of_pages', 'lead', 'service_activity'), max: 10 }),
    consumer_identity: required({ ...choices('auth', 'unauth'), min: 1, max: 5 }),
  },
};

const FIELDS: Fields = {
  client_name: { type: 'string', required: true },
  display_name: text,
  description: text,
  enabled: flag,
  grant_types: { ...choices('client_credentials', 'authorization_code', 'refresh_token'), min: 1 },
  redirect_uris: { type: 'array', items: { type: 'string', format: 'url' } },
  response_types: choices('code', 'token', 'id_token', 'id_token token'),
  scope: text,
  logo_uri: text,
  quick_launch_enabled: flag,
  entry_uri: { type: 'string', format: 'url' },
  enabled_for_profiles: { type: 'array', items: { type: 'integer', min: 0 } },
  categories: { type: 'array', items: text },
  overview: text,
  capabilities: {
    type: 'object',
    fields: {
      webhooks: {
        type: 'object',
        fields: { ...Object.fromEntries(EVENTS.map((event) => [event, WEBHOOK])), retry: RETRY },
      },
      engagement: ENGAGEMENT,
      broadcast: { type: 'object', fields: { enabled: flag } },
    },
  },
};

/** Most characters, counted as code points. */
const LONGEST: Readonly<Record<string, number>> = {
  client_name: 128,
  display_name: 128,
  description: 256,
  scope: 128,
  logo_uri: 1024,
  entry_uri: 1024,
};
const LONGEST_REDIRECT = 128;
const PLACEHOLDER = /\{[^}]*\}|<[^>]*>/;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;

/** The server's own judgement of a manifest, by the errors of docs/vendors/liveperson.md §5.1 to §5.3: one message each. */
export function checkManifest(manifest: JsonObject, unknownFields: 'refused' | 'ignored'): string[] {
  return [
    ...checkFields(FIELDS, manifest).map(({ message }) => message),
    ...(unknownFields === 'refused' ? unknownIn(FIELDS, manifest, '') : []),
    ...SERVER_FIELDS.filter((name) => name in manifest).map((name) => `${name} is set by the server`),
    ...checkTexts(manifest),
    ...checkRepeats(manifest),
    ...checkUris(manifest),
    ...checkHeaders(manifest),
    ...checkGrants(manifest),
  ];
}

function unknownIn(fields: Fields, value: JsonObject, prefix: string): string[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field) return unknownWithin(field, member, `${prefix}${name}`);
    const isKnownOtherwise = prefix === '' && (SERVER_FIELDS.includes(name) || isNameVariant(name));
    return isKnownOtherwise ? [] : [`${prefix}${name} is not known`];
  });
}

function unknownWithin(field: Field, value: Json, path: string): string[] {
  if (field.type === 'object' && isObject(value)) return unknownIn(field.fields, value, `${path}.`);
  if (field.type !== 'array' || !Array.isArray(value)) return [];
  return value.flatMap((item, index) => unknownWithin(field.items, item, `${path}[${index}]`));
}

function checkTexts(manifest: JsonObject): string[] {
  return Object.entries(manifest).flatMap(([name, value]) => {
    const isName = name === 'client_name' || isNameVariant(name);
    const longest = isName ? LONGEST.client_name : LONGEST[name];
    if (isName && typeof value !== 'string') return name === 'client_name' ? [] : [`${name} must be of type string`];
    if (typeof value !== 'string') return [];
    return [
      ...(longest !== undefined && characters(value) > longest
        ? [`${name} must have at most ${longest} characters`]
        : []),
      ...(isName && value.trim() === '' ? [`${name} must not be blank`] : []),
      ...((isName || name === 'scope') && PLACEHOLDER.test(value) ? [`${name} holds a placeholder`] : []),
    ];
  });
}

function checkRepeats(manifest: JsonObject): string[] {
  const { engagement } = capabilitiesOf(manifest);
  const lists: [string, Json | undefined][] = [
    ...['grant_types', 'response_types', 'enabled_for_profiles'].map((name): [string, Json | undefined] => [
      name,
      manifest[name],
    ]),
    ...Object.entries(isObject(engagement) ? engagement : {}),
  ];
  return lists.flatMap(([name, list]) =>
    Array.isArray(list) && new Set(list).size < list.length ? [`${name} holds a value twice`] : [],
  );
}

function checkUris(manifest: JsonObject): string[] {
  const redirects = Array.isArray(manifest.redirect_uris) ? manifest.redirect_uris.map(textOf) : [];
  const logo = textOf(manifest.logo_uri);
  const endpoints = webhooksOf(manifest).map(({ endpoint }) => textOf(endpoint));
  return [
    ...redirects
      .filter((uri) => characters(uri) > LONGEST_REDIRECT)
      .map(() => 'redirect_uris holds one that is too long'),
    ...redirects.filter((uri) => uri.includes('#')).map(() => 'redirect_uris holds a fragment'),
    ...(logo === '' || logo.startsWith('/') || /^https?:\/\/[^/?#]/i.test(logo)
      ? []
      : ['logo_uri must be a URL or a path']),
    ...endpoints
      .filter((uri) => !uri.startsWith('https://') || !isUrl(uri))
      .map(() => 'an endpoint of a webhook must begin with https://'),
    ...[...redirects, logo, textOf(manifest.entry_uri), ...endpoints]
      .filter((uri) => PLACEHOLDER.test(uri))
      .map(() => 'an address holds a placeholder'),
    ...[...redirects, logo, textOf(manifest.entry_uri), ...endpoints]
      .filter((uri) => /\s/.test(uri))
      .map(() => 'an address holds a blank'),
  ];
}

function checkHeaders(manifest: JsonObject): string[] {
  const headers = webhooksOf(manifest).flatMap(({ headers: all }) => (Array.isArray(all) ? all.filter(isObject) : []));
  return headers.flatMap(({ header_name: name, header_value: value }) => [
    ...(typeof name === 'string' && name !== '' && !HEADER_NAME.test(name) ? ['a header_name is not a token'] : []),
    ...(typeof value === 'string' && /[\r\n]/.test(value) ? ['a header_value holds a line break'] : []),
  ]);
}

function checkGrants({ grant_types: grants, redirect_uris: redirects }: JsonObject): string[] {
  const wants = Array.isArray(grants) && grants.includes('authorization_code');
  const has = Array.isArray(redirects) && redirects.length > 0;
  return wants && !has ? ['authorization_code needs redirect_uris'] : [];
}

function isNameVariant(name: string): boolean {
  return /^client_name#[A-Za-z]{2,8}(?:-[A-Za-z\d]{1,8})*$/.test(name);
}

function capabilitiesOf({ capabilities }: JsonObject): JsonObject {
  return isObject(capabilities) ? capabilities : {};
}

function webhooksOf(manifest: JsonObject): JsonObject[] {
  const { webhooks } = capabilitiesOf(manifest);
  return Object.entries(isObject(webhooks) ? webhooks : {}).flatMap(([key, value]) =>
    key !== 'retry' && isObject(value) ? [value] : [],
  );
}

function characters(value: string): number {
  return Array.from(value).length;
}
