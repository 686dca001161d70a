import type { JsonObject, JsonValue } from '#libs/contracts/index.js';

/** A general app's manifest with every documented field; it has no finding at all. */
export const generalManifest = (changes: JsonObject = {}): JsonObject => ({
  client_name: 'com.acme.support',
  'client_name#de': 'Acme-Hilfe',
  display_name: 'Acme Support',
  description: 'Support of Acme',
  enabled: true,
  grant_types: ['client_credentials', 'authorization_code', 'refresh_token'],
  redirect_uris: ['https://app.acme.com/callback', 'http://localhost:3000/callback'],
  response_types: ['code', 'token', 'id_token', 'id_token token'],
  scope: 'msg.consumer',
  logo_uri: 'https://app.acme.com/logo.png',
  quick_launch_enabled: true,
  entry_uri: 'https://app.acme.com/start?from=liveperson',
  enabled_for_profiles: [0, 1, 12],
  capabilities: { webhooks: webhookMap(), engagement: engagement() },
  ...changes,
});

export const webhookMap = (changes: JsonObject = {}): JsonObject => ({
  'ms.MessagingEventNotification.ContentEvent': webhook({
    headers: [{ header_name: 'X-Tenant', header_value: 'acme' }],
  }),
  'ms.MessagingEventNotification.RichContentEvent': webhook({ max_retries: 5, headers: [] }),
  'ms.MessagingEventNotification.AcceptStatusEvent': webhook({ max_retries: 0 }),
  'ms.MessagingEventNotification.ChatStateEvent': webhook(),
  'cqm.ExConversationChangeNotification': webhook(),
  ...changes,
});

export const webhook = (changes: JsonObject = {}): JsonObject => ({
  endpoint: 'https://hooks.acme.com/lp?kind=content',
  ...changes,
});

export const engagement = (changes: JsonObject = {}): JsonObject => ({
  design_engagement: false,
  design_window: false,
  entry_point: ['section'],
  visitor_behavior: ['visited_location', 'cart_items'],
  target_audience: ['ip', 'geo_location'],
  goal: ['url'],
  consumer_identity: ['auth'],
  language_selection: false,
  ...changes,
});

/** The smallest connector that has no finding. */
export const connector = (changes: JsonObject = {}): JsonObject => ({
  client_name: 'Acme Connector',
  description: 'd',
  grant_types: ['client_credentials'],
  scope: 'msg.consumer',
  capabilities: { webhooks: { 'ms.MessagingEventNotification.ContentEvent': webhook() } },
  ...changes,
});

/** A copy with the value at an RFC 6901 pointer replaced, or taken out when there is none. */
export function withValue(document: JsonObject, pointer: string, value?: JsonValue): JsonObject {
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const copy = structuredClone(document);
  let place: JsonValue | undefined = copy;
  for (const token of tokens.slice(0, -1)) place = memberOf(place, token);
  const last = tokens.at(-1) ?? '';
  if (Array.isArray(place)) place.splice(Number(last), 1, ...(value === undefined ? [] : [value]));
  else if (typeof place === 'object' && place !== null) {
    if (value === undefined) Reflect.deleteProperty(place, last);
    else place[last] = value;
  }
  return copy;
}

function memberOf(value: JsonValue | undefined, token: string): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(token)];
  return typeof value === 'object' && value !== null ? value[token] : undefined;
}
