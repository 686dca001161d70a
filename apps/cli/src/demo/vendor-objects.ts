import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';
import { formatMarker, parseMarker } from '#libs/contracts/marker.js';

/** An object at a vendor, as the sandbox holds it. */
export interface VendorObject {
  vendor: string;
  /** eGain's tenant or Sinch's region: ids are unique in there only. */
  scope: string;
  kind: string;
  id: string;
  /** What a person would call it: its name, type, display name or target. */
  name: string;
  /** The ownership marker; empty where it carries none. */
  marker: string;
  /** The whole object as text, to tell whether it has changed. */
  text: string;
}

/** Every object in the sandbox's state (`objects`: by vendor, then by kind). */
export function vendorObjects(objects: Record<string, Record<string, JsonObject[]>>): VendorObject[] {
  return Object.entries(objects).flatMap(([vendor, kinds]) =>
    Object.entries(kinds).flatMap(([kind, list]) => list.map((object) => vendorObject(vendor, kind, object))),
  );
}

/** Those of `now` that are not in `before`, by vendor, scope, kind and id. */
export function added(before: readonly VendorObject[], now: readonly VendorObject[]): VendorObject[] {
  const known = new Set(before.map(identity));
  return now.filter((object) => !known.has(identity(object)));
}

/** Those of `before` that are gone from `now`, or are not what they were. */
export function disturbed(before: readonly VendorObject[], now: readonly VendorObject[]): VendorObject[] {
  const texts = new Map(now.map((object) => [identity(object), object.text]));
  return before.filter((object) => texts.get(identity(object)) !== object.text);
}

/** How many carry the marker of this account, `acme.support`. */
export function countOf(account: string, objects: readonly VendorObject[]): number {
  return objects.filter(({ marker }) => marker.split(':')[2] === account).length;
}

function vendorObject(vendor: string, kind: string, object: JsonObject): VendorObject {
  const texts = ['description', 'display_name'].map((field) => textOf(object[field]));
  const marker = texts.map(parseMarker).find((found) => found !== undefined);
  const name = ['name', 'type', 'display_name', 'target']
    .map((field) => textOf(object[field]))
    .find((text) => text !== '');
  return {
    vendor,
    scope: textOf(object['tenant']) || textOf(object['region']),
    kind,
    id: textOf(object['id']),
    name: (name ?? '').replace(/ ?\[gw:[^\]]*\]$/, ''),
    marker: marker === undefined ? '' : formatMarker(marker),
    text: JSON.stringify(sorted(object)),
  };
}

function identity({ vendor, scope, kind, id }: VendorObject): string {
  return `${vendor} ${scope} ${kind} ${id}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The order of an object's fields is no part of it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
