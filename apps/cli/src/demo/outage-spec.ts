import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/json.js';

/**
 * The same onboarding for another account: with channels, addresses and Sinch identities of its own, so that it shares
 * nothing with the first one and has everything to undo.
 */
export function specForAccount(spec: JsonObject, account: string, word: string): JsonObject {
  const copy = structuredClone(spec);
  copy['account'] = account;
  for (const channel of listIn(copy, 'egain', 'channels')) {
    channel['type'] = `${textOf(channel['type'])}-${word}`;
    const bound = channel['account'];
    if (isJsonObject(bound)) bound['address'] = `${textOf(bound['address'])}-${word}`;
  }
  for (const entry of listIn(copy, 'sinch', 'app', 'channel_credentials')) {
    const bearer = entry['static_bearer'];
    if (isJsonObject(bearer)) bearer['claimed_identity'] = `${textOf(bearer['claimed_identity'])}-${word}`;
  }
  return copy;
}

function listIn(spec: JsonObject, ...path: string[]): JsonObject[] {
  let value: JsonValue | undefined = spec;
  for (const name of path) value = isJsonObject(value) ? value[name] : undefined;
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
