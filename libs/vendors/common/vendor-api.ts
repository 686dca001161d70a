import { performance } from 'node:perf_hooks';
import type { VendorError } from '#libs/contracts/index.js';
import { AuthorizedHttp, HttpFault, type Authorizer, type HttpConnection, type HttpRequest } from '#libs/http/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { isSuccess, readBody, tellsOfError, type ApiAnswer } from './answer.js';
import { isWrite, transportFault, unreadableFault, type CallPurpose, type VendorName } from './fault-table.js';

/** One call to a vendor: what it is for, and the request. Paths are relative to the API's base. */
export interface ApiCall extends CallPurpose {
  method: HttpRequest['method'];
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  /** A JSON text that is sent byte for byte, in place of `body`. */
  text?: string | undefined;
  /** Ends a read; ignored for a write. */
  signal?: AbortSignal | undefined;
  maxBytes?: number;
  /** Of a read: its lane and who is told when it is sent, as in `HttpRequest`. Default: a single read. */
  lane?: HttpRequest['lane'];
  onSent?: HttpRequest['onSent'];
  /** For a write that has begun before this call (with the look-up of its host): when it ends, by `performance.now()`. */
  endBy?: number;
}

/** What a call takes over from the options of a read. */
export function readCall({ signal, lane }: ReadOptions): Pick<ApiCall, 'signal' | 'lane'> {
  return { signal, ...(lane === 'fleet' ? { lane } : {}) };
}

/** Calls of one vendor connection, authorised and as JSON. Every call is one attempt; what went wrong comes as `VendorError`. */
export class VendorApi {
  private readonly http: AuthorizedHttp;

  constructor(
    private readonly name: VendorName,
    private readonly connection: HttpConnection,
    private readonly base: string,
    authorizer: Authorizer,
    private readonly headers: Record<string, string> = {},
  ) {
    this.http = new AuthorizedHttp(connection, authorizer);
  }

  /**
   * Returns whatever the vendor answers, but for a success that is none (`believable`). A write has ended `timeoutMs` after it was
   * asked for, waiting and a new token included, so that nothing takes effect later than the engine reckons with.
   * @throws VendorError when no whole answer came, or one that says success and brings something else
   * @throws the signal's reason when the caller stopped a read
   */
  async call({
    method,
    path,
    body,
    text,
    signal,
    maxBytes,
    lane,
    onSent,
    endBy: given,
    ...purpose
  }: ApiCall): Promise<ApiAnswer> {
    const write = isWrite(purpose.operation);
    const endBy = given ?? performance.now() + this.connection.limits.timeoutMs;
    const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const answer = await answerOf(this.name, purpose, this.http, {
      method,
      url: this.urlOf(path),
      headers: { ...this.headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(payload === undefined ? {} : { body: payload }),
      ...(write ? { endBy } : signal ? { signal } : {}),
      ...(maxBytes === undefined ? {} : { maxBytes }),
      ...(lane === undefined || write ? {} : { lane }),
      ...(onSent === undefined ? {} : { onSent }),
    });
    return believable(this.name, purpose, answer);
  }

  /** The fault of a success whose body is not what it should be. */
  unreadable(purpose: CallPurpose, answer: ApiAnswer, what = 'its answer cannot be read'): VendorError {
    return unreadableFault(this.name, purpose, answer, what);
  }

  /** Nothing that stands in a path leads out of the API, whatever a vendor gave for an id. */
  private urlOf(path: string): string {
    const url = `${this.base}${path}`;
    const [base, target] = [new URL(this.base), new URL(url)];
    const [own = ''] = path.split('?');
    // As it stands: a parser would follow a step up, and turn a backslash round.
    const asMeant = target.origin === base.origin && target.pathname === `${base.pathname.replace(/\/+$/, '')}${own}`;
    if (!asMeant) throw new TypeError('a path leads elsewhere than it says');
    return url;
  }
}

/**
 * Makes one call. Returns whatever status comes.
 * @throws VendorError when no whole answer came
 * @throws the signal's reason when the caller stopped it
 */
export async function answerOf(
  name: VendorName,
  purpose: CallPurpose,
  http: Pick<HttpConnection, 'call'>,
  request: HttpRequest,
): Promise<ApiAnswer> {
  try {
    const { resource, operation } = purpose;
    const { status, headers, bytes, undecodable } = await http.call({ ...request, purpose: { resource, operation } });
    const read = readBody(bytes, headers['content-type'], undecodable);
    const { host } = new URL(request.url);
    return { status, headers, host, ...read, ...(undecodable === undefined ? {} : { undecodable }) };
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    if (error.kind === 'aborted') throw request.signal?.reason ?? error;
    throw transportFault(name, purpose, error);
  }
}

/**
 * The answer itself, unless it says success and brings something else: a page of something on the way (a login, a block), an error
 * under a success status, or what is no JSON. Whether a write took effect is unknown then.
 * @throws VendorError
 */
export function believable(name: VendorName, purpose: CallPurpose, answer: ApiAnswer): ApiAnswer {
  if (!isSuccess(answer.status)) return answer;
  const wrong = misfit(answer);
  if (wrong === undefined) return answer;
  throw unreadableFault(name, purpose, answer, wrong);
}

function misfit({ form, json }: ApiAnswer): string | undefined {
  switch (form) {
    case 'empty':
      return undefined; // whoever needs a body says so
    case 'json':
      return tellsOfError(json) ? 'its body tells of an error' : undefined;
    case 'page':
      return 'did not answer itself';
    case 'text':
      return 'its answer is no JSON';
    case 'unreadable':
      return 'its answer cannot be read';
  }
}
