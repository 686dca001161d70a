import { performance } from 'node:perf_hooks';
import type { LivepersonConnection } from './connection.js';
import { isLoopbackHost, isPrivateHost, serviceUrlFault } from '#libs/net/urls.js';
import { VendorError } from '#libs/contracts/index.js';
import { HttpFault, type HttpConnection, type HttpFaultKind } from '#libs/http/index.js';
import { parseUrl } from '#libs/text/url-faults.js';
import { fault, isSuccess, unreadableFault, type CallPurpose } from '../common/index.js';
import { domainFault, LIVEPERSON } from './errors.js';
import { exchange } from './exchange.js';
import { parseBaseUris } from './schema.js';

/** Where all of LivePerson's services are (`docs/vendors/liveperson.md` §3). */
const LIVEPERSON_SITE = 'liveperson.net';

/** How long a look-up holds (`docs/vendors/liveperson.md` §3): accounts do move between hosts. */
const CACHE_MS = 60 * 60_000;

/** A call that ended so may have gone to a host that no longer serves the account. */
const CONNECTION_FAILURES: readonly HttpFaultKind[] = ['connect', 'timeout', 'reset'];

/** The services that the engine calls; names are case sensitive (`docs/vendors/liveperson.md` §3). */
export type Service = 'accountConfigReadWrite' | 'sentinel' | 'agentVep';

/** Where an account's services are, by the Domain API. Looked up once an hour, and anew after a connection to one of them failed. */
export class Hosts {
  private held: { until: number; hosts: ReadonlyMap<string, string> } | undefined;
  private pending: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(
    private readonly settings: LivepersonConnection,
    private readonly connection: Pick<HttpConnection, 'call'>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Base address of a service, without a slash at its end.
   * @throws VendorError when the Domain API did not answer, or knows no such account or service
   */
  async base(service: Service): Promise<string> {
    const host = (await this.hosts()).get(service);
    if (host === undefined) {
      this.held = undefined; // once LivePerson has switched it on, the next call shall see it
      throw this.wrong(
        `The Domain API of LivePerson names no service ${service} for account ${this.settings.accountId}.`,
      );
    }
    const base = `${this.scheme(host)}//${host}`;
    const problem = serviceUrlFault(base, this.settings.allowPrivateUrls) ?? pathFault(base) ?? this.siteFault(base);
    if (problem !== undefined) throw this.wrong(`The address that LivePerson names for ${service} ${problem}.`);
    return base;
  }

  /** Makes a call to one of the services. After a connection failure the next call looks the hosts up again. */
  async watch<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (isConnectionFailure(error)) this.held = undefined;
      throw error;
    }
  }

  private async hosts(): Promise<ReadonlyMap<string, string>> {
    if (this.held && this.now() < this.held.until) return this.held.hosts;
    this.pending ??= this.lookUp().finally(() => {
      this.pending = undefined;
    });
    return this.pending;
  }

  private async lookUp(): Promise<ReadonlyMap<string, string>> {
    const { domainApi, accountId } = this.settings;
    const purpose = PURPOSE;
    const url = `${domainApi}/api/account/${encodeURIComponent(accountId)}/service/baseURI.json?version=1.0`;
    const answer = await exchange(this.connection, purpose, { method: 'GET', url });
    if (!isSuccess(answer.status)) throw domainFault(purpose, answer);
    const hosts = parseBaseUris(answer.json);
    if (!hosts) throw unreadableFault(LIVEPERSON, purpose, answer, 'its list of hosts cannot be read');
    this.held = { until: this.now() + CACHE_MS, hosts };
    return hosts;
  }

  /** `baseURI` is a bare host (`docs/vendors/liveperson.md` §3). Plain http is for a simulator on this machine, and only where private hosts are allowed. */
  private scheme(host: string): 'http:' | 'https:' {
    const isLoopback = isLoopbackHost(parseUrl(`http://${host}`)?.hostname ?? '');
    return isLoopback && this.settings.allowPrivateUrls ? 'http:' : 'https:';
  }

  /** Credentials go there: a host must be LivePerson's, or of the site of a Domain API that is set up otherwise. */
  private siteFault(base: string): string | undefined {
    const [{ hostname: host }, { hostname: domainApi }] = [new URL(base), new URL(this.settings.domainApi)];
    if (isPrivateHost(domainApi)) return undefined; // a simulator, wherever it lives
    return [LIVEPERSON_SITE, siteOf(domainApi)].includes(siteOf(host)) ? undefined : "is none of LivePerson's";
  }

  private wrong(message: string): VendorError {
    return fault(LIVEPERSON, PURPOSE, {
      code: 'INVALID_REQUEST',
      message: `${message} Check accountId and domainApi of the connection.`,
    });
  }
}

const PURPOSE: CallPurpose = { resource: 'domain', operation: 'get' };

/** The last two labels of a host name. */
function siteOf(host: string): string {
  return host.toLowerCase().split('.').slice(-2).join('.');
}

function pathFault(base: string): string | undefined {
  const { pathname, search } = new URL(base);
  return pathname === '/' && search === '' ? undefined : 'is more than a host';
}

function isConnectionFailure(error: unknown): boolean {
  return (
    error instanceof VendorError && error.cause instanceof HttpFault && CONNECTION_FAILURES.includes(error.cause.kind)
  );
}
