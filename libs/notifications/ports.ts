import { isPrivateHost } from '#libs/net/urls.js';

/** Where web servers are. Any other port of a public host may be one that was never meant for strangers. */
const WEB_PORTS: readonly number[] = [443, 80];

export interface PortRules {
  /** Further ports, as an operator lists them under `notifications.ports` in the connections file. */
  ports: readonly number[];
  /** Whether loopback and private hosts are allowed: theirs may listen anywhere then. */
  allowPrivateUrls: boolean;
}

/** What is wrong with the port of an address that is called; undefined when nothing is, or when it is no address. */
export function portFault(address: string, { ports, allowPrivateUrls }: PortRules): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { port, hostname } = new URL(address);
  if (port === '' || [...WEB_PORTS, ...ports].includes(Number(port))) return undefined;
  if (allowPrivateUrls && isPrivateHost(hostname)) return undefined;
  return (
    `names the port ${port}: notifications go to 443 and 80, and to what an operator lists under notifications.ports in the ` +
    'connections file'
  );
}
