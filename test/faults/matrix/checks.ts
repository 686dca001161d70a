import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { isJsonObject } from '#libs/contracts/index.js';
import type { ChainObject, Held } from './chain.js';

const WRITES = ['create', 'update', 'delete'];
/** What LivePerson deletes softly is gone. */
const GONE = 'liveperson.deletedApp';

/** All that stands at the vendors. */
export function standing(sandbox: Sandbox): Held[] {
  const { objects } = sandbox.state({ ledger: false });
  return Object.entries(objects)
    .flatMap(([vendor, kinds]) =>
      Object.entries(kinds).flatMap(([kind, list]) => list.map((object) => ({ kind: `${vendor}.${kind}`, object }))),
    )
    .filter(({ kind }) => kind !== GONE);
}

/** Their kinds, sorted. */
export function kindsOf(held: readonly Held[]): string[] {
  return held.map(({ kind }) => kind).sort();
}

/** The writes among a sandbox's calls after number `since`, as texts. */
export function writesSince(sandbox: Sandbox, since: number): string[] {
  return sandbox
    .state({ objects: false, since })
    .ledger.filter(({ operation }) => WRITES.includes(operation))
    .map(({ vendor, resource, operation }) => `${operation} ${vendor}.${resource}`);
}

/** Second creates of the same node that nobody looked before: whatever the first one's outcome, they are forbidden. */
export function blindCreates(sandbox: Sandbox, objects: readonly ChainObject[]): string[] {
  const { ledger } = sandbox.state({ objects: false });
  return objects.flatMap((made) => {
    const { node } = made;
    const isOf = ({ vendor, resource, operation, body }: LedgerEntry): boolean =>
      vendor === node.vendor &&
      resource === node.resource &&
      operation === 'create' &&
      isJsonObject(body) && // one that was cut off before its body came could be anybody's of its kind
      made.isCreate(body);
    const blind: string[] = [];
    let before: LedgerEntry | undefined;
    for (const entry of ledger) {
      if (isLook(entry, node)) before = undefined;
      if (!isOf(entry)) continue;
      // A 401 was not executed: the same call with a new token is no second create.
      if (before && before.status !== 401) {
        blind.push(`${node.key}: create ${String(entry.seq)} after ${String(before.seq)} without a look between them`);
      }
      before = entry;
    }
    return blind;
  });
}

function isLook(entry: LedgerEntry, node: { vendor: string; resource: string }): boolean {
  const same = entry.vendor === node.vendor && entry.resource === node.resource;
  return same && ['list', 'get'].includes(entry.operation) && entry.status !== null && entry.status < 300;
}
