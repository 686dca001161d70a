import { performance } from 'node:perf_hooks';
import { Agent, request as send, type Dispatcher } from 'undici';
import { outcomeOf, type CallOutcome, type ObserveCall } from './call-observer.js';
import { ACCEPT_ENCODING, ContentError, ContentTooLarge, decodeContent } from './content.js';
import { faultKindOf, HttpFault } from './http-fault.js';
import { Pacer, type Lane, type PaceLimits } from './pacer.js';

/** Longest answer taken where the caller names no other limit, in bytes. A channel with its icon has about 0.6 MB. */
export const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** Longest answer taken for a list, in bytes (`docs/vendors/sinch.md` §2: 10,000 apps are about 9 MB in one answer). */
export const LIST_MAX_BYTES = 64 * 1024 * 1024;

/** Share of the deadline that may go into connecting: a connection that does not come about is known not to have sent anything. */
const CONNECT_SHARE = 0.25;

/** A write that has less than this share of its deadline left is not sent: its outcome would probably stay unknown. */
const LEAST_SHARE_TO_SEND = 0.5;

export interface HttpLimits extends PaceLimits {
  /** Deadline of one call, in milliseconds. */
  timeoutMs: number;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Ends a read. A write never gets one: it is not aborted by us. */
  signal?: AbortSignal;
  /**
   * For a write, by `performance.now()`: it has answered, or has been given up, by then. It counts waiting too, so that a write
   * that is held up (by pacing, by a process that stood still) is not sent late: `not-sent`. Without it the deadline counts from sending.
   */
  endBy?: number;
  /** Longest answer taken, in bytes. */
  maxBytes?: number;
  /** Who goes first when calls wait (`LANES`); a function is asked whenever a turn is given. Default `write` with `endBy`, else `read`. */
  lane?: Lane | (() => Lane);
  /** Told when the call has its turn, right before it leaves: again when it is made once more with a new authorisation. */
  onSent?: () => void;
  /** What the call is for; only who observes the connection is told. */
  purpose?: { resource: string; operation: string };
}

/** A whole answer, whatever its status. */
export interface HttpAnswer {
  status: number;
  /** By lower-case name; of repeated ones the first. */
  headers: Readonly<Record<string, string>>;
  /** The body, decoded (gzip, br, deflate); empty where it cannot be. */
  bytes: Buffer;
  /** Why the body cannot be decoded, as the rest of a sentence about the answer. Absent: it can. */
  undecodable?: string;
}

/**
 * The way to one vendor connection: one dispatcher with its limits, shared by all calls of the process on that connection. One
 * attempt per call: nothing is retried or redirected here.
 */
export class HttpConnection {
  private readonly pacer: Pacer;
  private readonly agent: Agent;

  /** `observe` is told of each call. Absent: nobody is. */
  constructor(
    readonly limits: HttpLimits,
    private readonly observe?: ObserveCall,
  ) {
    this.pacer = new Pacer(limits);
    this.agent = new Agent({
      connections: limits.concurrency,
      pipelining: 1,
      connect: { timeout: Math.ceil(limits.timeoutMs * CONNECT_SHARE) },
      // The deadline of the call is a signal; these are nets under it.
      headersTimeout: limits.timeoutMs,
      bodyTimeout: limits.timeoutMs,
    });
  }

  /**
   * Makes one call and reads the whole answer.
   * @throws HttpFault when no whole answer came in time
   */
  async call(request: HttpRequest): Promise<HttpAnswer> {
    try {
      const answer = await this.paced(request);
      this.tell(request, outcomeOf(answer.status));
      return answer;
    } catch (error) {
      if (error instanceof HttpFault) this.tell(request, error.kind);
      throw error;
    }
  }

  private async paced(request: HttpRequest): Promise<HttpAnswer> {
    const release = await this.turn(request);
    try {
      return await this.exchange(request);
    } finally {
      release();
    }
  }

  private tell(request: HttpRequest, outcome: CallOutcome): void {
    const { resource = 'unknown', operation = request.method.toLowerCase() } = request.purpose ?? {};
    this.observe?.({ resource, operation, lane: laneOf(request), outcome });
  }

  /** Lets open calls end, then closes the sockets. */
  close(): Promise<void> {
    return this.agent.close();
  }

