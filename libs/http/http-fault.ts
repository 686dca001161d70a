/**
 * Why a call brought no whole answer.
 * - `not-sent`: its time ran out while it waited for its turn; nothing left this process
 * - `connect`: no connection came about (refused, unknown host, bad certificate); nothing was sent
 * - `timeout`, `reset`: it may have arrived and taken effect
 * - `truncated`: the answer began and broke off
 * - `too-large`: the answer is longer than the caller takes
 * - `aborted`: the caller's signal ended a read
 */
export type HttpFaultKind = 'not-sent' | 'connect' | 'timeout' | 'reset' | 'truncated' | 'too-large' | 'aborted';

/** A call without a whole answer. Its message names kind and host, never the path, headers or a body. */
export class HttpFault extends Error {
  constructor(
    readonly kind: HttpFaultKind,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'HttpFault';
  }

  /** Whether the call certainly had no effect. */
  get unsent(): boolean {
    return this.kind === 'not-sent' || this.kind === 'connect';
  }
}

const CONNECT_CODES = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

const TIMEOUT_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);

/** Classifies an exception of the HTTP client; `answering` once the status of the answer had come. */
export function faultKindOf(error: unknown, answering: boolean): HttpFaultKind {
  const codes = codesOf(error);
  if (codes.some((code) => CONNECT_CODES.has(code))) return 'connect';
  if (codes.some((code) => TIMEOUT_CODES.has(code))) return 'timeout';
  return answering ? 'truncated' : 'reset';
}

/** The codes of an error, of its causes, and of the parts of an `AggregateError` (one per address that was tried). */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [...own, ...codesOf(error.cause), ...parts.flatMap(codesOf)];
}
