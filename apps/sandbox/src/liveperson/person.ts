import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { isObject, type JsonObject, parseJson } from '../json.js';
import { parseOrRefuse } from '../parsing.js';
import { ControlError } from '../vendor.js';
import { LivePersonFault } from './errors.js';
import type { Installations } from './installations.js';
import { PERSON_PAGE } from './person-page.js';
import type { AppRecord, LivePersonAccount } from './store.js';

const account = { accountId: z.string() };
const app = { ...account, clientId: z.string() };
const manifest = { manifest: z.string() };

/** What somebody at LivePerson does with the file of a hand-off; `install` when nothing is said. */
const personAction = z.preprocess(
  (body) => (isObject(body) ? { action: 'install', ...body } : body),
  z.discriminatedUnion('action', [
    z.strictObject({ action: z.literal('install'), ...account, ...manifest }),
    z.strictObject({ action: z.literal('update'), ...app, ...manifest }),
    z.strictObject({ action: z.literal('remove'), ...app }),
    /** Looks the secret up once more. */
    z.strictObject({ action: z.literal('secret'), ...app }),
    z.strictObject({ action: z.literal('disable'), ...app }),
    z.strictObject({ action: z.literal('enable'), ...app }),
  ]),
);

type PersonAction = z.output<typeof personAction>;

interface Desk {
  installations: Installations;
  /** The account, or undefined where there is none. */
  account: (id: string) => LivePersonAccount | undefined;
}

/**
 * The person of the hand-off (docs/vendors/liveperson.md §7): `POST /_sandbox/liveperson/person` does what a LivePerson employee would
 * do, without the API; `GET` shows a page for it. Not in the ledger: it is no call to the vendor.
 */
export function addPersonRoutes(server: FastifyInstance, desk: Desk): void {
  server.get('/_sandbox/liveperson/person', async (_request, reply) => {
    await reply.type('text/html; charset=utf-8').send(PERSON_PAGE);
  });
  server.post('/_sandbox/liveperson/person', (request) => act(desk, parseOrRefuse(personAction, request.body)));
}

function act(desk: Desk, action: PersonAction): JsonObject {
  try {
    const place = desk.account(action.accountId);
    if (!place) throw new ControlError(404, `accountId: there is no account ${action.accountId}`);
    if (action.action === 'install') return install(desk, place, action.manifest);
    return attend(desk, place, action);
  } catch (error) {
    if (error instanceof LivePersonFault) throw new ControlError(error.status, error.message);
    throw error;
  }
}

function install({ installations }: Desk, place: LivePersonAccount, text: string): JsonObject {
  const { clientId, clientSecret } = installations.install(place, manifestOf(text));
  return { clientId, clientSecret, manifestSha256: sha256(text) };
}

function attend(
  { installations }: Desk,
  place: LivePersonAccount,
  action: Exclude<PersonAction, { action: 'install' }>,
): JsonObject {
  const found = liveApp(place, action.clientId);
  const { clientId, clientSecret } = found;
  switch (action.action) {
    case 'update':
      installations.change(place, found, manifestOf(action.manifest));
      return { clientId, manifestSha256: sha256(action.manifest) };
    case 'secret':
      return { clientId, clientSecret };
    case 'remove':
      found.isDeleted = true;
      break;
    case 'disable':
    case 'enable':
      found.fields = { ...found.fields, enabled: action.action === 'enable' };
  }
  place.touch();
  return { clientId };
}

function liveApp(place: LivePersonAccount, clientId: string): AppRecord {
  const found = place.find(clientId);
  if (!found || found.isDeleted) throw new ControlError(404, `clientId: account ${place.id} has no app ${clientId}`);
  return found;
}

function manifestOf(text: string): JsonObject {
  const parsed = parseJson(text);
  if (!isObject(parsed)) throw new ControlError(400, 'manifest: must be the text of a JSON object');
  return parsed;
}

/** Of the very bytes, to compare with the hash that the hand-off shows. */
function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
