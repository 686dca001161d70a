import type { Sandbox } from '#apps/sandbox/src/server.js';
import { accountId, isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { idOf, type Account, type ChainObject, type Held, type Standing } from './chain.js';
import { personsOf } from './egain-adopted.js';

/** Stands for the tenant in the recorded chain; replaced by the tenant of a cell. */
export const RECORDED_TENANT = 'recorded';
export const RECORDED_INSTALLATION = 'recording';
/** Last characters of ids that are made from recorded ones. */
const NEIGHBOUR_END = '0000';
const SPARE_END = '1111';
/** First character of a spare's id, so that it sorts behind where ids begin with their time, as a younger object's does. */
const SPARE_START = '7';

/** An object of the chain, and further forms of it that a job may find. */
export interface EgainObject extends ChainObject {
  /** Another state of it, which the engine must bring back to the plan. */
  changed: JsonObject;
  /** A second one of ours, as an attempt presumed dead makes it. */
  spare: JsonObject;
}

/** Small changes of top-level fields that keep their type: flags first, as every value of theirs is allowed. */
export function changesOf(stored: JsonObject): JsonObject[] {
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

export function spareOf({ stored, node, resource }: EgainObject, spares: ReadonlyMap<string, string>): JsonObject {
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

export function spareIdOf(id: string): string {
  return SPARE_START + id.slice(1, -SPARE_END.length) + SPARE_END;
}

/** Puts in place what stands when a job begins, and a neighbour. */
export function prepare(sandbox: Sandbox, objects: readonly EgainObject[], standing: Standing, account: Account): void {
  putNeighbour(sandbox, objects, account.installation);
  if (standing === 'shared') putShared(sandbox, objects);
  if (standing === 'changed') putChain(sandbox, objects, account, 'changed');
  if (standing === 'adopted') putPersons(sandbox, objects, account);
  if (standing === 'spares') {
    putChain(sandbox, objects, account, 'stored');
    putChain(sandbox, objects, account, 'spare');
  }
}

/** Puts the chain in place as an account's own, before its job begins. */
function putChain(
  sandbox: Sandbox,
  objects: readonly EgainObject[],
  owner: Account,
  form: 'stored' | 'changed' | 'spare',
): void {
  for (const { node, [form]: object } of objects) {
    sandbox.insert(node.vendor, node.resource, [inPlaceOf(object, owner)]);
  }
}

/** A person's objects under the names that the account's job will want, and what is everybody's; of the recorded account if left out. */
export function putPersons(sandbox: Sandbox, objects: readonly EgainObject[], account?: Account): void {
  putShared(sandbox, objects);
  for (const object of objects) {
    const { node, resource } = object;
    const persons = personsOf(object);
    if (!resource.shared) sandbox.insert(node.vendor, node.resource, [account ? inPlaceOf(persons, account) : persons]);
  }
}

/** A recorded object or body as an account's own. */
export function inPlaceOf(recorded: JsonObject, { installation, tenant }: Account): JsonObject {
  const names = new Map([
    [RECORDED_INSTALLATION, installation],
    [RECORDED_TENANT, tenant],
  ]);
  return replaced(recorded, names);
}

/** A whole chain of another account of the same installation: it must be the same afterwards. */
function putNeighbour(sandbox: Sandbox, objects: readonly EgainObject[], installation: string): void {
  const names = new Map([
    [RECORDED_INSTALLATION, installation],
    [RECORDED_TENANT, 'neighbour'],
    ['custom.acme', 'custom.neighbour'],
    ...objects.map(({ id }): [string, string] => [id, id.slice(0, -NEIGHBOUR_END.length) + NEIGHBOUR_END]),
  ]);
  for (const { node, stored } of objects) sandbox.insert(node.vendor, node.resource, [replaced(stored, names)]);
}

/** Objects of everybody's, for the nodes that use them shared. */
function putShared(sandbox: Sandbox, objects: readonly EgainObject[]): void {
  for (const { node, stored, resource } of objects) {
    if (!resource.shared) continue;
    sandbox.insert(node.vendor, node.resource, [{ ...stored, description: 'everybody uses it' }]);
  }
}

/** Objects of an account, by its marker or within one that carries it. */
export function markedOf(held: readonly Held[], account: Account): Held[] {
  const marker = `gw:${account.installation}:${accountId(account)}:`;
  const marked = new Set(
    held.filter(({ object }) => JSON.stringify(object).includes(marker)).map(({ object }) => object['id']),
  );
  return held.filter(({ object }) => marked.has(object['id']) || marked.has(object['app_id']));
}

function replaced(object: JsonObject, words: ReadonlyMap<string, string>): JsonObject {
  let text = JSON.stringify(object);
  for (const [from, to] of words) text = text.replaceAll(from, to);
  return JSON.parse(text) as JsonObject;
}
