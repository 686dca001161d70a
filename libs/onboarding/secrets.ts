import type { JsonObject, JsonValue, OnboardingSpec, SecretValue } from '#libs/contracts/index.js';
import { ISSUED_UNDER, isSecretReference, replacePaths } from '#libs/planning/index.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

/** Secret fields of a spec (`docs/http.md` §4.4), as dot paths. */
export const SPEC_SECRETS: readonly string[] = [
  'notify[].secret',
  ...VENDOR_MODULES.flatMap(({ vendor, section }) => section.secrets.map((path) => `${vendor}.${path}`)),
];

/** Secret paths of a resource's body; none for a resource that is not there. */
export function resourceSecrets(vendor: string, resource: string): readonly string[] {
  const module = VENDOR_MODULES.find((candidate) => candidate.vendor === vendor);
  return module?.resources.find(({ name }) => name === resource)?.secrets ?? [];
}

/**
 * A copy of a spec in which `fn` has replaced each secret, inline ones and references alike (to seal, to hash or to hide them).
 * `pointer` is the secret's place in the spec, `field` the same without places in arrays. Secret fields that the spec leaves out stay left out.
 */
export function mapSecrets(
  spec: OnboardingSpec,
  fn: (value: SecretValue, pointer: string, field: string) => JsonValue,
): OnboardingSpec {
  const copy = replacePaths(spec as unknown as JsonObject, SPEC_SECRETS, ({ value, pointer, field }) =>
    typeof value === 'string' || isSecretReference(value) ? fn(value, pointer, field) : value,
  );
  return copy as unknown as OnboardingSpec;
}

/**
 * The field of a spec to which a secret in a node's body is bound, `/egain/channels/account/attributes/value`: by the node's key and
 * the field within its body (`Located.field`).
 */
export function secretField(nodeKey: string, field: string): string {
  const vendor = nodeKey.split('.', 1)[0] ?? '';
  const module = VENDOR_MODULES.find((candidate) => candidate.vendor === vendor);
  const place = module ? module.section.placeOf(nodeKey) : `/${nodeKey.replaceAll('.', '/')}`;
  return `${place}${field}`;
}

/** The field of what a vendor issued for a node's object, or a person handed back of it. */
export function issuedField(nodeKey: string, by: 'vendor' | 'person', name: string): string {
  return secretField(nodeKey, `/${ISSUED_UNDER[by]}/${name}`);
}
