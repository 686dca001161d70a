import { setImmediate } from 'node:timers/promises';
import { LIST_MAX_BYTES } from '#libs/http/index.js';
import type { Listing, Pages } from '#libs/readings/index.js';
import type { SeenObject } from '#libs/resources/contract.js';
import type { CallPurpose } from '../common/index.js';
import { toSeenApp } from './app-fields.js';
import type { SinchClient } from './client.js';
import { parseApp, parseList } from './schema.js';

/** Apps taken in at a time: 10,000 come in one answer, and the process has heartbeats to send meanwhile. */
const SLICE = 250;

/** The same answer, some apps at a time. */
export async function* appPages(
  client: SinchClient,
  pages: Pages,
): AsyncGenerator<readonly SeenObject[], void, undefined> {
  const apps = await appListing(client).read(pages);
  for (let at = 0; at < apps.length; at += SLICE) {
    await setImmediate();
    yield apps.slice(at, at + SLICE);
  }
}

/** All apps of the region, in one answer (`docs/vendors/sinch.md` §2). */
export function appListing(client: SinchClient): Listing<SeenObject> {
  const purpose: CallPurpose = { resource: 'app', operation: 'list' };
  return {
    kind: 'app',
    scope: undefined,
    read: (pages) => {
      pages.expect(1);
      return pages.page(async (options) => {
        const path = '/apps';
        const answer = await client.demand({ ...purpose, ...options, method: 'GET', path, maxBytes: LIST_MAX_BYTES });
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
      });
    },
  };
}
