import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '#libs/contracts/index.js';
import { LIST_MAX_BYTES } from '#libs/http/index.js';
import type { ReadOptions, Resource, SeenObject, WriteMode } from '#libs/resources/contract.js';
import { fault, secretValues, textOf, type CallPurpose } from '../../common/index.js';
import { appDifferences, APP_SECRETS, holdsOnly, toSeenApp } from '../app-fields.js';
import { appChanges, channelsConflict } from '../app-patch.js';
import type { SinchClient } from '../client.js';
import { nameWithoutMarker } from '../display-name.js';
import { SINCH } from '../errors.js';
import { patchOf } from '../patch.js';
import { parseApp, parseCreatedId, parseList } from '../schema.js';
import { deleteWebhook, listWebhooks } from '../webhooks.js';

/** Apps taken in at a time: 10,000 come in one answer, and the process has heartbeats to send meanwhile. */
const SLICE = 250;

/**
 * A Conversation API app (`vendors/sinch.md` section 3). Its display name is not unique and is its only place for our marker, which
 * follows it in brackets.
 */
export const app: Resource<SinchClient> = {
  vendor: SINCH.vendor,
  name: 'app',
  uniqueKey: false,
  shared: false,
  marked: true,
  exists: true,
  secrets: APP_SECRETS,
  key: (body) => nameWithoutMarker(textOf(body['display_name'])),
  scope: () => undefined,
  list,
  get,
  create,
  update,
  remove,
  diff: appDifferences,
  former: (seen) => seen.body,
};

/** All apps of the region, in one answer. */
async function list(client: SinchClient, _scope: string | undefined, { signal }: ReadOptions): Promise<SeenObject[]> {
  const purpose: CallPurpose = { resource: 'app', operation: 'list' };
  const answer = await client.demand({ ...purpose, method: 'GET', path: '/apps', signal, maxBytes: LIST_MAX_BYTES });
  const items = parseList('apps', answer.json);
  if (!items) throw client.unreadable(purpose, answer, 'its list cannot be read');
  const seen: SeenObject[] = [];
  for (const [index, item] of items.entries()) {
    if (index % SLICE === SLICE - 1) await setImmediate();
    const raw = parseApp(item);
    if (!raw) throw client.unreadable(purpose, answer, 'its list holds an app that cannot be read');
    seen.push(toSeenApp(raw));
  }
  return seen;
}

async function get(client: SinchClient, id: string, { signal }: ReadOptions): Promise<SeenObject | null> {
  const purpose: CallPurpose = { resource: 'app', operation: 'get', externalId: id };
  const answer = await client.demandIfThere({ ...purpose, method: 'GET', path: pathOf(id), signal });
  if (!answer) return null;
  const raw = parseApp(answer.json);
  if (!raw) throw client.unreadable(purpose, answer);
  if (raw.id !== id) throw client.unreadable(purpose, answer, 'sent another app');
  return toSeenApp(raw);
}

async function create(client: SinchClient, body: JsonObject): Promise<{ id: string }> {
  const purpose: CallPurpose = { resource: 'app', operation: 'create', secrets: secretValues(body, APP_SECRETS) };
  // Required, though it may be empty; and the mode's default differs between Sinch's own documents (section 3.1).
  const whole = { channel_credentials: [], processing_mode: 'DISPATCH', ...body };
  const answer = await client.demand({ ...purpose, method: 'POST', path: '/apps', body: whole });
  const id = parseCreatedId(answer.json);
  if (id === undefined) throw client.unreadable(purpose, answer, 'named no id');
  return { id };
}

/**
 * Sends the changed fields alone. There is no lock: the app is read right before and, where its channels were written, right
 * after, since two who write the whole array would silently undo each other (`vendors/sinch.md` section 7.6).
 */
async function update(client: SinchClient, { id }: SeenObject, desired: JsonObject, mode: WriteMode): Promise<void> {
  const purpose: CallPurpose = {
    resource: 'app',
    operation: 'update',
    externalId: id,
    secrets: secretValues(desired, APP_SECRETS),
  };
  const seen = await get(client, id, {});
  if (!seen) {
    const message = `The app ${id} vanished at Sinch while it was to be changed; it is looked for again.`;
    throw fault(SINCH, purpose, { code: 'CONFLICT', message, retryable: true });
  }
  const changes = appChanges(desired, seen, mode);
  if (changes.size === 0) return;
  const writesChannels = changes.has('channel_credentials');
  const conflict = writesChannels ? channelsConflict(desired, seen, mode) : undefined;
  if (conflict !== undefined) {
    const message = `The channels of app ${id} at Sinch cannot be changed: ${conflict}.`;
    throw fault(SINCH, purpose, { code: 'CONFLICT', message });
  }
  const { query, body } = patchOf(changes);
  await client.demand({ ...purpose, method: 'PATCH', path: `${pathOf(id)}${query}`, body });
  if (!writesChannels) return;
  const after = await get(client, id, {});
  if (after && holdsOnly(desired, after)) return;
  const message = `Somebody else changed the channels of app ${id} at Sinch at the same time; they are compared again.`;
  throw fault(SINCH, purpose, { code: 'CONFLICT', message, retryable: true });
}

/** Its webhooks go first: that they go with the app is not documented (`vendors/sinch.md` section 2, DELETE semantics). */
async function remove(client: SinchClient, id: string): Promise<void> {
  for (const webhook of await listWebhooks(client, id, {})) await deleteWebhook(client, webhook.id);
  await client.demandIfThere({
    resource: 'app',
    operation: 'delete',
    externalId: id,
    method: 'DELETE',
    path: pathOf(id),
  });
}

function pathOf(id: string): string {
  return `/apps/${encodeURIComponent(id)}`;
}
