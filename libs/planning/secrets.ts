import { isJsonObject, type JsonValue } from '#libs/contracts/index.js';

/** True for a secret given as a reference that the worker resolves: `{env}` or `{file}`. */
export function isSecretReference(value: JsonValue | undefined): value is { env: string } | { file: string } {
  if (!isJsonObject(value) || Object.keys(value).length !== 1) return false;
  return typeof (value['env'] ?? value['file']) === 'string';
}

/** The field of the secrets with which notifications are signed. */
export const NOTIFY_SECRET = '/notify/secret';

/** Names under which a body holds what a vendor issued, and what a person handed back, while it is opened. */
export const ISSUED_UNDER = { vendor: 'issued', person: 'handoff' } as const;
