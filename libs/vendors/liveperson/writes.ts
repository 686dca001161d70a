import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, VendorError } from '#libs/contracts/index.js';
import { canonicalJson } from '#libs/planning/index.js';
import type { Desired } from '#libs/resources/contract.js';
import { fault, isSuccess, secretValues, type ApiAnswer, type CallPurpose } from '../common/index.js';
import { bodyToPut, manifestOf } from './app-fields.js';
import { APP_SECRETS } from './secret-paths.js';
import type { LivepersonClient } from './client.js';
import { configFault, isStale, LIVEPERSON } from './errors.js';
import { appListing, isGone, pathOf, readApp, type Installation } from './installations.js';

/** Tries of a write when others change apps of the account at the same time (`docs/vendors/liveperson.md` §6.2). */
const TRIES = 5;
/** Longest pause before the second try, in milliseconds; it grows with each. */
const JITTER_MS = 100;

/** A write to one app, made from what was just read: undefined when nothing is left to do. */
type Write = (read: Installation) => Promise<ApiAnswer | undefined>;

/**
 * Replaces an app by what was read with the desired fields laid over it. Nothing is sent when that changes nothing.
 * @throws VendorError `CONFLICT` when the app vanished, is LivePerson's own, its new name is taken, or others never stopped changing apps
 */
export async function replaceApp(client: LivepersonClient, id: string, desired: Desired): Promise<void> {
  const secrets = secretValues(desired.body, APP_SECRETS);
  const purpose: CallPurpose = { resource: 'app', operation: 'update', externalId: id, secrets };
  await withRevision(client, purpose, async (read) => {
    await refuseTakenName(client, purpose, desired.body, read);
    const next = bodyToPut(desired, read.fields);
    if ('conflict' in next) throw conflict(purpose, `The app ${id} at LivePerson cannot be changed: ${next.conflict}.`);
    if (canonicalJson(next.body) === canonicalJson(read.fields)) return undefined;
    return client.ask({
      ...purpose,
      secrets: [...secrets, ...(read.clientSecret === undefined ? [] : [read.clientSecret])],
      method: 'PUT',
      path: pathOf(id),
      body: next.body,
      headers: { 'if-match': read.revision, 'x-http-method-override': 'PUT' },
    });
  });
}

/** Deletes an app, with the revision of the moment; one that is gone, by its read and by the list, is done. */
export async function deleteApp(client: LivepersonClient, id: string): Promise<void> {
  const purpose: CallPurpose = { resource: 'app', operation: 'delete', externalId: id };
  await withRevision(client, purpose, (read) =>
    client.ask({ ...purpose, method: 'DELETE', path: pathOf(id), headers: { 'if-match': read.revision } }),
  );
}

/** Reads, writes, and starts over while somebody else's write came in between; each time all is judged anew. */
async function withRevision(client: LivepersonClient, purpose: CallPurpose, write: Write): Promise<void> {
  const id = purpose.externalId ?? '';
  let doubted = false;
  for (let tries = 1; ; tries++) {
    const read = await readApp(client, id, {});
    if (!read) {
      if (purpose.operation === 'delete') return proveGone(client, purpose, id);
      const message = `The app ${id} vanished at LivePerson while it was to be changed; it is looked for again.`;
      throw conflict(purpose, message, true);
    }
    if (read.isInternal) throw conflict(purpose, `The app ${id} is LivePerson's own and must not be touched.`);
    const answer = await write(read);
    if (answer === undefined || isSuccess(answer.status)) return;
    if (purpose.operation === 'delete' && isGone(answer)) return;
    if (tries === TRIES) throw configFault(purpose, answer);
    if (!isStale(answer)) {
      // That a stale revision gives 412 is assumed: another refusal counts as one, once, when the revision has moved on (`docs/vendors/liveperson.md` §13).
      if (doubted || !mayBeStale(answer) || (await readApp(client, id, {}))?.revision === read.revision) {
        throw configFault(purpose, answer);
      }
      doubted = true;
    }
    await sleep(Math.random() * JITTER_MS * tries);
  }
}

/** Before anything was deleted: a gateway may say of anything that it is not there, so the list has to agree. */
async function proveGone(client: LivepersonClient, purpose: CallPurpose, id: string): Promise<void> {
  const list = await client.lists.whole(appListing(client));
  if (!list.some((app) => app.id === id)) return;
  const message = `The app ${id} reads as if it were not there, and LivePerson still lists it; it is looked at again.`;
  throw fault(LIVEPERSON, purpose, { code: 'VENDOR_UNAVAILABLE', message, retryable: true });
}

function mayBeStale({ status }: ApiAnswer): boolean {
  return status >= 400 && status < 500 && ![401, 403, 404, 408, 410, 429].includes(status);
}

/** A name may change, and must stay unique in the account (`docs/vendors/liveperson.md` §6.5). */
async function refuseTakenName(
  client: LivepersonClient,
  purpose: CallPurpose,
  desired: JsonObject,
  read: Installation,
): Promise<void> {
  const name = manifestOf(desired)['client_name'];
  if (name === undefined || name === read.fields['client_name']) return;
  const list = await client.lists.whole(appListing(client));
  const holder = list.find((app) => app.id !== read.id && app.key === name);
  if (!holder) return;
  throw conflict(purpose, `The app ${holder.id} at LivePerson has the new client_name already; use another name.`);
}

function conflict(purpose: CallPurpose, message: string, retryable = false): VendorError {
  return fault(LIVEPERSON, purpose, { code: 'CONFLICT', message, retryable });
}
