import type { Listing, Pages } from '#libs/readings/index.js';
import type { ScanPages, SeenObject } from '#libs/resources/contract.js';
import { isSuccess, saysGone } from '../common/index.js';
import type { SinchClient } from './client.js';
import { sinchFault } from './errors.js';
import { appListing } from './list.js';
import { parseList, parseWebhook, type RawObject } from './schema.js';

/**
 * All webhooks of an app; none when the app itself is gone. The list is nested under the app, all other calls are not
 * (`docs/vendors/sinch.md` §2).
 */
export function webhookListing(
  client: SinchClient,
  appId: string | undefined,
  toSeen: (raw: RawObject) => SeenObject,
): Listing<SeenObject> {
  return {
    kind: 'webhook',
    scope: appId,
    read: async (pages) => {
      if (appId === undefined) return [];
      pages.expect(1);
      const webhooks = await readWebhooks(client, appId, pages, toSeen);
      if (webhooks) return webhooks;
      // Gone, or the wrong region or project (`docs/vendors/sinch.md` §7.4): there even the list of apps is refused or not found.
      await client.lists.whole(appListing(client), { signal: pages.signal, begunAfter: 0 });
      return [];
    },
  };
}

/** The webhooks of the apps that somebody records, one call an app; an app that is gone meanwhile has none. */
export async function* webhookPages(
  client: SinchClient,
  pages: ScanPages,
  toSeen: (raw: RawObject) => SeenObject,
): AsyncGenerator<readonly SeenObject[], void, undefined> {
  for (const appId of pages.claimed('app')) yield (await readWebhooks(client, appId, pages, toSeen)) ?? [];
}

/** Undefined when Sinch says that the app is not there. */
async function readWebhooks(
  client: SinchClient,
  appId: string,
  pages: Pages,
  toSeen: (raw: RawObject) => SeenObject,
): Promise<SeenObject[] | undefined> {
  const purpose = { resource: 'webhook', operation: 'list' } as const;
  const path = `/apps/${encodeURIComponent(appId)}/webhooks`;
  return pages.page(async (options) => {
    const answer = await client.ask({ ...purpose, ...options, method: 'GET', path });
    if (saysGone(answer)) return undefined;
    if (!isSuccess(answer.status)) throw sinchFault(purpose, answer);
    const found = parseList('webhooks', answer.json)?.map(parseWebhook);
    if (!found?.every((webhook) => webhook !== undefined)) {
      throw client.unreadable(purpose, answer, 'its list cannot be read');
    }
    return found.map(toSeen);
  });
}

/** Deletes a webhook; one that is not there is done. */
export async function deleteWebhook(client: SinchClient, id: string): Promise<void> {
  await client.demandIfThere({
    resource: 'webhook',
    operation: 'delete',
    externalId: id,
    method: 'DELETE',
    path: `/webhooks/${encodeURIComponent(id)}`,
  });
}
