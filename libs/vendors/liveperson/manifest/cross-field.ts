import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { below, type Review } from './review.js';
import { CONVERSATION_CHANGE_ALIAS, WEBHOOK_EVENTS } from './webhooks.js';

const EVENTS: readonly string[] = [...WEBHOOK_EVENTS, CONVERSATION_CHANGE_ALIAS];

/** Rules across fields (docs/vendors/liveperson.md §5.3). What has the wrong type is reported elsewhere and passed over here. */
export function crossFieldRules(manifest: JsonObject, review: Review): void {
  const grants = textsOf(manifest['grant_types']);
  grantRules(manifest, grants, review);
  webhookRules(manifest, grants, review);
  if (manifest['quick_launch_enabled'] === true && !('entry_uri' in manifest)) {
    review.warn('/entry_uri', 'is missing: without it the app will not appear in the quick launch menu');
  }
  if (!('description' in manifest)) review.warn('/description', 'is missing: LivePerson’s own form asks for it');
}

function grantRules(manifest: JsonObject, grants: readonly string[], review: Review): void {
  const redirects = manifest['redirect_uris'];
  const hasNone = redirects === undefined || (Array.isArray(redirects) && redirects.length === 0);
  if (grants.includes('authorization_code') && hasNone) {
    review.error('/redirect_uris', 'must have at least one address: the grant type authorization_code needs it');
  }
  if (grants.includes('refresh_token') && !grants.includes('authorization_code')) {
    review.warn('/grant_types', 'has refresh_token without authorization_code: nothing would issue a refresh token');
  }
  if (textsOf(manifest['response_types']).includes('code') && !grants.includes('authorization_code')) {
    review.warn('/response_types', 'has code, which nothing uses without the grant type authorization_code');
  }
}

function webhookRules(manifest: JsonObject, grants: readonly string[], review: Review): void {
  const capabilities = memberOf(manifest, 'capabilities');
  const webhooks = memberOf(capabilities, 'webhooks');
  if (!isJsonObject(webhooks)) return;
  const events = EVENTS.filter((event) => Object.hasOwn(webhooks, event));
  if (events.length > 0 && !grants.includes('client_credentials')) {
    review.warn('/grant_types', 'lacks client_credentials: the app gets events but cannot answer, and is not verified');
  }
  const { scope } = manifest;
  if (events.length > 0 && (scope === undefined || typeof scope === 'string') && !hasScope(scope, 'msg.consumer')) {
    review.warn('/scope', 'lacks msg.consumer: connectors need it to answer');
  }
  if (memberOf(memberOf(webhooks, 'retry'), 'retention_time') === undefined) return;
  for (const event of events) {
    const retries = memberOf(webhooks[event], 'max_retries');
    if (typeof retries !== 'number' || retries <= 0) continue;
    const place = below(below('/capabilities/webhooks', event), 'max_retries');
    review.warn(place, 'is ignored: retry.retention_time takes its place');
  }
}

function hasScope(scope: string | undefined, token: string): boolean {
  return (scope ?? '').split(' ').includes(token);
}

function textsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function memberOf(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) ? value[key] : undefined;
}
