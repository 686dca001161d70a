import { LIST_MAX_BYTES } from '#libs/http/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { isSuccess, saysGone } from '../common/index.js';
import type { SinchClient } from './client.js';
import { sinchFault } from './errors.js';
import { parseList, parseWebhook, type RawObject } from './schema.js';

/**
 * All webhooks of an app; none when the app itself is gone. The list is nested under the app, all other calls are not
 * (`vendors/sinch.md` section 2).
 */
export async function listWebhooks(client: SinchClient, appId: string, { signal }: ReadOptions): Promise<RawObject[]> {
  const purpose = { resource: 'webhook', operation: 'list' } as const;
  const answer = await client.ask({
    ...purpose,
    method: 'GET',
    path: `/apps/${encodeURIComponent(appId)}/webhooks`,
    signal,
  });
  if (saysGone(answer)) {
    // Gone, or the wrong region or project (section 7.4): there even the list of apps is refused or not found.
    await client.demand({
      resource: 'app',
      operation: 'list',
      method: 'GET',
      path: '/apps',
      signal,
      maxBytes: LIST_MAX_BYTES,
    });
    return [];
  }
  if (!isSuccess(answer.status)) throw sinchFault(purpose, answer);
  const webhooks = parseList('webhooks', answer.json)?.map(parseWebhook);
  if (!webhooks?.every((webhook) => webhook !== undefined)) {
    throw client.unreadable(purpose, answer, 'its list cannot be read');
  }
  return webhooks;
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
