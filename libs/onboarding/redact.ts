import type { JsonObject, OnboardingSpec, PlanNode } from '#libs/contracts/index.js';
import { redactPaths } from '#libs/planning/index.js';
import { resourceSecrets, SPEC_SECRETS } from './secrets.js';

/** A spec as it may be shown, without secrets and long texts. `texts` are those of the plan when the spec was read from one. */
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
