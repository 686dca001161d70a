import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { replacePaths, selectPaths } from '#libs/planning/index.js';

/** How a secret that is not shown reads back (`docs/vendors/egain.md` §10, knob "masked"). */
const MASKED = /^[*•]{3,}$/;

/** The secrets of a kind, as paths of its bodies. */
export interface KindSecrets {
  secrets: readonly string[];
  /** Those without which their parent cannot be written. */
  neededSecrets: readonly string[];
}

/**
 * Pointer of the first secret in a body to be written that is not known: masked in what was read, or missing where it is needed.
 * Undefined when all are there.
 */
export function unknownSecret(body: JsonObject, { secrets, neededSecrets }: KindSecrets): string | undefined {
  for (const path of secrets) {
    const masked = selectPaths(body, path).find(({ value }) => isMasked(value));
    if (masked) return masked.pointer;
  }
  for (const path of neededSecrets) {
    const at = path.lastIndexOf('.');
    const parent = selectPaths(body, path.slice(0, at));
    const without = parent.find(({ value }) => isWithout(value, path.slice(at + 1)));
    if (without) return `${without.pointer}/${path.slice(at + 1)}`;
  }
  return undefined;
}

/** Whether this stands in place of a secret that is not shown. */
export function isMasked(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && MASKED.test(value);
}

function isWithout(value: JsonValue, name: string): boolean {
  return isJsonObject(value) && (value[name] === undefined || value[name] === null || value[name] === '');
}

/** A copy of a body in which what stands in place of a secret is taken for no secret at all. */
export function withoutMasked(body: JsonObject, secrets: readonly string[]): JsonObject {
  return replacePaths(body, secrets, ({ value }) => (isMasked(value) ? null : value));
}
