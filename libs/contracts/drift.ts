import type { Difference } from './difference.js';
import type { Leftover } from './operation.js';
import type { Plan } from './plan.js';

/**
 * How an object differs. missing: it is gone. changed: owned fields differ. not-ready: the vendor itself says that it does not work.
 * duplicate: one that carries the account's marker and is not recorded.
 */
export const DRIFT_KINDS = ['changed', 'duplicate', 'missing', 'not-ready'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** What differs of one node. */
export interface DriftEntry {
  key: string;
  kind: DriftKind;
  /** Of `changed`: at most 20, values over 200 characters cut, secrets never. */
  fields: Difference[];
  /** RFC 3339 UTC, when this was first seen. */
  since: string;
  /** Why, as a sentence. */
  reason?: string;
  /** Of a duplicate: the object's id. */
  externalId?: string;
}

/** What differs at the vendors from what an account records. */
export interface AccountDrift {
  entries: DriftEntry[];
  /** Keys of nodes of which nothing can be read (a hand-off connection). Absent: none. */
  unseen?: string[];
}

/** Longest value that drift shows, in characters; what is longer is cut. */
export const DRIFT_VALUE_LIMIT = 200;
/** Most fields that drift shows of one node. */
export const DRIFT_FIELDS_LIMIT = 20;

/** The kinds that a drift holds, each once, sorted, comma-separated: the value of the attribute `Drift`. Null for none. */
export function driftKinds(drift: AccountDrift | undefined): string | null {
  const kinds = DRIFT_KINDS.filter((kind) => drift?.entries.some((entry) => entry.kind === kind));
  return kinds.length === 0 ? null : kinds.join(',');
}

/** What is left of an amendment that could not be taken back whole, for an account that goes on under its former plan. */
export function driftOfLeftovers(leftovers: readonly Leftover[], plan: Plan, since: string): AccountDrift {
  const planned = new Set(plan.nodes.map(({ key }) => key));
  return {
    entries: leftovers.map(({ key, externalId, reason }) => {
      const kind = !planned.has(key) ? 'duplicate' : externalId === '' ? 'missing' : 'changed';
      return {
        key,
        kind,
        fields: [],
        since,
        reason,
        ...(kind === 'duplicate' && externalId !== '' ? { externalId } : {}),
      };
    }),
  };
}

/** What an offboarding that was stopped has removed, and of what it has put the former state back, for an account that goes on. */
export function driftOfStopped(
  { removed, restored }: { removed: readonly string[]; restored: readonly string[] },
  since: string,
): AccountDrift {
  const entry = (kind: DriftKind, did: string): ((key: string) => DriftEntry) => {
    const reason = `an offboarding that was stopped has ${did}`;
    return (key) => ({ key, kind, fields: [], since, reason });
  };
  return {
    entries: [
      ...removed.map(entry('missing', 'removed it')),
      ...restored.map(entry('changed', 'put its former state back')),
    ],
  };
}

/** New findings with the time since which each is known: that of the same finding before, else now. */
export function withSince(
  found: readonly Omit<DriftEntry, 'since'>[],
  before: AccountDrift | undefined,
  now: string,
): DriftEntry[] {
  return found.map((entry) => {
    const known = before?.entries.find(
      ({ key, kind, externalId }) => key === entry.key && kind === entry.kind && externalId === entry.externalId,
    );
    return { ...entry, since: known?.since ?? now };
  });
}
