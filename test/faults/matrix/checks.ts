import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { Held } from './chain.js';

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
