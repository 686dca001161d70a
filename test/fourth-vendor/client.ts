import type { JsonObject } from '#libs/contracts/index.js';
import type { HttpConnection } from '#libs/http/index.js';
import { Readings, type ReadingMeter } from '#libs/readings/index.js';
import {
  firstObject,
  isSuccess,
  refusalFault,
  retryAfterMs,
  saysGone,
  VendorApi,
  type AnswerRow,
  type ApiAnswer,
  type ApiCall,
  type VendorName,
} from '#libs/vendors/common/index.js';
import type { ParleyConnection } from './connection.js';

export const PARLEY: VendorName = { vendor: 'parley', label: 'Parley' };

const SOURCE = 'made up for the test';

const ROWS: readonly AnswerRow[] = [
  { status: 401, code: 'CREDENTIALS_REJECTED', clause: 'does not accept the pass', source: SOURCE },
  { status: 409, code: 'CONFLICT', maybeDuplicate: true, clause: 'has one of this name', source: SOURCE },
  { status: 429, code: 'RATE_LIMITED', retryable: true, clause: 'takes no more calls for now', source: SOURCE },
  { status: [400, 499], code: 'INVALID_REQUEST', clause: 'refuses the request', source: SOURCE },
  {
    status: [500, 599],
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    unknownForWrites: true,
    clause: 'is not available',
    source: SOURCE,
  },
];

/** Calls to one office of Parley. */
export class ParleyClient {
  readonly lists: Readings;
  readonly office: string;
  private readonly api: VendorApi;

  constructor(settings: ParleyConnection, connection: HttpConnection, meter?: ReadingMeter) {
    this.office = settings.office;
    this.lists = new Readings({ times: settings.timing, meter });
    this.api = new VendorApi(PARLEY, connection, settings.address, {
      current: () => Promise.resolve(`Pass ${settings.pass()}`),
      replace: () => Promise.resolve(undefined),
    });
  }

  /** The answer of a call that must succeed. @throws VendorError */
  async demand(call: ApiCall): Promise<JsonObject> {
    const answer = await this.api.call(call);
    if (!isSuccess(answer.status)) throw this.fault(call, answer);
    return firstObject(answer.json) ?? {};
  }

  /** The same; null when the vendor says that it is not there. @throws VendorError */
  async demandIfThere(call: ApiCall): Promise<JsonObject | null> {
    const answer = await this.api.call(call);
    if (saysGone(answer)) return null;
    if (!isSuccess(answer.status)) throw this.fault(call, answer);
    return firstObject(answer.json) ?? {};
  }

  /** Whether Parley takes a badge's word. @throws VendorError when it does not say */
  async takes(passport: string, watchword: string): Promise<boolean> {
    const call: ApiCall = {
      resource: 'badge',
      operation: 'get',
      secrets: [watchword],
      method: 'POST',
      path: '/words',
      body: { passport, watchword },
    };
    const answer = await this.api.call(call);
    if (isSuccess(answer.status)) return true;
    if (answer.status === 403 || answer.status === 404) return false;
    throw this.fault(call, answer);
  }

  private fault(call: ApiCall, answer: ApiAnswer): Error {
    const told = firstObject(answer.json)?.['error'];
    return refusalFault(PARLEY, ROWS, call, answer, {
      vendorCode: null,
      text: typeof told === 'string' ? told : undefined,
      retryAfterMs: retryAfterMs(answer.headers),
    });
  }
}
