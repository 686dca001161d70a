import type { JsonObject } from '#libs/contracts/index.js';
import { listedResource } from '#libs/readings/index.js';
import type { IssuedValues, ReadOptions, Resource, SeenObject, Verification } from '#libs/resources/contract.js';
import { secretValues, textOf, type CallPurpose } from '../../common/index.js';
import {
  appDifferences,
  appProjection,
  APP_SECRETS,
  manifestOf,
  manifestPathKind,
  manifestText,
  toSeenApp,
} from '../app-fields.js';
import type { LivepersonClient } from '../client.js';
import { LIVEPERSON } from '../errors.js';
import { appListing, readApp } from '../installations.js';
import { personOfApp } from '../person.js';
import { parseCreated, type RawApp } from '../schema.js';
import { checkCredentials, usesClientCredentials } from '../sentinel.js';
import { deleteApp, replaceApp } from '../writes.js';

/**
 * An application manifest installed in an account (`docs/vendors/liveperson.md` §5 and §6). A node's body is `{ manifest, text? }`:
 * the manifest, and its exact text where it was given as one. There is no place for a marker, as the manifest is what a person has
 * approved: ours is what the account recorded, and after an unclear create the one new app whose values are the manifest's.
 */
const binding: Omit<Resource<LivepersonClient>, 'list'> = {
  vendor: LIVEPERSON.vendor,
  name: 'app',
  // That the server refuses a second app of a name is assumed only (`docs/vendors/liveperson.md` §13), so nothing rests on it.
  uniqueKey: false,
  shared: false,
  marked: false,
  exists: true,
  secrets: APP_SECRETS,
  key: keyOf,
  scope: () => undefined,
  get: async (client, id, options) => {
    const read = await readApp(client, id, options);
    return read ? toSeenApp(read) : null;
  },
  create,
  update: (client, seen, desired) => replaceApp(client, seen.id, desired),
  remove: deleteApp,
  diff: appDifferences,
  pathKind: manifestPathKind,
  former: (seen) => seen.body,
  projection: appProjection,
  pages: async function* (client, pages) {
    yield await appListing(client).read(pages);
  },
  alike: (body, seen) => appDifferences({ body, mode: 'own' }, seen).length === 0,
  clash: (body, seen) =>
    seen.key === keyOf(body)
      ? `an app of the same client_name stands already (id ${seen.id}), not installed by this account; use another name, or adopt it`
      : undefined,
  resembles: (body, seen) =>
    seen.key !== keyOf(body) && foldCase(seen.key) === foldCase(keyOf(body))
      ? `an app stands whose client_name ${seen.key} differs only in upper and lower case (id ${seen.id}); make sure that it is another one`
      : undefined,
  issues: ['clientId', 'clientSecret'],
  issued: async (client, id, options) => issuedBy(await readApp(client, id, options)),
  verify,
  revoked,
  person: personOfApp,
};

export const app = listedResource(binding, appListing);

function keyOf(body: JsonObject): string {
  return textOf(manifestOf(body)['client_name']);
}

async function create(client: LivepersonClient, body: JsonObject): Promise<{ id: string; issued: IssuedValues }> {
  const secrets = secretValues(body, APP_SECRETS);
  const purpose: CallPurpose = { resource: 'app', operation: 'create', secrets };
  const answer = await client.demand({ ...purpose, method: 'POST', path: '', text: manifestText(body) });
  const made = parseCreated(answer.json);
  if (!made) throw client.unreadable(purpose, answer, 'named no id');
  return { id: made.id, issued: issuedBy(made) };
}

/**
 * After the delete its credentials must be refused (`docs/vendors/liveperson.md` §6.5). An app whose secret nobody knows, or that never gets tokens by it, is
 * gone when it reads so.
 */
async function revoked(
  client: LivepersonClient,
  { body, issued: { clientId, clientSecret } }: { body: JsonObject; issued: IssuedValues },
  options: ReadOptions,
): Promise<boolean> {
  const manifest = manifestOf(body);
  if (clientId === undefined || clientSecret === undefined || !usesClientCredentials(manifest)) return true;
  const check = await checkCredentials(client, manifest, { clientId, clientSecret }, options);
  return check.state === 'refused';
}

/**
 * By a token where the app has credentials of its own (`docs/vendors/liveperson.md` §8.1); else what no machine can prove is read back, `partial`
 * (§8.2): for an app that only users log in to, for one that is switched off on purpose, and where the secret is not shown.
 */
async function verify(
  client: LivepersonClient,
  { id, body, issued }: { id: string; body: JsonObject; issued: IssuedValues },
  options: ReadOptions,
): Promise<Verification> {
  const manifest = manifestOf(body);
  const { clientId, clientSecret } = issued;
  const byToken = usesClientCredentials(manifest) && manifest['enabled'] !== false;
  if (!byToken || clientId === undefined || clientSecret === undefined) return readBack(client, id, body, options);
  const check = await checkCredentials(client, manifest, { clientId, clientSecret }, options);
  if (check.state === 'verified')
    return { state: 'ready', level: 'verified', message: 'LivePerson issues tokens to it' };
  if (check.state === 'mismatch') return { state: check.mayPass ? 'waiting' : 'failed', message: check.message };
  const seen = await readApp(client, id, options);
  if (seen?.fields['enabled'] !== false) return { state: 'waiting', message: check.message };
  const message = `The app ${id} is switched off at LivePerson; switch it on there, or give "enabled": true.`;
  return { state: 'failed', message };
}

async function readBack(
  client: LivepersonClient,
  id: string,
  body: JsonObject,
  options: ReadOptions,
): Promise<Verification> {
  const seen: SeenObject | null = await app.get(client, id, options);
  const differs = seen ? appDifferences({ body, mode: 'own' }, seen) : undefined;
  if (differs?.length === 0) return { state: 'ready', level: 'partial', message: 'it reads back as planned' };
  const what = differs ? `differs in ${differs.map(({ path }) => path).join(', ')}` : 'is not there';
  return { state: 'waiting', message: `The app ${id} does not read back as planned from LivePerson: it ${what}.` };
}

/** Upper case first, so that letters with several lower-case forms (ς and σ, ß and ss) are the same. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function issuedBy(app: Pick<RawApp, 'clientId' | 'clientSecret'> | undefined): IssuedValues {
  if (!app) return {};
  const { clientId, clientSecret } = app;
  return { clientId, ...(clientSecret === undefined ? {} : { clientSecret }) };
}
