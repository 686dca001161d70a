import { performance } from 'node:perf_hooks';
import type { LivepersonConnection } from './connection.js';
import type { VendorError } from '#libs/contracts/index.js';
import type { Authorizer, HttpConnection } from '#libs/http/index.js';
import { Readings, type ReadingMeter } from '#libs/readings/index.js';
import {
  isSuccess,
  unreadableFault,
  VendorApi,
  type ApiAnswer,
  type ApiCall,
  type CallPurpose,
} from '../common/index.js';
import { configFault, LIVEPERSON } from './errors.js';
import { exchange } from './exchange.js';
import { Hosts } from './hosts.js';
import { createAuthorizer } from './login.js';

/** The only version that is proven to show the secret (`docs/vendors/liveperson.md` §6.1). */
const API_VERSION = '1.0';

/** A call to the install API. Its path counts from the list of installations. */
export interface InstallCall extends ApiCall {
  /** Further headers: `If-Match` and the like. */
  headers?: Record<string, string>;
}

/** Calls to one LivePerson account: its install API and its tokens. One per connection and process. */
export class LivepersonClient {
  readonly accountId: string;
  /** Whether installs go by the API or are handed to a person. */
  readonly mode: LivepersonConnection['mode'];
  readonly lists: Readings;
  private readonly hosts: Hosts;
  private readonly authorizer: Authorizer;
  private readonly query: string;

  constructor(
    settings: LivepersonConnection,
    private readonly connection: HttpConnection,
    meter?: ReadingMeter,
  ) {
    this.accountId = settings.accountId;
    this.mode = settings.mode;
    this.lists = new Readings({ times: settings.timing, meter });
    this.hosts = new Hosts(settings, connection);
    this.authorizer = createAuthorizer(settings, connection, this.hosts);
    this.query = `?v=${encodeURIComponent(settings.apiVersion ?? API_VERSION)}`;
  }

  /** The answer of the install API, whatever its status. @throws VendorError when there is none */
  async ask({ headers, ...call }: InstallCall): Promise<ApiAnswer> {
    // The look-up of the host is part of the call: a write must not take effect later than the engine reckons with.
    const endBy = performance.now() + this.connection.limits.timeoutMs;
    const base = `${await this.hosts.base('accountConfigReadWrite')}${this.accountPath}/configuration/app-install/installations`;
    const api = new VendorApi(LIVEPERSON, this.connection, base, this.authorizer, headers);
    return this.hosts.watch(() => api.call({ ...call, path: `${call.path}${this.query}`, endBy }));
  }

  /** The answer of a call that must succeed. @throws VendorError by the table of `errors.ts` */
  async demand(call: InstallCall): Promise<ApiAnswer> {
    const answer = await this.ask(call);
    if (!isSuccess(answer.status)) throw configFault(call, answer);
    return answer;
  }

  /** One call to Sentinel with a form; credentials go in the body, never in the query (`docs/vendors/liveperson.md` §8.1). */
  async askSentinel(
    purpose: CallPurpose,
    path: (accountPath: string) => string,
    form: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<ApiAnswer> {
    const url = `${await this.hosts.base('sentinel')}${path(this.accountPath)}`;
    return this.hosts.watch(() =>
      exchange(this.connection, purpose, {
        method: 'POST',
        url,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
        ...(signal ? { signal } : {}),
      }),
    );
  }

  /** A page of Sentinel, whatever its status; redirects are not followed. */
  async readSentinel(
    purpose: CallPurpose,
    path: (accountPath: string) => string,
    signal?: AbortSignal,
  ): Promise<ApiAnswer> {
    const url = `${await this.hosts.base('sentinel')}${path(this.accountPath)}`;
    return this.hosts.watch(() =>
      exchange(this.connection, purpose, { method: 'GET', url, ...(signal ? { signal } : {}) }),
    );
  }

  /** The fault of a success that cannot be read. */
  unreadable(purpose: CallPurpose, answer: ApiAnswer, what = 'its answer cannot be read'): VendorError {
    return unreadableFault(LIVEPERSON, purpose, answer, what);
  }

  private get accountPath(): string {
    return `/api/account/${encodeURIComponent(this.accountId)}`;
  }
}
