import { HttpFault } from './http-fault.js';
import type { HttpAnswer, HttpConnection, HttpRequest } from './http-connection.js';

/** How calls are authorised. */
export interface Authorizer {
  /** Value of the `authorization` header. */
  current(): Promise<string>;
  /** Another value after one was answered 401; undefined where there is no other to be had. */
  replace(rejected: string): Promise<string | undefined>;
}

/**
 * A connection whose calls carry an authorisation. On a 401 it asks for a new one and makes the call once more, which is safe for
 * writes as well: a 401 was not executed. A second 401 is the caller's to judge.
 */
export class AuthorizedHttp {
  constructor(
    private readonly connection: HttpConnection,
    private readonly authorizer: Authorizer,
  ) {}

  /** @throws HttpFault as `HttpConnection.call`; whatever the authorizer throws */
  async call(request: HttpRequest): Promise<HttpAnswer> {
    const { signal } = request;
    const first = await orAborted(this.authorizer.current(), signal);
    const answer = await this.send(request, first);
    if (answer.status !== 401) return answer;
    const second = await orAborted(this.authorizer.replace(first), signal);
    if (second === undefined) return answer;
    return this.send(request, second);
  }

  private send(request: HttpRequest, authorization: string): Promise<HttpAnswer> {
    return this.connection.call({ ...request, headers: { ...request.headers, authorization } });
  }
}

/** Stops waiting for a token when the caller stops; the token's own call goes on, as others may wait for it. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  let stop: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => {
      reject(new HttpFault('aborted', 'the call was stopped while it waited for a token', { cause: signal.reason }));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
