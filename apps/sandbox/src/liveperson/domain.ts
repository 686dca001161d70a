import type { VendorCall, VendorReply } from '../vendor.js';
import { LivePersonFault } from './errors.js';
import type { LivePersonKnobs } from './knobs.js';

const SERVICES = [
  ...['accountConfigReadWrite', 'accountConfigReadOnly', 'sentinel', 'agentVep', 'idp', 'asyncMessagingEnt'],
] as const;

/** One service of an account, or all of them; every host is the sandbox's own (docs/vendors/liveperson.md §3). */
export function answerDomain(
  call: VendorCall,
  account: string,
  service: string | undefined,
  knobs: LivePersonKnobs,
): VendorReply {
  if (call.query.get('version') !== '1.0') throw new LivePersonFault(400, 'version must be 1.0');
  if (!knobs.accounts.includes(account)) throw new LivePersonFault(knobs.unknownAccount, 'the account is not known');
  const all = baseUris(call, account, knobs);
  if (service === undefined) return { status: 200, body: JSON.stringify({ baseURIs: all }) };
  const found = all.find((entry) => entry.service === service);
  if (!found) throw new LivePersonFault(404, 'the account has no such service');
  return { status: 200, body: JSON.stringify(found) };
}

/** Where the account's services are, as the Domain API and a login tell. */
export function baseUris(
  { headers }: VendorCall,
  account: string,
  { missingServices }: LivePersonKnobs,
): { service: string; account: string; baseURI: string }[] {
  return SERVICES.filter((service) => !missingServices.includes(service)).map((service) => ({
    service,
    account,
    baseURI: headers.host ?? 'localhost',
  }));
}
