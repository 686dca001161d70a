import { LIST_MAX_BYTES } from '#libs/http/index.js';
import type { Listing } from '#libs/readings/index.js';
import type { ReadOptions, SeenObject } from '#libs/resources/contract.js';
import { isSuccess, readCall, saysGone, type ApiAnswer, type CallPurpose } from '../common/index.js';
import { toSeenApp } from './app-fields.js';
import type { LivepersonClient } from './client.js';
import { configFault } from './errors.js';
import { parseApp, parseList, type RawApp } from './schema.js';

/** An installation and the revision of the account's apps with which it was read. */
export interface Installation extends RawApp {
  /** To be sent back word for word in `If-Match` (`docs/vendors/liveperson.md` §6.2). */
  revision: string;
}

/** All live apps of the account, LivePerson's own among them, in one answer. */
export function appListing(client: LivepersonClient): Listing<SeenObject> {
  const purpose: CallPurpose = { resource: 'app', operation: 'list' };
  return {
    kind: 'app',
    scope: undefined,
    read: (pages) => {
      pages.expect(1);
      return pages.page(async (options) => {
        const answer = await client.demand({
          ...purpose,
          ...options,
          method: 'GET',
          path: '',
          maxBytes: LIST_MAX_BYTES,
        });
        const apps = parseList(answer.json)?.map(parseApp);
        if (!apps?.every((app) => app !== undefined)) {
          throw client.unreadable(purpose, answer, 'its list cannot be read');
        }
        return apps.filter((app) => !app.isDeleted).map(toSeenApp);
      });
    },
  };
}

/** One app; undefined when it is gone, of which LivePerson has three faces: 404, 410, and 200 with `deleted: true` (`docs/vendors/liveperson.md` §6.5). */
export async function readApp(
  client: LivepersonClient,
  id: string,
  options: ReadOptions,
): Promise<Installation | undefined> {
  const purpose: CallPurpose = { resource: 'app', operation: 'get', externalId: id };
  const answer = await client.ask({ ...purpose, method: 'GET', path: pathOf(id), ...readCall(options) });
  if (isGone(answer)) return undefined;
  if (!isSuccess(answer.status)) throw configFault(purpose, answer);
  const app = parseApp(answer.json);
  if (!app) throw client.unreadable(purpose, answer);
  if (app.id !== id && app.clientId !== id) throw client.unreadable(purpose, answer, 'sent another app');
  if (app.isDeleted) return undefined;
  const revision = answer.headers['ac-revision'] ?? answer.headers['etag'];
  if (revision === undefined) throw client.unreadable(purpose, answer, 'named no revision');
  return { ...app, revision };
}

/** Whether an answer says that an app is not there. */
export function isGone(answer: ApiAnswer): boolean {
  return saysGone(answer, [404, 410]);
}

/** Path of an app, from the list of installations. */
export function pathOf(id: string): string {
  return `/${encodeURIComponent(id)}`;
}
