import type { EgainConnection } from './connection.js';
import type { VendorError } from '#libs/contracts/index.js';
import { sharedTokenCache, type Authorizer, type HttpConnection } from '#libs/http/index.js';
import { Readings, type ReadingMeter } from '#libs/readings/index.js';
import { isSuccess, issueToken, VendorApi, type ApiAnswer, type ApiCall, type CallPurpose } from '../common/index.js';
import { EGAIN, egainFault } from './errors.js';
import { Paging } from './paging.js';

/** Base path of every call (`docs/vendors/egain.md` §2). */
const BASE_PATH = '/conversation/conversationmgr/v3';

/** Renewed at 80 % of its life; 300 s are assumed where the answer names no life (`docs/vendors/egain.md` §3.2). */
const RENEWAL = { share: 0.8, leadMs: 0 };
const DEFAULT_LIFETIME_MS = 300_000;

/** Calls to one eGain tenant. One per connection and process. */
export class EgainClient {
  readonly lists: Readings;
  readonly paging = new Paging();
  private readonly api: VendorApi;

  constructor(settings: EgainConnection, connection: HttpConnection, meter?: ReadingMeter) {
    this.lists = new Readings({ times: settings.timing, meter });
    // userMessage comes only when asked for (`docs/vendors/egain.md` §9.1).
    const headers = { 'x-egain-error-message': 'yes' };
    const base = `${settings.apiBase}${BASE_PATH}`;
    this.api = new VendorApi(EGAIN, connection, base, bearer(settings, connection), headers);
  }

  /** The answer, whatever its status. @throws VendorError when there is none */
  ask(call: ApiCall): Promise<ApiAnswer> {
    return this.api.call(call);
  }

  /** The answer of a call that must succeed. @throws VendorError by the table of `errors.ts` */
  async demand(call: ApiCall): Promise<ApiAnswer> {
    const answer = await this.api.call(call);
    if (!isSuccess(answer.status)) throw egainFault(call, answer);
    return answer;
  }

  /** The fault of a success that cannot be read. */
  unreadable(purpose: CallPurpose, answer: ApiAnswer, what?: string): VendorError {
    return this.api.unreadable(purpose, answer, what);
  }
}

function bearer(settings: EgainConnection, connection: HttpConnection): Authorizer {
  const cacheOf = (clientId: string): ReturnType<typeof sharedTokenCache> =>
    sharedTokenCache(['egain', settings.tokenUrl, clientId, settings.scope].join('\n'), RENEWAL);
  const issue = (): ReturnType<typeof issueToken> => {
    const clientId = settings.clientId();
    const clientSecret = settings.clientSecret();
    return issueToken(EGAIN, connection, {
      url: settings.tokenUrl,
      // Credentials go in the body; no Basic header is documented (`docs/vendors/egain.md` §3.2).
      form: {
        grant_type: 'client_credentials',
        scope: settings.scope,
        client_id: clientId,
        client_secret: clientSecret,
      },
      secrets: [clientSecret],
      defaultLifetimeMs: DEFAULT_LIFETIME_MS,
    });
  };
  return {
    current: async () => `Bearer ${await cacheOf(settings.clientId()).get(issue)}`,
    replace: async (rejected) =>
      `Bearer ${await cacheOf(settings.clientId()).replace(rejected.slice('Bearer '.length), issue)}`,
  };
}
