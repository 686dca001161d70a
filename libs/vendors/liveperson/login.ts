import type { LivepersonConnection } from './connection.js';
import { sharedTokenCache, type Authorizer, type HttpConnection, type IssuedToken } from '#libs/http/index.js';
import { fault, isSuccess, unreadableFault, type CallPurpose } from '../common/index.js';
import { LIVEPERSON, loginFault } from './errors.js';
import { exchange } from './exchange.js';
import type { Hosts } from './hosts.js';
import { parseSession } from './schema.js';

/** The session's life is LivePerson's to decide (`docs/vendors/liveperson.md` §4): a 401 says that it is over. */
const NEVER = { share: 1, leadMs: 0 };

const PURPOSE: CallPurpose = { resource: 'token', operation: 'token' };

/** How calls to the install API are authorised: by the bearer of the connection, or by one that a login gives. */
export function createAuthorizer(settings: LivepersonConnection, connection: HttpConnection, hosts: Hosts): Authorizer {
  const { bearer, login } = settings;
  if (login) return session(settings, login, connection, hosts);
  if (bearer) return fixed(bearer);
  return {
    current: () =>
      Promise.reject(
        fault(LIVEPERSON, PURPOSE, {
          code: 'CREDENTIALS_REJECTED',
          message: `The connection ${settings.name} has no bearer and no login: it hands installs to a person.`,
        }),
      ),
    replace: () => Promise.resolve(undefined),
  };
}

/** There is no second bearer to try after a 401, unless the file or variable that holds it has been renewed meanwhile. */
function fixed(bearer: () => string): Authorizer {
  const current = (): string => `Bearer ${bearer()}`;
  return {
    current: () => Promise.resolve(current()),
    replace: (rejected) => Promise.resolve(current() === rejected ? undefined : current()),
  };
}

function session(
  settings: LivepersonConnection,
  login: NonNullable<LivepersonConnection['login']>,
  connection: HttpConnection,
  hosts: Hosts,
): Authorizer {
  const cache = (): ReturnType<typeof sharedTokenCache> =>
    sharedTokenCache(['liveperson', settings.domainApi, settings.accountId, login.username()].join('\n'), NEVER);
  const issue = (): Promise<IssuedToken> => logIn(settings, login, connection, hosts);
  return {
    current: async () => `Bearer ${await cache().get(issue)}`,
    replace: async (rejected) => `Bearer ${await cache().replace(rejected.slice('Bearer '.length), issue)}`,
  };
}

/** Logs in once. @throws VendorError also for a user who is neither administrator nor of LivePerson (`docs/vendors/liveperson.md` §4) */
async function logIn(
  { accountId }: LivepersonConnection,
  login: NonNullable<LivepersonConnection['login']>,
  connection: HttpConnection,
  hosts: Hosts,
): Promise<IssuedToken> {
  const body = { username: login.username(), password: login.password() };
  const purpose: CallPurpose = { ...PURPOSE, secrets: [body.password] };
  const url = `${await hosts.base('agentVep')}/api/account/${encodeURIComponent(accountId)}/login?v=1.3`;
  const answer = await hosts.watch(() =>
    exchange(connection, purpose, {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  if (!isSuccess(answer.status)) throw loginFault(purpose, answer);
  const opened = parseSession(answer.json);
  if (!opened) throw unreadableFault(LIVEPERSON, purpose, answer, 'sent no bearer');
  if (!opened.mayInstall) {
    throw fault(LIVEPERSON, purpose, {
      code: 'PERMISSION_DENIED',
      personCan: true,
      message: 'The user of the connection may not install apps at LivePerson: it takes an administrator.',
    });
  }
  return { token: opened.bearer, expiresInMs: Infinity };
}
