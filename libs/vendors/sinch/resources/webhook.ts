import { isJsonObject, type Difference, type JsonValue } from '#libs/contracts/index.js';
import { resourceSecrets } from '#libs/planning/index.js';
import { listedResource } from '#libs/readings/index.js';
import { writesOwn, type Desired, type Resource, type SeenObject } from '#libs/resources/contract.js';
import {
  differences,
  fault,
  layOver,
  pathKind,
  projection,
  readCall,
  secretValues,
  textOf,
  withoutFields,
  type CallPurpose,
  type FieldRules,
  type KnownFields,
} from '../../common/index.js';
import type { SinchClient } from '../client.js';
import { SINCH } from '../errors.js';
import { patchOf, secretFieldsToWrite, topFields } from '../patch.js';
import { parseCreatedId, parseWebhook, type RawObject } from '../schema.js';
import { deleteWebhook, webhookListing, webhookPages } from '../webhooks.js';

const SECRETS = resourceSecrets('sinch', 'webhook');

/** Fields of a request (`docs/vendors/sinch.md` §4). */
const REQUEST_FIELDS = ['app_id', 'target', 'target_type', 'triggers', 'secret', 'client_credentials'];

const RULES: FieldRules = {
  secrets: SECRETS,
  ignored: ['app_id'],
  defaults: { target_type: 'HTTP', 'client_credentials.token_request_type': 'BASIC' },
  sets: { triggers: null },
  units: ['client_credentials'],
};

/** What a PATCH holds to clear a field (`docs/vendors/sinch.md` §4); any other is cleared by leaving it out. */
const CLEARED: Readonly<Record<string, JsonValue>> = { secret: '', client_credentials: null };

/** Documented fields that may change; the app is the place. */
const FIELDS: KnownFields = {
  fields: [
    ...['target', 'target_type', 'triggers'],
    ...['client_id', 'endpoint', 'scope', 'response_type', 'token_request_type'].map(
      (name) => `client_credentials.${name}`,
    ),
  ],
  secrets: SECRETS,
};

/** A webhook of an app (`docs/vendors/sinch.md` §4). Its target is unique per app; it has no place for a marker. */
const binding: Omit<Resource<SinchClient>, 'list'> = {
  vendor: SINCH.vendor,
  name: 'webhook',
  uniqueKey: true,
  shared: false,
  marked: false,
  exists: true,
  limit: { most: 5, of: 'webhooks per app' },
  secrets: SECRETS,
  key: (body) => textOf(body['target']),
  scope: (body) => (typeof body['app_id'] === 'string' ? body['app_id'] : null),
  get: async (client, id, options) => {
    const purpose: CallPurpose = { resource: 'webhook', operation: 'get', externalId: id };
    const answer = await client.demandIfThere({ ...purpose, method: 'GET', path: pathOf(id), ...readCall(options) });
    if (!answer) return null;
    const raw = parseWebhook(answer.json);
    if (!raw) throw client.unreadable(purpose, answer);
    if (raw.id !== id) throw client.unreadable(purpose, answer, 'sent another webhook');
    return toSeen(raw);
  },
  create: async (client, body) => {
    const purpose: CallPurpose = { resource: 'webhook', operation: 'create', secrets: secretValues(body, SECRETS) };
    const whole = { target_type: 'HTTP', ...body };
    const answer = await client.demand({ ...purpose, method: 'POST', path: '/webhooks', body: whole });
    const id = parseCreatedId(answer.json);
    if (id === undefined) throw client.unreadable(purpose, answer, 'named no id');
    return { id };
  },
  update,
  remove: deleteWebhook,
  diff,
  pathKind: (path) => pathKind(path, FIELDS),
  former: (seen) => seen.body,
  projection: (body) => projection(body, RULES),
  pages: (client, pages) => webhookPages(client, pages, toSeen),
};

export const webhook = listedResource(binding, (client, appId) => webhookListing(client, appId, toSeen));

function toSeen({ id, fields }: RawObject): SeenObject {
  const request = Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => REQUEST_FIELDS.includes(name) && value !== null),
  );
  return {
    id,
    key: textOf(fields['target']),
    marker: undefined,
    age: id, // a ULID begins with its time
    body: withoutFields(request, SECRETS),
  };
}

function diff(desired: Desired, seen: SeenObject): Difference[] {
  return differences(desired, seen.body, RULES);
}

/** Sends the changed fields; the body carries the target besides, which the mask names only where it changes (`docs/vendors/sinch.md` §2). */
async function update(client: SinchClient, seen: SeenObject, desired: Desired): Promise<void> {
  const purpose: CallPurpose = {
    resource: 'webhook',
    operation: 'update',
    externalId: seen.id,
    secrets: secretValues(desired.body, SECRETS),
  };
  const changes = changesOf(desired, seen);
  if (changes.size === 0) return;
  if (isJsonObject(changes.get('client_credentials') ?? null) && !credentialsAreOurs(desired)) {
    const message = `The client_credentials of webhook ${seen.id} at Sinch cannot be changed: their secret is not ours, and they are written as a whole.`;
    throw fault(SINCH, purpose, { code: 'CONFLICT', message });
  }
  const { query, body } = patchOf(changes);
  await client.demand({
    ...purpose,
    method: 'PATCH',
    path: `${pathOf(seen.id)}${query}`,
    body: { target: seen.key, ...body },
  });
}

function changesOf(desired: Desired, seen: SeenObject): Map<string, JsonValue | undefined> {
  const differing = topFields(diff(desired, seen).map(({ path }) => path));
  const names = new Set([...differing, ...secretFieldsToWrite(desired, SECRETS, differing.length === 0)]);
  const laid = layOver(desired, seen.body, RULES);
  return new Map([...names].map((name) => [name, laid[name] ?? CLEARED[name]]));
}

/** Whether the credentials in the body, or none, are what an adopted webhook is to have: it had none of its own before. */
function credentialsAreOurs({ body, mode, former }: Desired): boolean {
  if (writesOwn(mode)) return true;
  const had = former?.['client_credentials'];
  return mode === 'adopted' && former !== undefined && !isJsonObject(had) && isJsonObject(body['client_credentials']);
}

function pathOf(id: string): string {
  return `/webhooks/${encodeURIComponent(id)}`;
}
