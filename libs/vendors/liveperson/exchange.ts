import type { HttpConnection, HttpRequest } from '#libs/http/index.js';
import { answerOf, type ApiAnswer, type CallPurpose } from '../common/index.js';
import { LIVEPERSON } from './errors.js';

/**
 * One call that carries no bearer: to the Domain API, the login or Sentinel. Returns whatever status comes.
 * @throws VendorError when no whole answer came
 * @throws the signal's reason when the caller stopped it
 */
export function exchange(
  connection: Pick<HttpConnection, 'call'>,
  purpose: CallPurpose,
  request: HttpRequest,
): Promise<ApiAnswer> {
  return answerOf(LIVEPERSON, purpose, connection, request);
}
