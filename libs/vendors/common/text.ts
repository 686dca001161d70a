import type { JsonValue } from '#libs/contracts/index.js';

/** A scalar of a body as text; empty for everything else. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