  private async turn(request: HttpRequest): Promise<() => void> {
    const { signal, endBy, url } = request;
    const { timeoutMs } = this.limits;
    const leaveWithin = endBy === undefined ? undefined : endBy - performance.now() - timeoutMs * LEAST_SHARE_TO_SEND;
    if (leaveWithin !== undefined && leaveWithin <= 0) throw notSent(url);
    const late = leaveWithin === undefined ? undefined : AbortSignal.timeout(Math.ceil(leaveWithin));
    try {
      return await this.pacer.turn({ lane: () => laneOf(request), signal: anyOf(signal, late) });
    } catch (error) {
      if (signal?.aborted === true) throw aborted(url, error);
      if (late?.aborted === true) throw notSent(url);
      throw error;
    }
  }

  private async exchange(request: HttpRequest): Promise<HttpAnswer> {
    const { url, signal, endBy } = request;
    const { timeoutMs } = this.limits;
    const budget = endBy === undefined ? timeoutMs : Math.min(timeoutMs, endBy - performance.now());
    // Asked again right before sending: a process that was frozen in between must not send what others have given up.
    if (budget < timeoutMs * LEAST_SHARE_TO_SEND) throw notSent(url);
    const deadline = AbortSignal.timeout(Math.ceil(budget));
    let answering = false;
    request.onSent?.();
    try {
      const response = await send(url, {
        method: request.method,
        headers: {
          'user-agent': 'gangway',
          accept: 'application/json',
          'accept-encoding': ACCEPT_ENCODING,
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: anyOf(signal, deadline) ?? deadline,
        dispatcher: this.agent,
      });
      answering = true;
      const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
      const bytes = await read(response, maxBytes, url);
      const headers = firstOfEach(response.headers);
      return { status: response.statusCode, headers, ...(await decoded(bytes, headers, maxBytes, url)) };
    } catch (error) {
      if (error instanceof HttpFault) throw error;
      if (signal?.aborted === true) throw aborted(url, error);
      if (deadline.aborted) {
        throw new HttpFault('timeout', `${hostOf(url)} gave no whole answer within ${timeoutMs} ms`, { cause: error });
      }
      const kind = faultKindOf(error, answering);
      throw new HttpFault(kind, `${hostOf(url)}: ${DESCRIPTIONS[kind]}`, { cause: error });
    }
  }
}

function laneOf({ lane, endBy }: HttpRequest): Lane {
  if (typeof lane === 'function') return lane();
  return lane ?? (endBy === undefined ? 'read' : 'write');
}

const DESCRIPTIONS: Record<ReturnType<typeof faultKindOf>, string> = {
  'not-sent': 'the call was not sent',
  connect: 'no connection came about',
  timeout: 'no answer in time',
  reset: 'the connection broke before an answer came',
  truncated: 'the answer broke off',
  'too-large': 'the answer is too long',
  aborted: 'the call was stopped',
};

async function read(response: Dispatcher.ResponseData, maxBytes: number, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      // Leaving the loop destroys the body and with it the connection.
      throw tooLarge(url, maxBytes);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Status and headers of an answer count though its body cannot be decoded. */
async function decoded(
  bytes: Buffer,
  headers: Readonly<Record<string, string>>,
  maxBytes: number,
  url: string,
): Promise<Pick<HttpAnswer, 'bytes' | 'undecodable'>> {
  try {
    return { bytes: await decodeContent(bytes, headers['content-encoding'], maxBytes) };
  } catch (error) {
    if (error instanceof ContentTooLarge) throw tooLarge(url, maxBytes);
    if (error instanceof ContentError) return { bytes: Buffer.alloc(0), undecodable: error.message };
    throw error;
  }
}

function firstOfEach(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value;
      return first === undefined ? [] : [[name.toLowerCase(), first]];
    }),
  );
}

function anyOf(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length < 2 ? given[0] : AbortSignal.any(given);
}

function tooLarge(url: string, maxBytes: number): HttpFault {
  return new HttpFault('too-large', `${hostOf(url)} answered with more than ${maxBytes} bytes`);
}

function notSent(url: string): HttpFault {
  return new HttpFault('not-sent', `the call to ${hostOf(url)} waited too long for its turn and was not sent`);
}

function aborted(url: string, cause: unknown): HttpFault {
  return new HttpFault('aborted', `the call to ${hostOf(url)} was stopped`, { cause });
}

function hostOf(url: string): string {
  return new URL(url).host;
}
