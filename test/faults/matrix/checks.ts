import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { accountId, isJsonObject, parseMarker, type AccountRef, type JsonObject } from '#libs/contracts/index.js';
import type { ChainObject } from './chain.js';

const WRITES = ['create', 'update', 'delete'];

/** Whose objects and calls are told from everybody's. */
export interface Account extends AccountRef {
  installation: string;
}

/** Objects of an account, by its marker or within one that carries it, as `vendor.kind`, sorted; and all others as text. */
export function standing(sandbox: Sandbox, account: Account): { ours: string[]; others: string } {
  const { objects } = sandbox.state({ ledger: false });
  const marker = `gw:${account.installation}:${accountId(account)}:`;
  const all = Object.entries(objects).flatMap(([vendor, kinds]) =>
    Object.entries(kinds).flatMap(([kind, list]) => list.map((object) => ({ kind: `${vendor}.${kind}`, object }))),
  );
  const marked = new Set(
    all.filter(({ object }) => JSON.stringify(object).includes(marker)).map(({ object }) => object['id']),
  );
  const isOurs = (object: JsonObject): boolean => marked.has(object['id']) || marked.has(object['app_id']);
  return {
    ours: all
      .filter(({ object }) => isOurs(object))
      .map(({ kind }) => kind)
      .sort(),
    others: all
      .filter(({ object }) => !isOurs(object))
      .map((each) => JSON.stringify(each))
      .join('\n'),
  };
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
  return objects.flatMap(({ node, resource }) => {
    const key = resource.key(node.body);
    const isOf = (entry: LedgerEntry): boolean => {
      const { vendor, resource: kind, operation, body } = entry;
      if (vendor !== node.vendor || kind !== node.resource || operation !== 'create') return false;
      if (!isJsonObject(body)) return false; // cut off before its body came: it could be anybody's of its kind
      const isNode = ({ description, display_name: name }: JsonObject): boolean =>
        [description, name].some((text) => typeof text === 'string' && parseMarker(text)?.node === node.key);
      return resource.marked ? isNode(body) : resource.key(body) === key;
    };
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
