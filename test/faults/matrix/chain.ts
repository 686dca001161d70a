import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { Connection } from '#libs/config/connections.js';
import {
  isJsonObject,
  type EnsureResult,
  type JsonObject,
  type JsonValue,
  type Plan,
  type PlanNode,
  type Vendor,
} from '#libs/contracts/index.js';
import type { Resource } from '#libs/resources/index.js';
import { chain12Spec, planOf } from '#test/factories/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import { connectionsFile, connectionsOf, startSandbox, tempFolder } from '#test/support/sandbox.js';

/** Stands for the tenant in the recorded chain; replaced by the tenant of a cell. */
const RECORDED_TENANT = 'recorded';
const RECORDED_INSTALLATION = 'recording';
/** Last characters of ids that are made from recorded ones. */
const NEIGHBOUR_END = '0000';
const SPARE_END = '1111';
/** First character of a spare's id, so that it sorts behind where ids begin with their time, as a younger object's does. */
const SPARE_START = '7';

/** An object of the chain as the vendor stores it. */
export interface ChainObject {
  node: PlanNode;
  id: string;
  stored: JsonObject;
  /** Another state of it, which the engine must bring back to the plan. */
  changed: JsonObject;
  /** A second one of ours, as an attempt presumed dead makes it; undefined where the vendor has no place for a marker. */
  spare: JsonObject;
  resource: Pick<Resource<unknown>, 'marked' | 'shared' | 'uniqueKey' | 'key'>;
}

/** One kind of call to a vendor, as the sandbox's ledger names it. */
export interface VendorCall {
  vendor: Vendor;
  resource: string;
  operation: string;
}

/** A full chain, made once: its objects, and the calls that making, changing and removing it takes. */
export interface RecordedChain {
  plan: Plan;
  objects: ChainObject[];
  calls: { making: VendorCall[]; changing: VendorCall[]; removing: VendorCall[] };
}

/** Runs a full chain against a sandbox of its own and records it. Whatever resource the plan uses is in it. */
export async function recordChain(): Promise<RecordedChain> {
  const { sandbox, url } = await startSandbox();
  const { folder, remove } = tempFolder();
  try {
    const plan = planOf(chain12Spec({ tenant: RECORDED_TENANT }), { installation: RECORDED_INSTALLATION });
    return await record(sandbox, connectionsOf(connectionsFile(folder, url)), plan);
  } finally {
    await sandbox.close();
    remove();
  }
}

async function record(sandbox: Sandbox, connections: Connection[], plan: Plan): Promise<RecordedChain> {
  const runner = new PlanRunner(plan, connections);
  try {
    const made = await makeAll(runner, plan);
    const making = callsIn(sandbox);
    const objects: ChainObject[] = [];
    for (const { node, result } of made) {
      const resource = runner.resource(node);
      if (!resource.exists) continue;
      const stored = storedAt(sandbox, node, result.externalId);
      const changed = await changeOf(sandbox, runner, node, stored);
      objects.push({ node, id: result.externalId, stored, changed, spare: stored, resource });
    }
    const spares = new Map(objects.map((object) => [object.id, spareIdOf(object.id)]));
    for (const object of objects) object.spare = spareOf(object, spares);

    const { seq: before } = sandbox.state({ objects: false, ledger: false });
    await makeAll(runner, plan, 2);
    const changing = callsIn(sandbox, before);
    const { seq } = sandbox.state({ objects: false, ledger: false });
    sandbox.revokeTokens();
    for (const { node, result } of [...made].reverse()) await runner.remove(node, result);
    return { plan, objects, calls: { making, changing, removing: callsIn(sandbox, seq) } };
  } finally {
    await runner.close();
  }
}

async function makeAll(
  runner: PlanRunner,
  plan: Plan,
  attempt = 1,
): Promise<{ node: PlanNode; result: EnsureResult }[]> {
  const made = [];
  await runner.look();
  for (const node of plan.nodes) made.push({ node, result: await runner.ensure(node, attempt) });
  return made;
}

/** Changes one field that the engine owns and leaves the object so, to be brought back by the next `ensure`. */
async function changeOf(sandbox: Sandbox, runner: PlanRunner, node: PlanNode, stored: JsonObject): Promise<JsonObject> {
  const id = idOf(stored);
  for (const patch of changesOf(stored)) {
    sandbox.edit(node.vendor, node.resource, id, patch);
    const { differs, key, marker } = await runner.compare(node, id);
    const own = runner.resource(node).marked ? marker !== undefined : true;
    if (differs && own && key === runner.resource(node).key(node.body)) return storedAt(sandbox, node, id);
    sandbox.edit(
      node.vendor,
      node.resource,
      id,
      Object.fromEntries(Object.keys(patch).map((f) => [f, stored[f] ?? null])),
    );
  }
  throw new Error(`no field of ${node.vendor}.${node.resource} could be changed so that the engine notices`);
}

