import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIPv6 } from 'node:net';
import { isPrivateHost } from '#libs/net/urls.js';

/** A name that leads to an address that no public service has. The message holds neither. */
export class AddressNotAllowed extends Error {
  readonly code = 'ERR_ADDRESS_NOT_ALLOWED';

  constructor() {
    super('the name leads to a loopback or private address');
    this.name = 'AddressNotAllowed';
  }
}

type Answered = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** Name resolution, as `node:net` asks for it. */
export type Lookup = (host: string, options: LookupOptions, answered: Answered) => void;

/**
 * A `lookup` for sockets that refuses a name of which any address is not public. The socket connects to the very addresses that were
 * judged, so a name that answers otherwise the next time (DNS rebinding) gains nothing. Literal addresses are never looked up:
 * `isPrivateAddress` judges them.
 */
export function publicOnly(lookup: Lookup = resolve): Lookup {
  return (host, options, answered) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const [first] = addresses;
      if (error) answered(error, []);
      else if (!first) answered(noAddress(host), []);
      else if (addresses.some(({ address }) => isPrivateAddress(address))) answered(new AddressNotAllowed(), []);
      else if (options.all === true) answered(null, addresses);
      else answered(null, first.address, first.family);
    });
  };
}

/** True for an address that no public service has, also where an IPv6 address carries it for a gateway (NAT64, 6to4). */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (isPrivateHost(bare)) return true;
  const carried = isIPv6(bare) ? carriedIPv4(bare) : undefined;
  return carried !== undefined && isPrivateHost(carried);
}

/** The IPv4 address in an IPv6 one of `64:ff9b::/96` (RFC 6052), `2002::/16` (RFC 3056) or `::/96` (RFC 4291 section 2.5.5.1). */
function carriedIPv4(address: string): string | undefined {
  const groups = groupsOf(address);
  const head = groups.slice(0, 6).join(':');
  if (head === '64:ff9b:0:0:0:0' || head === '0:0:0:0:0:0') return dotted(groups[6], groups[7]);
  return groups[0] === '2002' ? dotted(groups[1], groups[2]) : undefined;
}

/** The eight groups of an IPv6 address, in hex without leading zeros. */
function groupsOf(address: string): string[] {
  // The parser of URLs writes every form of an address, with dotted parts too, in one.
  const [left = '', right] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
}

function dotted(high = '0', low = '0'): string {
  const [a, b] = [parseInt(high, 16), parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

function noAddress(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`no address of ${host}`), { code: 'ENOTFOUND' });
}
