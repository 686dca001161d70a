import { accountId, parseMarker, type FleetOrphan, type ScanResult, type SweepOrder } from '#libs/contracts/index.js';

/** Accounts that one activity tells, or repairs. */
const CHUNK = 100;
/** Characters of JSON that one activity is given: Temporal refuses 2 MiB, and a character has three bytes at most. */
const CHUNK_LENGTH = 400_000;

/** Some items at a time: what one activity tells, or repairs. */
export function chunked<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  let length = 0;
  for (const item of items) {
    const more = JSON.stringify(item).length;
    const last = chunks.at(-1);
    if (last && last.length < CHUNK && length + more <= CHUNK_LENGTH) last.push(item);
    else chunks.push([item]);
    length = chunks.at(-1) === last ? length + more : more;
  }
  return chunks;
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