/** Small changes of top-level fields that keep their type: flags first, as every value of theirs is allowed. */
function changesOf(stored: JsonObject): JsonObject[] {
  const fields = Object.entries(stored);
  const flags = fields
    .filter(([, value]) => typeof value === 'boolean')
    .map(([name, value]) => ({ [name]: value !== true }));
  const lists = fields
    .filter((field): field is [string, JsonValue[]] => Array.isArray(field[1]) && typeof field[1][0] === 'string')
    .map(([name, value]) => ({ [name]: [...value, 'MESSAGE_DELIVERY'] }));
  const nested = fields
    .filter((field): field is [string, JsonObject] => isJsonObject(field[1]))
    .flatMap(([name, value]) =>
      Object.entries(value).flatMap(([inner, was]) =>
        typeof was === 'boolean' ? [{ [name]: { [inner]: !was } }] : [],
      ),
    );
  const emptied = fields.filter(([, value]) => Array.isArray(value)).map(([name]) => ({ [name]: [] }));
  return [...flags, ...lists, ...nested, ...emptied];
}

function spareOf({ stored, node, resource }: ChainObject, spares: ReadonlyMap<string, string>): JsonObject {
  const spare: JsonObject = { ...stored, id: spareIdOf(idOf(stored)) };
  const keyField = Object.keys(node.body).find(
    (name) => resource.key({ ...node.body, [name]: 'other' }) !== resource.key(node.body),
  );
  if (resource.uniqueKey && resource.marked && keyField !== undefined) {
    spare[keyField] = `${resource.key(node.body)}.spare`;
  }
  if (typeof spare['created'] === 'string')
    spare['created'] = new Date(Date.parse(spare['created']) + 60_000).toISOString();
  // What has no marker belongs to the spare of its holder; everything else refers to what stays.
  return resource.marked ? spare : replaced(spare, spares);
}

function spareIdOf(id: string): string {
  return SPARE_START + id.slice(1, -SPARE_END.length) + SPARE_END;
}

function idOf({ id }: JsonObject): string {
  if (typeof id !== 'string') throw new TypeError('an object without an id');
  return id;
}

function storedAt(sandbox: Sandbox, node: PlanNode, id: string): JsonObject {
  const { objects } = sandbox.state({ ledger: false });
  const found = objects[node.vendor]?.[node.resource]?.find((object) => object['id'] === id);
  if (!found) throw new Error(`${node.key}: ${id} does not stand`);
  const { tenant: _tenant, region: _region, project: _project, ...stored } = found;
  return stored;
}

function callsIn(sandbox: Sandbox, since = 0): VendorCall[] {
  const { ledger } = sandbox.state({ objects: false, since });
  const calls = new Map(
    ledger.map(({ vendor, resource, operation }) => [
      `${vendor} ${resource} ${operation}`,
      { vendor, resource, operation },
    ]),
  );
  return [...calls.values()] as VendorCall[];
}

/** Whose objects are put in place. */
export interface Owner {
  tenant: string;
  installation: string;
}

/** Puts the chain in place as an account's own, before its job begins. */
export function putChain(
  sandbox: Sandbox,
  chain: RecordedChain,
  owner: Owner,
  form: 'stored' | 'changed' | 'spare',
): void {
  const names = new Map([
    [RECORDED_INSTALLATION, owner.installation],
    [RECORDED_TENANT, owner.tenant],
  ]);
  for (const { node, [form]: object } of chain.objects) {
    sandbox.insert(node.vendor, node.resource, [replaced(object, names)]);
  }
}

/** A whole chain of another account of the same installation: it must be the same afterwards. */
export function putNeighbour(sandbox: Sandbox, chain: RecordedChain, installation: string): void {
  const names = new Map([
    [RECORDED_INSTALLATION, installation],
    [RECORDED_TENANT, 'neighbour'],
    ['custom.acme', 'custom.neighbour'],
    ...chain.objects.map(({ id }): [string, string] => [id, id.slice(0, -NEIGHBOUR_END.length) + NEIGHBOUR_END]),
  ]);
  for (const { node, stored } of chain.objects) sandbox.insert(node.vendor, node.resource, [replaced(stored, names)]);
}

/** Objects of everybody's, for the nodes that use them shared. */
export function putShared(sandbox: Sandbox, chain: RecordedChain): void {
  for (const { node, stored, resource } of chain.objects) {
    if (!resource.shared) continue;
    sandbox.insert(node.vendor, node.resource, [{ ...stored, description: 'everybody uses it' }]);
  }
}

function replaced(object: JsonObject, words: ReadonlyMap<string, string>): JsonObject {
  let text = JSON.stringify(object);
  for (const [from, to] of words) text = text.replaceAll(from, to);
  return JSON.parse(text) as JsonObject;
}
