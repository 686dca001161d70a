import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { JsonObject } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import { idOf, type Chain, type Held } from './chain.js';

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

/** Where an object stands, which the sandbox tells with it. */
const PLACES = ['tenant', 'region', 'project', 'accountId'];

/** Objects of an account as texts without what a vendor fills anew for each: what refers to another of them names its kind and key. */
export function bodiesOf(held: readonly Held[], { objects, setByVendor }: Chain): string[] {
  const keyOf = ({ kind, object }: Held): string =>
    objects.find(({ node }) => `${node.vendor}.${node.resource}` === kind)?.resource.key(object) ?? '';
  const names = held.map((each): [string, string] => [idOf(each.object), `${each.kind} ${keyOf(each)}`]);
  const bodyOf = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).filter(([name]) => ![...PLACES, ...setByVendor].includes(name)));
  const texts = held.map(({ kind, object }) => `${kind} ${canonicalJson(bodyOf(object))}`);
  return texts.map((text) => names.reduce((named, [id, name]) => named.replaceAll(id, name), text)).sort();
}

/** The writes among a sandbox's calls after number `since`, as texts. */
export function writesSince(sandbox: Sandbox, since: number): string[] {
  return sandbox
    .state({ objects: false, since })
    .ledger.filter(({ operation }) => WRITES.includes(operation))
    .map(({ vendor, resource, operation }) => `${operation} ${vendor}.${resource}`);
}
