import type { JsonObject, JsonValue, SecretValue } from '#libs/contracts/index.js';
import { isSecretReference, replacePaths } from '#libs/planning/index.js';
import { resolveSecretReference, type SecretPlaces } from './references.js';
import { isSealed, type Sealer } from './sealer.js';

export interface OpenSecretsDeps extends SecretPlaces {
  sealer: Pick<Sealer, 'open'>;
  /** The account to which the sealed values are bound. */
  accountId: string;
}

/**
 * A copy of a vendor's body with its secrets in clear: at each of the paths (dots, `[]` for each item of an array, `*` for each
 * field) a sealed value is opened and a reference resolved. Everything else stays as it is.
 * @throws {SealError | UnknownKeyError | SecretReferenceError} naming what cannot be opened, never a value.
 */
export function openSecrets(body: JsonObject, patterns: readonly string[], deps: OpenSecretsDeps): JsonObject {
  return replacePaths(body, patterns, ({ value }) => openSecret(value, deps));
}

/** One value: sealed, a reference, or neither. */
export function openSecret(value: JsonValue, deps: OpenSecretsDeps): JsonValue {
  if (isSealed(value)) return deps.sealer.open(value, deps.accountId);
  return isSecretReference(value) ? resolveSecretReference(value, deps) : value;
}

/** A secret as its text. @throws what `openSecrets` throws. */
export function openSecretText(secret: SecretValue, deps: OpenSecretsDeps): string {
  if (typeof secret !== 'string') return resolveSecretReference(secret, deps);
  return isSealed(secret) ? deps.sealer.open(secret, deps.accountId) : secret;
}
