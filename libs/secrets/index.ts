export { KEY_BYTES, keysFor, UnknownKeyError, type KeyPurpose, type KeyRing } from './key-ring.js';
export { openSecrets, openSecretText, type OpenSecretsDeps } from './open-secrets.js';
export {
  NO_SUCH_SECRET,
  resolveSecretReference,
  SECRET_VARIABLE,
  SECRET_VARIABLE_PREFIX,
  SecretReferenceError,
  type SecretPlaces,
  type SecretReference,
} from './references.js';
export { createSealer, isSealed, SealError, type SealedFor, type Sealer } from './sealer.js';
