import { Client } from 'undici';
import { serviceUrlFault } from '#libs/net/urls.js';
import { hostOf, type DeliveryCode, type DeliveryFault } from '#libs/contracts/index.js';
import { faultKindOf } from '#libs/http/index.js';
import { AddressNotAllowed, isPrivateAddress, publicOnly, type Lookup } from './address-guard.js';
import { portFault } from './ports.js';

/** Of an answer only the status counts; so much of its body is read before the connection is cut. Bytes. */
const ANSWER_BYTES = 16 * 1024;

/** A try that did not deliver. Its message holds neither the address nor a secret. */
export class DeliveryError extends Error {
  constructor(
    readonly fault: DeliveryFault,
    /** Whether another try may deliver. */
    readonly retryable: boolean,
    options?: { cause?: unknown },
  ) {
    super(fault.message, options);
    this.name = 'DeliveryError';
  }
}

export interface CourierOptions {
  /** Deadline of one try in milliseconds, from the look-up of the name to the status of the answer. */
  timeoutMs: number;
  /** Whether loopback and private addresses, and plain http for them, are allowed. */
  allowPrivateUrls: boolean;
  /** Ports besides 443 and 80 that may be called; default none. */
  ports?: readonly number[];
  /** Name resolution; default the system's. */
  lookup?: Lookup;
}

/**
 * Brings messages to addresses that customers name. One try per call, over a connection of its own. Redirects are not followed;
 * private addresses are refused where the socket connects, unless they are allowed. Of an answer only the status counts.
 */
export class Courier {
  private readonly connect: NonNullable<Client.Options['connect']>;

  constructor(private readonly options: CourierOptions) {
    const { timeoutMs, allowPrivateUrls, lookup } = options;
    const guarded = allowPrivateUrls ? lookup : publicOnly(lookup);
    this.connect = { timeout: timeoutMs, ...(guarded ? { lookup: guarded } : {}) };
  }

  /**
   * Posts a JSON text, and returns the 2xx with which the receiver took it.
   * @throws {DeliveryError} for every other end
   */
  async post(url: string, payload: string, headers: Record<string, string>): Promise<number> {
    this.requireAllowed(url);
    const httpStatus = await this.exchange(new URL(url), payload, headers);
    if (httpStatus >= 200 && httpStatus < 300) return httpStatus;
    throw refused(url, httpStatus);
  }

  private requireAllowed(url: string): void {
    const { allowPrivateUrls, ports = [] } = this.options;
    const message = serviceUrlFault(url, allowPrivateUrls) ?? portFault(url, { ports, allowPrivateUrls });
    const isPrivate = message === undefined && !allowPrivateUrls && isPrivateAddress(new URL(url).hostname);
    if (message === undefined && !isPrivate) return;
    throw notAllowed(`The address ${message ?? 'names a private host'}.`);
  }

  private async exchange(url: URL, payload: string, headers: Record<string, string>): Promise<number> {
    const { timeoutMs } = this.options;
    const client = new Client(url.origin, {
      pipelining: 0, // no connection is kept: the next try may reach another process
      connect: this.connect,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, body } = await client.request({
        method: 'POST',
        path: `${url.pathname}${url.search}`,
        headers: { 'user-agent': 'gangway', 'content-type': 'application/json', accept: '*/*', ...headers },
        body: payload,
        signal: deadline,
      });
      // The status has decided: whatever becomes of the body, within the deadline, changes nothing.
      await body.dump({ limit: ANSWER_BYTES, signal: deadline }).catch(() => undefined);
      return statusCode;
    } catch (error) {
      throw withoutAnswer(url.host, error, deadline);
    } finally {
      await client.destroy();
    }
  }
}

function refused(url: string, httpStatus: number): DeliveryError {
  const redirected = httpStatus >= 300 && httpStatus < 400;
  const code: DeliveryCode = redirected ? 'RECEIVER_REDIRECTED' : 'RECEIVER_REFUSED';
  const what = redirected ? `redirects (${httpStatus}), which is not followed` : `answers ${httpStatus}`;
  // Gone is how Standard Webhooks lets a receiver say that it wants nothing any more.
  return new DeliveryError({ code, message: `${hostOf(url)} ${what}.`, httpStatus }, httpStatus !== 410);
}

function notAllowed(message: string): DeliveryError {
  return new DeliveryError({ code: 'ADDRESS_NOT_ALLOWED', message, httpStatus: null }, false);
}

function withoutAnswer(host: string, error: unknown, deadline: AbortSignal): DeliveryError {
  if (isNotAllowed(error)) {
    return notAllowed(
      `${host} leads to a loopback or private address; set GANGWAY_ALLOW_PRIVATE_URLS=true to allow that.`,
    );
  }
  const kind = deadline.aborted ? 'timeout' : faultKindOf(error, false);
  const [code, what] = WITHOUT_ANSWER[kind === 'timeout' || kind === 'connect' ? kind : 'reset'];
  return new DeliveryError({ code, message: `${host} ${what}.`, httpStatus: null }, true, { cause: error });
}

const WITHOUT_ANSWER = {
  timeout: ['RECEIVER_TIMED_OUT', 'gives no answer in time'],
  connect: ['RECEIVER_UNREACHABLE', 'cannot be reached'],
  reset: ['RECEIVER_UNREACHABLE', 'breaks the connection without an answer'],
} as const satisfies Record<string, readonly [DeliveryCode, string]>;

/** Also where one of several addresses was tried, or undici wraps it. */
function isNotAllowed(error: unknown): boolean {
  if (error instanceof AddressNotAllowed) return true;
  return error instanceof Error && error.cause !== undefined && isNotAllowed(error.cause);
}
