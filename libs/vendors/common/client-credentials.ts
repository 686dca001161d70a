import { z } from 'zod';
import type { HttpConnection, IssuedToken } from '#libs/http/index.js';
import { firstObject, isSuccess } from './answer.js';
import { refusalFault, unreadableFault, type AnswerRow, type CallPurpose, type VendorName } from './fault-table.js';
import { retryAfterMs } from './retry-after.js';
import { isToken } from './ids.js';
import { answerOf } from './vendor-api.js';

/** A token endpoint and how to ask it. */
export interface TokenEndpoint {
  url: string;
  headers?: Record<string, string>;
  /** Sent as a form. */
  form: Record<string, string>;
  /** The secrets among them, kept out of messages. */
  secrets: readonly string[];
  /** Lifetime to assume when the answer names none. */
  defaultLifetimeMs: number;
}

const issued = z.looseObject({
  access_token: z.string().refine(isToken),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

/** RFC 6749 section 5.2; a gateway may answer anything else. */
const refused = z.looseObject({
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

/** The table of token endpoints, the same for all vendors: their error bodies follow RFC 6749. */
const TOKEN_ROWS: readonly AnswerRow[] = [
  {
    status: [400, 499],
    says: /^(temporarily_unavailable|server_error) /,
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    clause: 'cannot issue an access token at the moment',
    source: 'RFC 6749 §4.1.2.1',
  },
  {
    status: 429,
    code: 'RATE_LIMITED',
    retryable: true,
    clause: 'issues no more access tokens for now',
    source: 'docs/vendors/sinch.md §6',
  },
  {
    status: [400, 401],
    says: /^(invalid_scope) /,
    code: 'PERMISSION_DENIED',
    clause: 'does not grant the scope that the connection asks for; check it, and what was granted to the OAuth client',
    source: 'docs/vendors/egain.md §3.2, RFC 6749 §5.2',
  },
  {
    status: [400, 401],
    says: /^(invalid_request|unsupported_grant_type) /,
    code: 'INVALID_REQUEST',
    clause: 'does not understand the token request; check tokenUrl and scope of the connection',
    source: 'RFC 6749 §5.2',
  },
  {
    status: [400, 401],
    code: 'CREDENTIALS_REJECTED',
    clause: "does not accept the connection's credentials; check them in the connections file",
    source: 'docs/vendors/egain.md §3.2, RFC 6749 §5.2',
  },
  {
    status: 403,
    code: 'PERMISSION_DENIED',
    clause: 'does not issue an access token to this client',
    source: 'docs/vendors/egain.md §3.2',
  },
  {
    status: [500, 599],
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    clause: 'cannot issue an access token at the moment',
    source: 'docs/vendors/egain.md §9.3, docs/vendors/sinch.md §5',
  },
  {
    status: 408,
    code: 'VENDOR_UNAVAILABLE',
    retryable: true,
    clause: 'cannot issue an access token at the moment',
    source: 'RFC 9110 §15.5.9',
  },
  {
    status: [300, 499],
    code: 'INVALID_REQUEST',
    clause: 'has no token endpoint there; check tokenUrl of the connection',
    source: 'docs/vendors/egain.md §3.1',
  },
];

/**
 * Asks once for an access token by client credentials.
 * @throws VendorError with operation `token`
 */
export async function issueToken(
  name: VendorName,
  connection: HttpConnection,
  endpoint: TokenEndpoint,
): Promise<IssuedToken> {
  const purpose: CallPurpose = { resource: 'token', operation: 'token', secrets: endpoint.secrets };
  const { url, headers, form } = endpoint;
  const answer = await answerOf(name, purpose, connection, {
    method: 'POST',
    url,
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  if (!isSuccess(answer.status)) {
    const { error, error_description: text } = refused.safeParse(firstObject(answer.json)).data ?? {};
    throw refusalFault(name, TOKEN_ROWS, purpose, answer, {
      vendorCode: error ?? null,
      text,
      retryAfterMs: retryAfterMs(answer.headers),
    });
  }
  const token = issued.safeParse(answer.json);
  if (!token.success) throw unreadableFault(name, purpose, answer, 'sent no access token');
  const { access_token: value, expires_in: seconds } = token.data;
  return { token: value, expiresInMs: seconds === undefined ? endpoint.defaultLifetimeMs : seconds * 1_000 };
}
