import type { ReadOptions } from '#libs/resources/contract.js';
import type { CallPurpose } from '../common/index.js';
import type { LivepersonClient } from './client.js';
import { sentinelFault } from './errors.js';

const PURPOSE: CallPurpose = { resource: 'app', operation: 'ready' };

/**
 * Asks Sentinel to send a user of an app to the login, and goes nowhere (`docs/vendors/liveperson.md` §8.2): a redirect is the
 * documented good case. Any other answer that is no refusal is taken for good too, since nothing is said of it.
 * @throws VendorError when Sentinel did not answer, or is overloaded
 */
export async function authorizes(
  client: LivepersonClient,
  clientId: string,
  redirectUri: string,
  { signal }: ReadOptions,
): Promise<{ known: true } | { known: false; message: string }> {
  const purpose: CallPurpose = { ...PURPOSE, externalId: clientId };
  const query = new URLSearchParams({
    v: '1.0',
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
  });
  const answer = await client.readSentinel(
    purpose,
    (account) => `/sentinel${account}/authorize?${query.toString()}`,
    signal,
  );
  if (answer.status < 400) return { known: true };
  const refusal = sentinelFault(purpose, answer);
  if (refusal.fault.code !== 'NOT_READY') throw refusal; // only Sentinel's own refusal says something of the app
  return { known: false, message: refusal.message };
}
