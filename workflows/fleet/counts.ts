import type { BeginResult, FleetCounts } from '#libs/contracts/index.js';
import type { FoundAccount } from './findings.js';

/** What is known of a run's accounts when they are counted. */
export interface Counted {
  begun: BeginResult;
  found: readonly FoundAccount[];
  busy: ReadonlySet<string>;
  interrupted: ReadonlySet<string>;
  unreadable: ReadonlySet<string>;
  /** `{vendor}/{name}` of connections that could not be read. */
  unread: ReadonlySet<string>;
  orphans: number;
  /** Accounts that differ besides, of which a result had no place to say how. */
  unshown: number;
}

/** Counts each account once: `accounts` = `inSync` + `drifted` + `busy` + `interrupted` + `unreadable`. */
export function countsOf({
  begun,
  found,
  busy,
  interrupted,
  unreadable,
  unread,
  orphans,
  unshown,
}: Counted): FleetCounts {
  const said = new Set<string>();
  const count = (ids: Iterable<string>): number => {
    const fresh = [...new Set(ids)].filter((id) => !said.has(id));
    for (const id of fresh) said.add(id);
    return fresh.length;
  };
  const known = begun.groups.reduce((sum, { accounts }) => sum + accounts, 0);
  // An account that was cut off stands in no registry.
  const gone = [...interrupted].filter((id) => !begun.interrupted.includes(id)).length;
  const differing = found.filter(({ drift }) => drift.length > 0);
  const interruptedCount = count(interrupted);
  const busyCount = count(busy);
  const drifters = differing.filter(({ id }) => !said.has(id));
  const accounts = known + gone;
  const shown = count(drifters.map(({ id }) => id));
  const drifted = shown + Math.min(unshown, Math.max(0, accounts - interruptedCount - busyCount - shown));
  const rest = Math.max(0, accounts - interruptedCount - busyCount - drifted);
  // Of accounts on a connection that was not read, those that are busy or cut off count as that.
  const unreadableCount = Math.min(rest, count(unreadable) + unreadBy(begun, unread, found, said));
  const inSync = rest - unreadableCount;
  const outcome = (wanted: FoundAccount['outcome']): number =>
    drifters.filter((each) => each.outcome === wanted).length;
  return {
    accounts: inSync + interruptedCount + busyCount + drifted + unreadableCount,
    ...{ inSync, drifted, busy: busyCount, interrupted: interruptedCount, unreadable: unreadableCount, orphans },
    capped: begun.off + outcome('capped'),
    repaired: outcome('repaired'),
    deferred: outcome('deferred'),
  };
}

/** Accounts on a connection that could not be read, and of which nothing else is said. */
function unreadBy(
  begun: BeginResult,
  unread: ReadonlySet<string>,
  found: readonly FoundAccount[],
  said: ReadonlySet<string>,
): number {
  if (unread.size === 0) return 0;
  const touches = (connections: readonly string[]): boolean => connections.some((each) => unread.has(each));
  const all = begun.groups
    .filter(({ connections }) => touches(connections))
    .reduce((sum, { accounts }) => sum + accounts, 0);
  const other = found.filter(({ id, connections }) => said.has(id) && touches(connections)).length;
  return Math.max(0, all - other);
}
