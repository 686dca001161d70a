import type { JsonObject } from '#libs/contracts/index.js';
import type { PersonAbility, PersonCheck, PersonTask, ReadOptions } from '#libs/resources/contract.js';
import { textOf } from '../common/index.js';
import { manifestOf, manifestText } from './app-fields.js';
import { authorizes } from './authorize.js';
import type { LivepersonClient } from './client.js';
import { checkCredentials, usesClientCredentials } from './sentinel.js';

/**
 * The hand-off of an app (`docs/vendors/liveperson.md` §7): a person takes the manifest, and returns id and secret. Nothing is
 * repeated on a refusal, as it is after a create of our own: the person may simply have mistyped (§8.1).
 */
export const personOfApp: PersonAbility<LivepersonClient> = {
  file: manifestText,
  returns: [
    { name: 'clientId', secret: false },
    { name: 'clientSecret', secret: true },
  ],
  check: (client, task, options) =>
    task.kind === 'remove' ? checkRemoved(client, task, options) : checkInstalled(client, task, options),
};

async function checkInstalled(
  client: LivepersonClient,
  { body, given, known }: PersonTask,
  options: ReadOptions,
): Promise<PersonCheck> {
  const manifest = manifestOf(body);
  const { clientId, clientSecret } = given ?? known?.issued ?? {};
  if (clientId === undefined || clientSecret === undefined) {
    return refused('clientId and clientSecret are not known yet: hand both of them back.');
  }
  const other = otherApp(clientId, known);
  if (other !== undefined) return refused(other);
  if (manifest['enabled'] === false) {
    return accepted(clientId, 'partial', 'it is switched off on purpose, so its credentials cannot be tried');
  }
  if (usesClientCredentials(manifest)) {
    const check = await checkCredentials(client, manifest, { clientId, clientSecret }, options);
    if (check.state === 'verified') return accepted(clientId, 'verified', 'LivePerson issues tokens to it');
    return refused(check.message);
  }
  return checkByLogin(client, manifest, clientId, options);
}

/** Apps of which only users get tokens: that the client id is known there is all that a machine can see (`docs/vendors/liveperson.md` §8.2). */
async function checkByLogin(
  client: LivepersonClient,
  manifest: JsonObject,
  clientId: string,
  options: ReadOptions,
): Promise<PersonCheck> {
  const { grant_types: grants, redirect_uris: redirects } = manifest;
  const redirect = Array.isArray(redirects) ? textOf(redirects[0]) : '';
  if (!Array.isArray(grants) || !grants.includes('authorization_code') || redirect === '') {
    return accepted(clientId, 'partial', 'no machine can try the credentials of an app of this kind');
  }
  const found = await authorizes(client, clientId, redirect, options);
  return found.known
    ? accepted(clientId, 'partial', 'LivePerson sends users of it to its login')
    : refused(found.message);
}

/** After a removal its credentials must be refused (`docs/vendors/liveperson.md` §7.2 step 7); where they are not known, the person's word is all there is. */
async function checkRemoved(
  client: LivepersonClient,
  { body, known }: PersonTask,
  options: ReadOptions,
): Promise<PersonCheck> {
  const manifest = manifestOf(body);
  const id = known?.id ?? '';
  const { clientId, clientSecret } = known?.issued ?? {};
  // One that is switched off is refused tokens while it stands.
  const tellsNothing = manifest['enabled'] === false || !usesClientCredentials(manifest);
  if (tellsNothing || clientId === undefined || clientSecret === undefined) {
    return accepted(id, 'partial', 'removed, as the person says');
  }
  const check = await checkCredentials(client, manifest, { clientId, clientSecret }, options);
  if (check.state === 'refused') return accepted(id, 'verified', 'removed: LivePerson refuses its credentials');
  return refused(`The app ${id} still gets tokens from LivePerson: it has not been removed.`);
}

/** What stands already is the app that is meant: another one beside it would be a second, and nobody would take the first away. */
function otherApp(clientId: string, known: PersonTask['known']): string | undefined {
  if (!known) return undefined;
  const expected = known.issued['clientId'] ?? known.id;
  return clientId === expected ? undefined : `The credentials are of another app than ${expected}.`;
}

function accepted(id: string, level: 'verified' | 'partial', message: string): PersonCheck {
  return { state: 'accepted', id, level, message };
}

function refused(message: string): PersonCheck {
  return { state: 'refused', message };
}
