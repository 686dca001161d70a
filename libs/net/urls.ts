import { BlockList, isIP } from 'node:net';
import { urlRewriteFault, urlTextFault } from '#libs/text/url-faults.js';

/**
 * Addresses that no public service has: loopback, private, link-local, shared, unspecified, multicast and reserved ones, those of
 * documentation and benchmarks, and those that carry another address for a translator or a tunnel.
 */
const NOT_PUBLIC = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24], // documentation (RFC 5737)
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [
  ['::', 127],
  ['::ffff:0:0:0', 96], // translated from IPv4 (RFC 6145)
  ['64:ff9b:1::', 48],
  ['100::', 64], // discarded (RFC 6666)
  ['2001::', 23], // Teredo (2001::/32), benchmarks and other assignments to protocols
  ['2001:db8::', 32], // documentation (RFC 3849)
  ['3fff::', 20], // documentation (RFC 9637)
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  NOT_PUBLIC.addSubnet(net, bits, 'ipv6');
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Names that no public DNS answers for. A name without a dot is one of the local network. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa|test)$|^[^.]+$/;

/**
 * True for an address or name that is loopback or private, with or without the brackets of an IPv6 literal. A public name that
 * resolves to a private address is not noticed here: nothing is looked up.
 */
export function isPrivateHost(host: string): boolean {
  const name = bare(host);
  const family = isIP(name);
  return family === 0 ? PRIVATE_NAME.test(name) : contains(NOT_PUBLIC, name, family);
}

/** True for the addresses that stand for all of a machine's. */
export function isUnspecified(host: string): boolean {
  const name = bare(host);
  return name === '0.0.0.0' || (isIP(name) === 6 && /^[0:]+$/.test(name));
}

/** True for `localhost` and the loopback addresses. */
export function isLoopbackHost(host: string): boolean {
  const name = bare(host);
  const family = isIP(name);
  return family === 0 ? /(?:^|\.)localhost$/.test(name) : contains(LOOPBACK, name, family);
}

/**
 * What is wrong with the address of a service that we or a vendor call; undefined when nothing is, and then every program reads it
 * alike. Messages never hold the address.
 */
export function serviceUrlFault(text: string, allowPrivateUrls: boolean): string | undefined {
  const unreadable = urlTextFault(text);
  if (unreadable !== undefined) return unreadable;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (url.hash !== '') return 'must not hold a fragment (#...)';
  const isPrivate = isPrivateHost(url.hostname);
  if (isPrivate && !allowPrivateUrls) {
    return 'names a loopback or private host; set GANGWAY_ALLOW_PRIVATE_URLS=true to allow that (for the sandbox and tests)';
  }
  if (url.protocol === 'http:' && !isPrivate) return 'must begin with https://';
  return urlRewriteFault(text);
}

function bare(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

/** An IPv6 address that maps an IPv4 one is matched by the IPv4 rules: `BlockList` does so itself. */
function contains(list: BlockList, address: string, family: number): boolean {
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
