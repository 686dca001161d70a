import { errorText } from '../errors.js';

/** What the network says of an address, in words; by the error's code, or by its beginning. */
const FAULTS: readonly [code: RegExp, say: (url: URL) => string][] = [
  [/^ECONNREFUSED$/, () => 'connection refused'],
  [/^ENOTFOUND$/, ({ hostname }) => `no address is known for the name ${hostname}`],
  [/^EAI_AGAIN$/, ({ hostname }) => `the name ${hostname} cannot be looked up at the moment`],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, ({ hostname }) => `there is no way to ${hostname} from here`],
  [/^(ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, ({ host }) => `${host} does not answer`],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, () => 'the connection was broken off'],
  [
    /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/,
    ({ host }) => `what listens there does not speak https: is it http://${host} ?`,
  ],
  [/^HPE_/, ({ host }) => `what listens there does not speak http: is it https://${host} ?`],
  [/^CERT_HAS_EXPIRED$/, () => 'its certificate has expired'],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, ({ hostname }) => `its certificate is not for the name ${hostname}`],
  [
    /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?))$/,
    () => 'its certificate is of no authority that is trusted here: name its file in NODE_EXTRA_CA_CERTS',
  ],
];

/** Returns why no answer came from an address, as far as the error tells. */
export function networkFault(url: string, error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = FAULTS.find(([pattern]) => pattern.test(code));
  if (known !== undefined) return known[1](new URL(url));
  return errorText(cause) || code;
}
