import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { resourceSecrets } from '#libs/planning/index.js';
import { writesOwn, writesWhole, type Resource, type SeenObject, type WriteMode } from '#libs/resources/contract.js';
import {
  differences,
  fault,
  secretValues,
  textOf,
  withoutFields,
  type CallPurpose,
  type FieldRules,
} from '../../common/index.js';
import type { SinchClient } from '../client.js';
import { SINCH } from '../errors.js';
import { patchOf, topFields } from '../patch.js';
import { parseCreatedId, parseWebhook, type RawObject } from '../schema.js';
import { deleteWebhook, listWebhooks } from '../webhooks.js';

const SECRETS = resourceSecrets('sinch', 'webhook');

/** Fields that a PATCH may change (`vendors/sinch.md` section 4). The target is the key, the app the place. */
const REQUEST_FIELDS = ['app_id', 'target', 'target_type', 'triggers', 'secret', 'client_credentials'];

const RULES: FieldRules = {
  ignored: [...SECRETS, 'app_id', 'target'],
  defaults: { target_type: 'HTTP', 'client_credentials.token_request_type': 'BASIC' },
  sets: { triggers: null },
};

/** A webhook of an app (`vendors/sinch.md` section 4). Its target is unique per app, which takes five; it has no place for a marker. */
export const webhook: Resource<SinchClient> = {
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
  list: async (client, scope, options) =>
    scope === undefined ? [] : (await listWebhooks(client, scope, options)).map(toSeen),
  get: async (client, id, { signal }) => {
    const purpose: CallPurpose = { resource: 'webhook', operation: 'get', externalId: id };
    const answer = await client.demandIfThere({ ...purpose, method: 'GET', path: pathOf(id), signal });
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
  former: (seen) => seen.body,
};

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

function diff(desired: JsonObject, seen: SeenObject, mode: WriteMode): string[] {
  const forth = differences(desired, seen.body, RULES);
  const back = writesWhole(mode) ? differences(seen.body, desired, RULES) : [];
  return [...new Set([...forth, ...back])];
}

/** Sends the changed fields; the body carries the unchanged target besides, which the mask does not name (section 2). */
async function update(client: SinchClient, seen: SeenObject, desired: JsonObject, mode: WriteMode): Promise<void> {
  const purpose: CallPurpose = {
    resource: 'webhook',
    operation: 'update',
    externalId: seen.id,
    secrets: secretValues(desired, SECRETS),
  };
  const changes = changesOf(desired, seen, mode);
  if (changes.size === 0) return;
  if (!writesOwn(mode) && isJsonObject(changes.get('client_credentials') ?? null)) {
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

/** When nothing differs, the fields that hold secrets: those cannot be compared, so the caller knows of another reason to write. */
function changesOf(desired: JsonObject, seen: SeenObject, mode: WriteMode): Map<string, JsonValue | undefined> {
  const differing = topFields(diff(desired, seen, mode));
  const names =
    differing.length > 0 || !writesOwn(mode) ? differing : topFields(SECRETS).filter((name) => name in desired);
  // null clears credentials (section 4); any other field is cleared by leaving it out.
  return new Map(names.map((name) => [name, desired[name] ?? (name === 'client_credentials' ? null : undefined)]));
}

function pathOf(id: string): string {
  return `/webhooks/${encodeURIComponent(id)}`;
}
