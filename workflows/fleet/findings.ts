import {
  REPORT_FIELDS_LIMIT,
  type DriftEntry,
  type FleetItem,
  type FleetOutcome,
  type NoteRequest,
  type ScannedAccount,
  type ScanResult,
} from '#libs/contracts/index.js';

/** One account that differs, or whose recorded drift has gone, as all connections show it. */
export interface FoundAccount {
  id: string;
  runId: string;
  revision: number;
  capped: boolean;
  connections: string[];
  drift: DriftEntry[];
  unseen: string[];
  outcome: FleetOutcome;
  reason: string | null;
}

/** Kinds that a run may repair; of what is not ready the vendor alone can make something. */
const REPAIRABLE: readonly DriftEntry['kind'][] = ['missing', 'changed', 'duplicate'];

/** What the scans show of each account: what is recorded of connections that nobody has read stays as it is. */
export function mergeFound(scans: readonly { connection: string; result: ScanResult }[]): FoundAccount[] {
  const parts = new Map<string, { connection: string; part: ScannedAccount }[]>();
  for (const { connection, result } of scans) {
    for (const part of result.found) parts.set(part.id, [...(parts.get(part.id) ?? []), { connection, part }]);
  }
  return [...parts.values()].flatMap((of) => {
    const [first, ...others] = of;
    if (!first) return [];
    // The connections were read one after the other: what they show of two states of an account does not fit together.
    if (others.some(({ part }) => part.runId !== first.part.runId)) return [];
    const read = new Set(of.map(({ connection }) => connection));
    const kept = first.part.elsewhere.filter(({ connection }) => !read.has(connection)).map(({ entry }) => entry);
    const { id, runId, revision, connections, unseen } = first.part;
    const capped = of.some(({ part }) => part.capped);
    const drift = [...of.flatMap(({ part }) => part.drift), ...kept];
    return [{ id, runId, revision, capped, connections, drift, unseen, outcome: 'noted', reason: null }];
  });
}

/** Ids of accounts that two connections showed in two states. */
export function movedOn(scans: readonly { result: ScanResult }[]): string[] {
  const runs = new Map<string, Set<string>>();
  for (const { result } of scans) {
    for (const { id, runId } of result.found) runs.set(id, (runs.get(id) ?? new Set()).add(runId));
  }
  return [...runs].filter(([, ids]) => ids.size > 1).map(([id]) => id);
}

/** Accounts that differ and that no result had a place for. */
export function unshownOf(scans: readonly { result: ScanResult }[]): number {
  return scans.reduce((sum, { result: { drifted, found } }) => {
    return sum + Math.max(0, drifted - found.filter(({ drift }) => drift.length > 0).length);
  }, 0);
}

/** Whether a repair has anything to do at an account. */
export function isRepairable({ drift }: FoundAccount): boolean {
  return drift.some(({ kind }) => REPAIRABLE.includes(kind));
}

/** The items of a report: one for each node that differs. */
export function itemsOf(found: readonly FoundAccount[]): FleetItem[] {
  return found.flatMap(({ id, drift, outcome, reason }) =>
    drift.map(({ key, kind, fields, reason: why }) => ({
      ...{ id, key, kind, fields: fields.slice(0, REPORT_FIELDS_LIMIT), outcome },
      reason: reason ?? why ?? null,
    })),
  );
}

/** What is told to an account. */
export function noteOf({ id, revision, drift, unseen }: FoundAccount): NoteRequest {
  return { account: id, revision, drift: { entries: drift, ...(unseen.length > 0 ? { unseen } : {}) } };
}
