import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { rewriteObject, soleField } from './json-walk.js';
import { textLength } from './names.js';
import { replacePaths } from './paths.js';
import { isSecretReference } from './secrets.js';
import { LONG_TEXT } from './texts.js';

/** What stands in an answer in place of a secret. */
export const REDACTED = '[secret]';

/**
 * A document as it may be shown, by the paths of its secrets: inline ones (sealed or not) as `[secret]`, references as themselves, long
 * texts as `<512000 characters>`. `texts` are those of the plan that the document was read from.
 */
export function redactPaths(value: JsonObject, secrets: readonly string[], texts: readonly string[] = []): JsonObject {
  const hidden = replacePaths(value, secrets, ({ value: secret }) => (isSecretReference(secret) ? secret : REDACTED));
  return rewriteObject(hidden, (item) => shortened(item, texts));
}

function shortened(item: JsonValue, texts: readonly string[]): JsonValue | undefined {
  const index = soleField(item, '$text');
  const text = typeof index === 'number' ? (texts[index] ?? '') : item;
  if (typeof text !== 'string') return undefined;
  return text.length > LONG_TEXT || typeof index === 'number' ? `<${textLength(text)} characters>` : text;
}
