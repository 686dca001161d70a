import { performance } from 'node:perf_hooks';
import type { VendorError } from '#libs/contracts/index.js';
import { AuthorizedHttp, HttpFault, type Authorizer, type HttpConnection, type HttpRequest } from '#libs/http/index.js';
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

/** An answer of any status. */
export interface ApiAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** The parsed body; undefined when it is empty or no JSON. */
  json: unknown;
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
   * Answers whatever the vendor answers. A write has ended `timeoutMs` after it was asked for, waiting and a new token included,
   * so that nothing takes effect later than the engine reckons with (`design.md` section 4).
   * @throws VendorError when no whole answer came; the signal's reason when the caller stopped a read
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
    try {
      const answer = await this.http.call({
        method,
        url: `${this.base}${path}`,
        subject: purpose,
        headers: { ...this.headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(payload === undefined ? {} : { body: payload }),
        ...(write ? { endBy } : signal ? { signal } : {}),
        ...(maxBytes === undefined ? {} : { maxBytes }),
        ...(lane === undefined || write ? {} : { lane }),
        ...(onSent === undefined ? {} : { onSent }),
      });
      return { status: answer.status, headers: answer.headers, json: parseJson(answer.bytes) };
    } catch (error) {
      if (!(error instanceof HttpFault)) throw error;
      if (error.kind === 'aborted') throw signal?.reason ?? error;
      throw transportFault(this.name, purpose, error);
    }
  }

  /** The fault of a success whose body is not what it should be. */
  unreadable(purpose: CallPurpose, status: number, what = 'its answer cannot be read'): VendorError {
    return unreadableFault(this.name, purpose, status, what);
  }
}

/** A body as JSON; undefined when it is empty or something else (a gateway's HTML). */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch {
    return undefined; // the caller's schema says what is missing
  }
}

/** Whether a status is a success. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
