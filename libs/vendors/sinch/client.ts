import type { SinchConnection } from './connection.js';
import type { VendorError } from '#libs/contracts/index.js';
import { sharedTokenCache, type Authorizer, type HttpConnection } from '#libs/http/index.js';
import { Readings, type ReadingMeter } from '#libs/readings/index.js';
import {
  isSuccess,
  issueToken,
  saysGone,
  VendorApi,
  type ApiAnswer,
  type ApiCall,
  type CallPurpose,
} from '../common/index.js';
import { SINCH, sinchFault } from './errors.js';

/** Renewed at 80 % of its life and at least 60 s early (`docs/vendors/sinch.md` §7.14). */
const RENEWAL = { share: 0.8, leadMs: 60_000 };
/** About an hour (`docs/vendors/sinch.md` §1); for an answer that names no life a fraction of it. */
const DEFAULT_LIFETIME_MS = 300_000;

/** Calls to one project at Sinch in one region. One per connection and process. */
export class SinchClient {
  readonly lists: Readings;
  private readonly api: VendorApi;

  constructor(settings: SinchConnection, connection: HttpConnection, meter?: ReadingMeter) {
    this.lists = new Readings({ times: settings.timing, meter });
    const base = `${settings.apiBase}/v1/projects/${encodeURIComponent(settings.projectId)}`;
    const { tokenUrl } = settings;
    const authorizer = tokenUrl === undefined ? basic(settings) : bearer(settings, tokenUrl, connection);
    this.api = new VendorApi(SINCH, connection, base, authorizer);
  }

  /** The answer, whatever its status. @throws VendorError when there is none */
  ask(call: ApiCall): Promise<ApiAnswer> {
    return this.api.call(call);
  }

  /** The answer of a call that must succeed. @throws VendorError by the table of `errors.ts` */
  async demand(call: ApiCall): Promise<ApiAnswer> {
    const answer = await this.api.call(call);
    if (!isSuccess(answer.status)) throw sinchFault(call, answer);
    return answer;
  }

  /** The answer of a call about one object; undefined when Sinch says that it is not there. */
  async demandIfThere(call: ApiCall): Promise<ApiAnswer | undefined> {
    const answer = await this.api.call(call);
    if (saysGone(answer)) return undefined;
    if (!isSuccess(answer.status)) throw sinchFault(call, answer);
    return answer;
  }

  /** The fault of a success that cannot be read. */
  unreadable(purpose: CallPurpose, answer: ApiAnswer, what?: string): VendorError {
    return this.api.unreadable(purpose, answer, what);
  }
}

function basicOf({ keyId, keySecret }: SinchConnection): string {
  return `Basic ${Buffer.from(`${keyId()}:${keySecret()}`).toString('base64')}`;
}

/** Accepted on the API too, strongly rate limited (`docs/vendors/sinch.md` §1). There is no second credential to try after a 401. */
function basic(settings: SinchConnection): Authorizer {
  return {
    current: () => Promise.resolve(basicOf(settings)),
    replace: () => Promise.resolve(undefined),
  };
}

function bearer(settings: SinchConnection, tokenUrl: string, connection: HttpConnection): Authorizer {
  const cache = (): ReturnType<typeof sharedTokenCache> =>
    sharedTokenCache(['sinch', tokenUrl, settings.keyId()].join('\n'), RENEWAL);
  const issue = (): ReturnType<typeof issueToken> =>
    issueToken(SINCH, connection, {
      url: tokenUrl,
      headers: { authorization: basicOf(settings) },
      form: { grant_type: 'client_credentials' },
      secrets: [settings.keySecret()],
      defaultLifetimeMs: DEFAULT_LIFETIME_MS,
    });
  return {
    current: async () => `Bearer ${await cache().get(issue)}`,
    replace: async (rejected) => `Bearer ${await cache().replace(rejected.slice('Bearer '.length), issue)}`,
  };
}
