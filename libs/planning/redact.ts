import type { JsonObject, JsonValue, OnboardingSpec, PlanNode } from '#libs/contracts/index.js';
import { rewriteObject, soleField } from './json-walk.js';
import { textLength } from './names.js';
import { replacePaths } from './paths.js';
import { isSecretReference, resourceSecrets, SPEC_SECRETS } from './secrets.js';
import { LONG_TEXT } from './texts.js';

/** What stands in an answer in place of a secret. */
export const REDACTED = '[secret]';

/**
 * A spec as it may be shown: inline secrets (sealed or not) as `[secret]`, references as themselves, long texts as
 * `<512000 characters>`. `texts` are those of the plan when the spec was read from one.
 */
export function redact(spec: OnboardingSpec | JsonObject, texts: readonly string[] = []): JsonObject {
  return redactPaths(spec as JsonObject, SPEC_SECRETS, texts);
}

/** A node's body as it may be shown, by the secret paths of its resource. `texts` are those of its plan. */
export function redactBody(
  node: Pick<PlanNode, 'vendor' | 'resource' | 'body'>,
  texts: readonly string[] = [],
): JsonObject {
  return redactPaths(node.body, resourceSecrets(node.vendor, node.resource), texts);
}

function redactPaths(value: JsonObject, secrets: readonly string[], texts: readonly string[]): JsonObject {
  const hidden = replacePaths(value, secrets, ({ value: secret }) => (isSecretReference(secret) ? secret : REDACTED));
  return rewriteObject(hidden, (item) => shortened(item, texts));
}

function shortened(item: JsonValue, texts: readonly string[]): JsonValue | undefined {
  const index = soleField(item, '$text');
  const text = typeof index === 'number' ? (texts[index] ?? '') : item;
  if (typeof text !== 'string') return undefined;
  return text.length > LONG_TEXT || typeof index === 'number' ? `<${textLength(text)} characters>` : text;
}
