import { isJsonObject, type Difference, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { resourceSecrets } from '#libs/planning/index.js';
import { writesOwn, type Desired, type PathKind, type SeenObject } from '#libs/resources/contract.js';
import { differences, layOver, matchesPath, pathKind, projection, textOf, type FieldRules } from '../common/index.js';
import { WEBHOOK_EVENTS } from './manifest/index.js';
import type { RawApp } from './schema.js';

/** Secret fields of a node's body: the header values, and the exact text of the manifest, which holds them too. */
export const APP_SECRETS = resourceSecrets('liveperson', 'app');

/** Fields of a manifest (`docs/vendors/liveperson.md` §5.1); all others are the server's, kept as read and never compared. */
const MANIFEST_FIELDS: readonly string[] = [
  ...[
    'client_name',
    'display_name',
    'description',
    'enabled',
    'grant_types',
    'redirect_uris',
    'response_types',
    'scope',
  ],
  ...[
    'logo_uri',
    'quick_launch_enabled',
    'entry_uri',
    'enabled_for_profiles',
    'categories',
    'overview',
    'capabilities',
  ],
];

const ENGAGEMENT_LISTS = ['entry_point', 'visitor_behavior', 'target_audience', 'goal', 'consumer_identity'];

const WEBHOOKS = 'capabilities.webhooks';

/**
 * Lists of a manifest have no order; documented defaults are the same as nothing. Header values are taken out before a comparison,
 * and decided apart in a write.
 */
const RULES: FieldRules = {
  secrets: [],
  ignored: [],
  defaults: {
    enabled: true,
    quick_launch_enabled: false,
    ...Object.fromEntries(WEBHOOK_EVENTS.map((event) => [`${WEBHOOKS}.${event}.max_retries`, 0])),
  },
  sets: {
    ...Object.fromEntries(
      ['grant_types', 'redirect_uris', 'response_types', 'enabled_for_profiles', 'categories'].map((name) => [
        name,
        null,
      ]),
    ),
    ...Object.fromEntries(ENGAGEMENT_LISTS.map((name) => [`capabilities.engagement.${name}`, null])),
    ...Object.fromEntries(WEBHOOK_EVENTS.map((event) => [`${WEBHOOKS}.${event}.headers`, 'header_name'])),
  },
  replaced: ['capabilities'],
};

const LOCALISED_NAME = 'client_name#';
const ENGAGEMENT = [...ENGAGEMENT_LISTS, 'design_engagement', 'design_window', 'language_selection'];
const HEADER_VALUES = WEBHOOK_EVENTS.map((event) => `${WEBHOOKS}.${event}.headers[].header_value`);
const FIELDS: readonly string[] = [
  ...MANIFEST_FIELDS.filter((name) => name !== 'capabilities'),
  ...ENGAGEMENT.map((name) => `capabilities.engagement.${name}`),
  ...WEBHOOK_EVENTS.flatMap((event) =>
    ['endpoint', 'max_retries', 'headers[].header_name'].map((name) => `${WEBHOOKS}.${event}.${name}`),
  ),
  `${WEBHOOKS}.retry.retention_time`,
  'capabilities.broadcast.enabled',
];

/** A header of a webhook, and where it stands. */
interface Header {
  event: string;
  name: string;
  value: JsonValue | undefined;
}

/** The manifest in a node's body, or in what was seen. */
export function manifestOf(body: JsonObject): JsonObject {
  const manifest = body['manifest'];
  return isJsonObject(manifest) ? manifest : {};
}

/** The text of a manifest whose secrets are open: as it was given, byte for byte, else as two-space JSON (`docs/http.md` §4.4). */
export function manifestText(body: JsonObject): string {
  const { text } = body;
  return typeof text === 'string' ? text : JSON.stringify(manifestOf(body), null, 2);
}

/** An app as the engine sees it: the manifest's fields alone, secrets and what the server owns stay at the door. */
export function toSeenApp({ id, fields, issuedAt }: RawApp): SeenObject {
  return {
    id,
    key: textOf(fields['client_name']),
    marker: undefined,
    age: `${String(issuedAt).padStart(12, '0')} ${id}`,
    body: { manifest: withoutHeaderValues(manifestFieldsOf(fields)) },
    ...(fields['enabled'] === false ? { trouble: `The app ${id} is switched off at LivePerson.` } : {}),
  };
}

/** What counts of an app: its manifest. */
export function appProjection(body: JsonObject): JsonObject {
  return projection(withoutHeaderValues(manifestOf(body)), RULES);
}

/**
 * Where an app differs from the fields that the manifest sets; what it does not set is the server's business (`docs/vendors/liveperson.md` §5.5), but for a
 * webhook that the manifest does not have. When a former state is put back, what was set meanwhile counts too. Paths are the manifest's.
 */
export function appDifferences(desired: Desired, seen: SeenObject): Difference[] {
  const manifests = manifestsOf(desired, (body) => withoutHeaderValues(manifestOf(body)));
  const standing = manifestOf(seen.body);
  const surplus = surplusWebhooks(manifests.body, standing);
  const others = differences(manifests, standing, RULES).filter(
    ({ path }) => !surplus.some((webhook) => matchesPath(webhook.path, path)),
  );
  return [...others, ...surplus];
}

/** What the path of such a difference names. */
export function manifestPathKind(path: string): PathKind {
  const name = path.startsWith(LOCALISED_NAME) && /^[^.[]+$/.test(path) ? 'client_name' : path;
  return pathKind(name, { fields: FIELDS, secrets: HEADER_VALUES });
}

/**
 * The body of a PUT, which replaces everything (`docs/vendors/liveperson.md` §6.3): what was read, with the manifest's fields laid over it and
 * capabilities replaced whole. A restored app loses what the former manifest did not have; an adopted one keeps its header values.
 * `conflict` is a sentence when a header value would be lost that nobody could put back.
 */
export function bodyToPut(desired: Desired, read: JsonObject): { body: JsonObject } | { conflict: string } {
  const { mode, previous, former } = desired;
  const standing = pick(read, isManifestField);
  const others = pick(read, (name) => !isManifestField(name));
  const manifest = layOver(manifestsOf(desired, manifestOf), standing, RULES);
  if (writesOwn(mode)) return { body: { ...others, ...manifest } };
  const held = headersOf(standing);
  const formerHeaders = former ? headersOf(manifestOf(former)) : held;
  const writtenHeaders = headersOf(manifestOf(previous ?? {}));
  const isOurs = (header: Header): boolean => !has(formerHeaders, header) && has(writtenHeaders, header);
  if (mode === 'adopted') {
    const left = headersOf(manifest);
    const lost = held.find((header) => !has(left, header) && !isOurs(header));
    if (lost) return { conflict: `the value of its header ${lost.name} could not be put back by an undo` };
    const moved = held.find(({ event }) => endpointOf(manifest, event) !== endpointOf(read, event));
    if (moved) {
      return {
        conflict: `the value of its header ${moved.name} was set for another endpoint, and would be sent to the new one`,
      };
    }
  }
  const valued = mapHeaders(manifest, (event, header) => {
    const kept = held.find((other) => sameHeader(other, { event, name: textOf(header['header_name']) }));
    const value = kept && !isOurs(kept) ? kept.value : (header['header_value'] ?? kept?.value);
    return { ...header, ...(value === undefined ? {} : { header_value: value }) };
  });
  const unknown = headersOf(valued).find(({ value }) => value === undefined);
  if (unknown) return { conflict: `the former value of its header ${unknown.name} is not known any more` };
  return { body: { ...others, ...valued } };
}

/** The same write, of the manifests in the bodies. */
function manifestsOf({ body, mode, previous, former }: Desired, of: (body: JsonObject) => JsonObject): Desired {
  return {
    body: of(body),
    mode,
    ...(previous ? { previous: of(previous) } : {}),
    ...(former ? { former: of(former) } : {}),
  };
}

function isManifestField(name: string): boolean {
  return MANIFEST_FIELDS.includes(name) || name.startsWith(LOCALISED_NAME);
}

function manifestFieldsOf(fields: JsonObject): JsonObject {
  return pick(fields, (name, value) => isManifestField(name) && value !== null);
}

function pick(fields: JsonObject, keeps: (name: string, value: JsonValue) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => keeps(name, value)));
}

