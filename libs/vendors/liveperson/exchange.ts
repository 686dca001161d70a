import { HttpFault, type HttpConnection, type HttpRequest } from '#libs/http/index.js';
import { parseJson, transportFault, type ApiAnswer, type CallPurpose } from '../common/index.js';
import { LIVEPERSON } from './errors.js';

/**
 * One call that carries no bearer: to the Domain API, the login or Sentinel. Answers whatever status comes.
 * @throws VendorError when no whole answer came; the signal's reason when the caller stopped it
 */
export async function exchange(
  connection: HttpConnection,
  purpose: CallPurpose,
  request: HttpRequest,
): Promise<ApiAnswer> {
  try {
    const { status, headers, bytes } = await connection.call({ ...request, subject: purpose });
    return { status, headers, json: parseJson(bytes) };
  } catch (error) {
    if (!(error instanceof HttpFault)) throw error;
    if (error.kind === 'aborted') throw request.signal?.reason ?? error;
    throw transportFault(LIVEPERSON, purpose, error);
  }
}
