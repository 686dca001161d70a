import type { JsonObject } from '#libs/contracts/index.js';
import { listedResource } from '#libs/readings/index.js';
import type { Desired, ReadOptions, Resource, SeenObject } from '#libs/resources/contract.js';
import { fault, pathKind, readCall, secretValues, textOf, type CallPurpose } from '../../common/index.js';
import { appDifferences, APP_FIELDS, appProjection, APP_SECRETS, holdsOnly, toSeenApp } from '../app-fields.js';
import { appChanges, channelsConflict } from '../app-patch.js';
import type { SinchClient } from '../client.js';
import { nameWithoutMarker } from '../display-name.js';
import { SINCH } from '../errors.js';
import { appListing, appPages } from '../list.js';
import { patchOf } from '../patch.js';
import { parseApp, parseCreatedId } from '../schema.js';
import { deleteWebhook } from '../webhooks.js';
import { webhook } from './webhook.js';

/**
 * A Conversation API app (`docs/vendors/sinch.md` §3). Its display name is not unique and is its only place for our marker, which
 * follows it in brackets.
 */
const binding: Omit<Resource<SinchClient>, 'list'> = {
  vendor: SINCH.vendor,
  name: 'app',
  uniqueKey: false,
  shared: false,
  marked: true,
  exists: true,
  secrets: APP_SECRETS,
  key: (body) => nameWithoutMarker(textOf(body['display_name'])),
  scope: () => undefined,
  get,
  create,
  update,
  remove,
  diff: appDifferences,
  pathKind: (path) => pathKind(path, APP_FIELDS),
  former: (seen) => seen.body,
  projection: appProjection,
  pages: appPages,
};

export const app = listedResource(binding, appListing);

async function get(client: SinchClient, id: string, options: ReadOptions): Promise<SeenObject | null> {
  const purpose: CallPurpose = { resource: 'app', operation: 'get', externalId: id };
  const answer = await client.demandIfThere({ ...purpose, method: 'GET', path: pathOf(id), ...readCall(options) });
  if (!answer) return null;
  const raw = parseApp(answer.json);
  if (!raw) throw client.unreadable(purpose, answer);
  if (raw.id !== id) throw client.unreadable(purpose, answer, 'sent another app');
  return toSeenApp(raw);
}

async function create(client: SinchClient, body: JsonObject): Promise<{ id: string }> {
  const purpose: CallPurpose = { resource: 'app', operation: 'create', secrets: secretValues(body, APP_SECRETS) };
  // Required, though it may be empty; and the mode's default differs between Sinch's own documents (`docs/vendors/sinch.md` §3.1).
  const whole = { channel_credentials: [], processing_mode: 'DISPATCH', ...body };
  const answer = await client.demand({ ...purpose, method: 'POST', path: '/apps', body: whole });
  const id = parseCreatedId(answer.json);
  if (id === undefined) throw client.unreadable(purpose, answer, 'named no id');
  return { id };
}

/**
 * Sends the changed fields alone. There is no lock: the app is read right before and, where its channels were written, right
 * after, since two who write the whole array would silently undo each other (`docs/vendors/sinch.md` §7.6).
 */
async function update(client: SinchClient, { id }: SeenObject, desired: Desired): Promise<void> {
  const purpose: CallPurpose = {
    resource: 'app',
    operation: 'update',
    externalId: id,
    secrets: secretValues(desired.body, APP_SECRETS),
  };
  const seen = await get(client, id, {});
  if (!seen) {
    const message = `The app ${id} vanished at Sinch while it was to be changed; it is looked for again.`;
    throw fault(SINCH, purpose, { code: 'CONFLICT', message, retryable: true });
  }
  const changes = appChanges(desired, seen);
  if (changes.size === 0) return;
  const writesChannels = changes.has('channel_credentials');
  const conflict = writesChannels ? channelsConflict(desired, seen) : undefined;
  if (conflict !== undefined) {
    const message = `The channels of app ${id} at Sinch cannot be changed: ${conflict}.`;
    throw fault(SINCH, purpose, { code: 'CONFLICT', message });
  }
  const { query, body } = patchOf(changes);
  await client.demand({ ...purpose, method: 'PATCH', path: `${pathOf(id)}${query}`, body });
  if (!writesChannels) return;
  const after = await get(client, id, {});
  if (after && holdsOnly(desired.body, after)) return;
  const message = `Somebody else changed the channels of app ${id} at Sinch at the same time; they are compared again.`;
  throw fault(SINCH, purpose, { code: 'CONFLICT', message, retryable: true });
}

/** Its webhooks go first: that they go with the app is not documented (`docs/vendors/sinch.md` §2, DELETE semantics). */
async function remove(client: SinchClient, id: string): Promise<void> {
  for (const held of await webhook.list(client, id, {})) await deleteWebhook(client, held.id);
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