/** Events that somebody else has subscribed: they go to an endpoint that the manifest does not name. */
function surplusWebhooks(wanted: JsonObject, standing: JsonObject): Difference[] {
  const named = webhooksOf(wanted);
  if (!named) return [];
  const there = Object.entries(webhooksOf(standing) ?? {});
  return there
    .filter(([key]) => WEBHOOK_EVENTS.some((event) => event === key) && !Object.hasOwn(named, key))
    .map(([key, webhook]) => ({ path: `${WEBHOOKS}.${key}`, expected: null, seen: webhook }));
}

function webhooksOf(manifest: JsonObject): JsonObject | undefined {
  const { capabilities } = manifest;
  const webhooks = isJsonObject(capabilities) ? capabilities['webhooks'] : undefined;
  return isJsonObject(webhooks) ? webhooks : undefined;
}

function endpointOf(manifest: JsonObject, event: string): JsonValue | undefined {
  const webhook = webhooksOf(manifest)?.[event];
  return isJsonObject(webhook) ? webhook['endpoint'] : undefined;
}

function withoutHeaderValues(manifest: JsonObject): JsonObject {
  return mapHeaders(manifest, (_event, { header_value: _value, ...header }) => header);
}

function headersOf(manifest: JsonObject): Header[] {
  const found: Header[] = [];
  mapHeaders(manifest, (event, header) => {
    found.push({ event, name: textOf(header['header_name']), value: header['header_value'] });
    return header;
  });
  return found;
}

function has(headers: readonly Header[], header: Header): boolean {
  return headers.some((other) => sameHeader(other, header));
}

function sameHeader(a: Pick<Header, 'event' | 'name'>, b: Pick<Header, 'event' | 'name'>): boolean {
  return a.event === b.event && a.name === b.name;
}

/** A copy of a manifest in which `fn` has replaced each header of each webhook. */
function mapHeaders(manifest: JsonObject, fn: (event: string, header: JsonObject) => JsonObject): JsonObject {
  const webhooks = webhooksOf(manifest);
  if (!webhooks) return manifest;
  const mapped = Object.entries(webhooks).map(([event, webhook]): [string, JsonValue] => {
    const headers = isJsonObject(webhook) ? webhook['headers'] : undefined;
    if (!isJsonObject(webhook) || !Array.isArray(headers)) return [event, webhook];
    return [event, { ...webhook, headers: headers.map((each) => (isJsonObject(each) ? fn(event, each) : each)) }];
  });
  const capabilities = manifest['capabilities'];
  return {
    ...manifest,
    capabilities: { ...(isJsonObject(capabilities) ? capabilities : {}), webhooks: Object.fromEntries(mapped) },
  };
}
