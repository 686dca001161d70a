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
 * Returns a copy of a vendor's body with its secrets in clear: at each of the paths (dots, `[]` for each item of an array, `*` for
 * each field) a sealed value is opened and a reference resolved. Everything else stays as it is. `fieldOf` names the field to which a
 * value is bound, by its place in the body (`Located.field`).
 * @throws {SealError | UnknownKeyError | SecretReferenceError} naming what cannot be opened, never a value.
 */
export function openSecrets(
  body: JsonObject,
  patterns: readonly string[],
  fieldOf: (field: string) => string,
  deps: OpenSecretsDeps,
): JsonObject {
  return replacePaths(body, patterns, ({ value, field }) => openSecret(value, fieldOf(field), deps));
}

/** Returns a secret as its text. @throws what `openSecrets` throws. */
export function openSecretText(secret: SecretValue, field: string, deps: OpenSecretsDeps): string {
  if (typeof secret !== 'string') return resolveSecretReference(secret, deps);
  return isSealed(secret) ? deps.sealer.open(secret, { accountId: deps.accountId, field }) : secret;
}

/** One value: sealed, a reference, or neither. */
function openSecret(value: JsonValue, field: string, deps: OpenSecretsDeps): JsonValue {
  return typeof value === 'string' || isSecretReference(value) ? openSecretText(value, field, deps) : value;
}
