import { accountId, parseMarker, type FleetOrphan, type ScanResult, type SweepOrder } from '#libs/contracts/index.js';

/** Accounts that one activity tells, or repairs. */
const CHUNK = 100;

/** Some items at a time: what one activity tells, or repairs. */
export function chunked<T>(items: readonly T[]): T[][] {
  const chunks = Math.ceil(items.length / CHUNK);
  return Array.from({ length: chunks }, (_, n) => items.slice(n * CHUNK, (n + 1) * CHUNK));
}

/** Orphans by the account that their marker names, on one connection. */
export function byAccount(
  scans: readonly { connection: string; result: ScanResult }[],
  due: readonly FleetOrphan[],
): { connection: SweepOrder['connection']; account: string; orphans: FleetOrphan[] }[] {
  const groups = new Map<string, { connection: SweepOrder['connection']; account: string; orphans: FleetOrphan[] }>();
  for (const { connection, result } of scans) {
    for (const orphan of result.orphans.filter((each) => due.includes(each))) {
      const marker = parseMarker(orphan.marker);
      if (!marker) continue;
      const account = accountId(marker.account);
      const name = connection.slice(connection.indexOf('/') + 1);
      const key = `${connection} ${account}`;
      const group = groups.get(key) ?? { connection: { vendor: orphan.vendor, name }, account, orphans: [] };
      group.orphans.push(orphan);
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}
