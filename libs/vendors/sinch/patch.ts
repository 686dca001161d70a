import type { JsonValue } from '#libs/contracts/index.js';

/** The fields of a body in which paths lie: `retention_policy.ttl_days` is in `retention_policy`. Each once. */
export function topFields(paths: readonly string[]): string[] {
  return [...new Set(paths.map((path) => /^[^.[]+/.exec(path)?.[0] ?? path))];
}

/** Query and body of a PATCH that changes exactly the given fields; the mask is comma-joined (`docs/vendors/sinch.md` §2). */
export function patchOf(changes: ReadonlyMap<string, JsonValue | undefined>): {
  query: string;
  body: Record<string, JsonValue>;
} {
  const body = Object.fromEntries(
    [...changes].flatMap(([name, value]): [string, JsonValue][] => (value === undefined ? [] : [[name, value]])),
  );
  return { query: `?update_mask=${[...changes.keys()].join(',')}`, body };
}
