import { isJsonObject } from '#libs/contracts/json.js';

import { CliError } from '../errors.js';
import { networkFault } from './network-fault.js';
import { ApiProblem, ApiUnreachable, type Problem } from './problem.js';

/** Longer than a plan's look at the vendors may take. */
const CALL_TIMEOUT_MS = 60_000;

export interface ApiCall {
  query?: Record<string, string | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface ApiAnswer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface ApiClient {
  /** Base address without a slash at its end. */
  readonly url: string;
  /**
   * One call under `/v1`; `path` is below that and already percent-encoded.
   * @throws {ApiProblem} for an answer that is not 2xx.
   * @throws {ApiUnreachable} when no answer came within a minute.
   */
  call<Body>(method: string, path: string, call?: ApiCall): Promise<ApiAnswer<Body>>;
  /** Opens a stream of server-sent events, without a time limit; throws like `call`. */
  stream(path: string, call?: ApiCall): Promise<ReadableStream<Uint8Array>>;
}

export interface ApiClientOptions {
  /** The API's address, with or without `/v1`. */
  url: string;
  /** Undefined: none is sent. */
  token: string | undefined;
  /** Aborted when nobody waits for any answer any more. */
  signal?: AbortSignal;
}

/** Returns a client of the API. */
export function createApiClient({ url, token, signal: over }: ApiClientOptions): ApiClient {
  // `npm start` and the documentation name the API with its version: that is the same address.
  const base = url.replace(/\/+$/, '').replace(/\/v1$/, '');
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };

  async function send(method: string, path: string, accept: string, call: ApiCall): Promise<Response> {
    const target = new URL(`${base}/v1${path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined) target.searchParams.set(name, value);
    }
    const content = call.body === undefined ? {} : { 'content-type': 'application/json' };
    const signals = [call.signal, over].filter((signal) => signal !== undefined);
    try {
      return await fetch(target, {
        method,
        headers: { accept, ...authorization, ...content, ...call.headers },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: AbortSignal.any(signals),
      });
    } catch (error) {
      throw new ApiUnreachable(base, unreachableReason(base, error), { cause: error });
    }
  }

  return {
    url: base,
    async call<Body>(method: string, path: string, call: ApiCall = {}): Promise<ApiAnswer<Body>> {
      const limit = AbortSignal.timeout(CALL_TIMEOUT_MS);
      const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
      const response = await send(method, path, 'application/json', { ...call, signal });
      const text = await readText(response, base);
      if (!response.ok) throw new ApiProblem(response.status, parseProblem(response, text));
      return { status: response.status, headers: response.headers, body: parseBody(text, base) as Body };
    },
    async stream(path: string, call: ApiCall = {}): Promise<ReadableStream<Uint8Array>> {
      const response = await send('GET', path, 'text/event-stream', call);
      if (!response.ok) throw new ApiProblem(response.status, parseProblem(response, await readText(response, base)));
      if (response.body === null) throw new ApiUnreachable(base, 'the event stream came without a body');
      return response.body;
    },
  };
}

async function readText(response: Response, base: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new ApiUnreachable(base, unreachableReason(base, error), { cause: error });
  }
}

function parseBody(text: string, base: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliError(`what answers at ${base} is not the Gangway API (no JSON): see GANGWAY_URL`, { cause: error });
  }
}

/** A gateway in between answers HTML or nothing: its status is all there is to tell. */
function parseProblem(response: Response, text: string): Problem {
  if (/json/.test(response.headers.get('content-type') ?? '')) {
    try {
      const body: unknown = JSON.parse(text);
      if (isJsonObject(body)) return body;
    } catch {
      // Cut off on its way: told by its status like an answer without a body.
    }
  }
  return { title: `the answer was HTTP ${response.status} ${response.statusText}`.trim() };
}

function unreachableReason(url: string, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${CALL_TIMEOUT_MS / 1000} s`;
  return networkFault(url, error);
}
