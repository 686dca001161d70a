import type { JsonObject } from '#libs/contracts/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { isSuccess, textOf, type CallPurpose } from '../common/index.js';
import type { LivepersonClient } from './client.js';
import { sentinelFault } from './errors.js';
import { parseJwt, parseToken } from './schema.js';

/** The scope of apps that send messages; for their tokens version 1 comes first (`docs/vendors/liveperson.md` §8.1). */
const MESSAGING_SCOPE = 'msg.consumer';

const PURPOSE: CallPurpose = { resource: 'app', operation: 'ready' };

/** Id and secret of an app, in clear. */
export interface AppCredentials {
  clientId: string;
  clientSecret: string;
}

/**
 * What Sentinel says of an app's credentials. `refused`: by both versions; a new app may not be known yet. `mismatch`: a token came and
 * is not for this app, account or scope; `mayPass` when that can still change by itself.
 */
export type CredentialCheck =
  | { state: 'verified' }
  | { state: 'refused'; message: string }
  | { state: 'mismatch'; mayPass: boolean; message: string };

/** Whether an app of this manifest gets tokens by its credentials alone; others take a user (`docs/vendors/liveperson.md` §8.2). */
export function usesClientCredentials(manifest: JsonObject): boolean {
  const { grant_types: grants } = manifest;
  return Array.isArray(grants) && grants.includes('client_credentials');
}

/**
 * Asks Sentinel for a token and checks its claims, in both modes (`docs/vendors/liveperson.md` §8.1). Each version is asked at most once; either one that
 * issues a token decides. The token is thrown away.
 * @throws VendorError when Sentinel did not answer, or is overloaded
 */
export async function checkCredentials(
  client: LivepersonClient,
  manifest: JsonObject,
  credentials: AppCredentials,
  { signal }: ReadOptions,
): Promise<CredentialCheck> {
  const scopes = scopesOf(manifest);
  const order: Version[] = scopes.includes(MESSAGING_SCOPE) ? ['v1', 'v2'] : ['v2', 'v1'];
  let refusal = '';
  for (const version of order) {
    const answer = await requestToken(client, version, credentials, signal);
    if ('token' in answer) return checkClaims(answer.token, client.accountId, credentials.clientId, scopes);
    refusal ||= answer.refusal;
  }
  return { state: 'refused', message: refusal };
}

type Version = 'v1' | 'v2';

async function requestToken(
  client: LivepersonClient,
  version: Version,
  { clientId, clientSecret }: AppCredentials,
  signal: AbortSignal | undefined,
): Promise<{ token: string } | { refusal: string }> {
  const purpose: CallPurpose = { ...PURPOSE, externalId: clientId, secrets: [clientSecret] };
  const form = { client_id: clientId, client_secret: clientSecret, grant_type: 'client_credentials' };
  const path = (account: string): string =>
    version === 'v1'
      ? `/sentinel${account}/app/token?v=1.0`
      : `/sentinel${account.replace('/api/', '/api/v2/')}/app/token`;
  const answer = await client.askSentinel(purpose, path, form, signal);
  if (isSuccess(answer.status)) {
    const token = parseToken(answer.json);
    if (token === undefined) throw client.unreadable(purpose, answer, 'sent no access token');
    return { token };
  }
  const refused = sentinelFault(purpose, answer);
  if (refused.fault.code !== 'NOT_READY') throw refused; // only Sentinel's own refusal says something of the credentials
  return { refusal: refused.message };
}

/** The claims that `docs/vendors/liveperson.md` §8.1 names. A scope may follow an update late, and clocks differ; the rest is wrong for good. */
function checkClaims(token: string, accountId: string, clientId: string, scopes: readonly string[]): CredentialCheck {
  const claims = parseJwt(token);
  const wrong = (message: string, mayPass = false): CredentialCheck => ({ state: 'mismatch', mayPass, message });
  if (!claims) return wrong('LivePerson issued a token that is no JWT.');
  if (claims.algorithm !== 'RS256') return wrong('LivePerson issued a token that is not signed by RS256.');
  if (claims.issuer.toLowerCase() !== 'sentinel') return wrong('The token was not issued by Sentinel of LivePerson.');
  if (!claims.audiences.includes(accountId))
    return wrong('The credentials belong to an app of another LivePerson account.');
  if (claims.clientId !== clientId) return wrong('The token of LivePerson is for another app.');
  if (claims.expiresAt * 1_000 <= Date.now()) return wrong('LivePerson issued a token that has expired already.', true);
  const missing = scopes.filter((scope) => !claims.scopes.includes(scope));
  if (missing.length > 0) return wrong(`The token of LivePerson lacks the scope ${missing.join(', ')}.`, true);
  return { state: 'verified' };
}

function scopesOf(manifest: JsonObject): string[] {
  return textOf(manifest['scope'])
    .split(' ')
    .filter((scope) => scope !== '');
}
