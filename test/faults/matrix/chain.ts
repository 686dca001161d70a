import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { Connection } from '#libs/config/connections.js';
import type { AccountRef, JsonObject, OnboardingSpec, Plan, PlanNode, Vendor } from '#libs/contracts/index.js';
import type { Resource } from '#libs/resources/index.js';
import {
  connectionsFile,
  connectionsOf,
  startSandbox,
  tempFolder,
  type ConnectionTimes,
} from '#test/support/sandbox.js';
import type { Creatable } from '../blind-creates.js';

/**
 * What stands of the account when its job begins.
 * - `nothing`: everything is made
 * - `changed`: its whole chain, each object different from the plan: everything is updated
 * - `spares`: its whole chain and of each a second one: those are removed before success
 * - `shared`: somebody's object for every node that may use one
 * - `adopted`: a person's object, which the spec takes over: it is updated, and put back by undo
 * - `corrected`: nothing; but the job has been held at its last step, and goes on with a corrected spec: what it made is updated
 */
export type Standing = 'nothing' | 'changed' | 'spares' | 'shared' | 'adopted' | 'corrected';

/** One kind of call to a vendor, as the sandbox's ledger names it. */
export interface VendorCall {
  vendor: Vendor;
  resource: string;
  operation: string;
}

/** What a cell's fault hits, and on which way of a job. */
export interface Target extends VendorCall {
  direction: 'forward' | 'back';
  standing: Standing;
  /** True where a person does what the engine does otherwise, and the engine checks it. */
  byPerson?: true;
  /** Facts of the resource, which rules may ask for; a token has none of its own. */
  marked: boolean;
}

/** An object of a chain as the vendor stores it. */
export interface ChainObject extends Creatable {
  node: PlanNode;
  id: string;
  stored: JsonObject;
  resource: Pick<Resource<unknown>, 'marked' | 'shared' | 'uniqueKey' | 'key' | 'secrets'>;
}

/** Whose objects and calls are told from everybody's. */
export interface Account extends AccountRef {
  installation: string;
}

/** An object that stands at a vendor; `kind` is `vendor.resource`. */
export interface Held {
  kind: string;
  object: JsonObject;
}

/** A chain that has been run once, and what a cell needs to know of it. */
export interface Chain {
  plan: Plan;
  objects: readonly ChainObject[];
  /** Every kind of call that making, changing and removing it takes. */
  calls: readonly VendorCall[];
  /** The same, by the way in which a job comes to make them. */
  targets: readonly Target[];
  /** How the vendors are in each cell, besides what a sandbox starts with. */
  knobs: KnobChanges;
  spec(tenant: string, target: Target): OnboardingSpec;
  /** Puts in place what stands when a job begins, what is others' too. */
  prepare(sandbox: Sandbox, standing: Standing, account: Account): void;
  /** Sees to it that the job makes a call that it has no need of otherwise. Returns rules that go before the cell's own. */
  provoke(sandbox: Sandbox, target: Target): FaultRuleInput[];
  /** What holds a job as late as can be, and how many objects it has made or changed by then. */
  hold(account: Account, standing: Standing): { rule: FaultRuleInput; done: number };
  /** The account's objects among those that stand; `before` stood when its job began. */
  ours(held: readonly Held[], account: Account, before: readonly Held[]): Held[];
  /** The account's objects after success. */
  expected(standing: Standing, account: Account): Held[];
  /** Fields that a vendor fills anew for each object, ids among them. */
  setByVendor: readonly string[];
  /** Does at the vendor what a job asks of a person, once; what the person hands back each time that is asked. */
  person?(sandbox: Sandbox): Readonly<Record<string, string>>;
  /** What success makes of an object that stood before; undefined for one that it must not touch. */
  takenOver?(held: Held, standing: Standing): Held | undefined;
  /** A field that a vendor sets with each write, so that nobody can put it back. */
  setByWrites?: string;
  /** The spec by which a held job goes on, where `corrected`. */
  corrected?(tenant: string): OnboardingSpec;
}

export function nameOf({ vendor, resource, operation }: VendorCall): string {
  return `${vendor} ${resource} ${operation}`;
}

export function idOf({ id }: JsonObject): string {
  if (typeof id !== 'string') throw new TypeError('an object without an id');
  return id;
}

/** Runs a task with a sandbox of its own and the connections to it. */
export async function withSandbox<T>(
  times: ConnectionTimes,
  task: (sandbox: Sandbox, connections: Connection[]) => Promise<T>,
): Promise<T> {
  const { sandbox, url } = await startSandbox();
  const { folder, remove } = tempFolder();
  try {
    return await task(sandbox, connectionsOf(connectionsFile(folder, url, times)));
  } finally {
    await sandbox.close();
    remove();
  }
}

/** An object as it is put in place again: without where it stood. */
export function storedAt(sandbox: Sandbox, node: PlanNode, id: string): JsonObject {
  const { objects } = sandbox.state({ ledger: false });
  const found = objects[node.vendor]?.[node.resource]?.find((object) => object['id'] === id);
  if (!found) throw new Error(`${node.key}: ${id} does not stand`);
  const { tenant: _tenant, region: _region, project: _project, accountId: _accountId, ...stored } = found;
  return stored;
}

/** The kinds of calls since number `since`, each once. */
export function callsIn(sandbox: Sandbox, since = 0): VendorCall[] {
  const { ledger } = sandbox.state({ objects: false, since });
  const calls = new Map(
    ledger.map(({ vendor, resource, operation }) => [
      `${vendor} ${resource} ${operation}`,
      { vendor, resource, operation },
    ]),
  );
  return [...calls.values()] as VendorCall[];
}
