import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { JsonObject } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import { standing } from '../matrix/checks.js';
import { idOf, type Held } from '../matrix/chain.js';
import { SET_BY_WRITES } from '../matrix/egain-adopted.js';

/** Set by a vendor anew for each object, or with each write. */
const SET_BY_VENDOR = ['id', 'created', SET_BY_WRITES];

/** The objects that carry an account's marker, and those of an app that does. */
export function ownObjects(sandbox: Sandbox, id: string): Held[] {
  const all = standing(sandbox);
  const marked = all.filter(({ object }) => JSON.stringify(object).includes(`:${id}:`));
  const apps = new Set(marked.filter(({ kind }) => kind === 'sinch.app').map(({ object }) => object['id']));
  return all.filter((each) => marked.includes(each) || apps.has(each.object['app_id']));
}

/** All others, byte for byte. */
export function otherTexts(sandbox: Sandbox, id: string): string[] {
  const own = new Set(ownObjects(sandbox, id).map(({ object }) => idOf(object)));
  return standing(sandbox).flatMap((each) => (own.has(idOf(each.object)) ? [] : [JSON.stringify(each)]));
}

/** An account's objects as texts that are equal for two accounts of the same spec: ids by what they stand for, its tenant left out. */
export function ownTexts(sandbox: Sandbox, id: string): string[] {
  const own = ownObjects(sandbox, id);
  const [tenant = ''] = id.split('.');
  const names = own.map(({ kind, object }): [string, string] => [idOf(object), `${kind} ${nameOf(object)}`]);
  const body = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).filter(([field]) => !SET_BY_VENDOR.includes(field)));
  return own
    .map(({ kind, object }) => `${kind} ${canonicalJson(body(object))}`)
    .map((text) => names.reduce((named, [each, name]) => named.replaceAll(each, name), text))
    .map((text) => text.replaceAll(tenant, '(tenant)'))
    .sort();
}

function nameOf(object: JsonObject): string {
  const names = ['target', 'type', 'address', 'name', 'display_name'].map((field) => object[field]);
  return names.find((value) => typeof value === 'string') ?? '';
}
