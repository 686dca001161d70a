import type { Finding } from '#libs/fields/findings.js';

/** Everything that a caller can be refused with: slug -> status and title. The slugs are stable; clients act on them. */
export const PROBLEMS = {
  'invalid-spec': [400, 'The spec is not valid'],
  'invalid-request': [400, 'The request is not valid'],
  'malformed-json': [400, 'The body is not valid JSON'],
  'invalid-payload': [400, 'A payload cannot be decoded'],
  unauthorized: [401, 'No valid key or token'],
  'missing-scope': [403, 'The key or token lacks a scope'],
  'tenant-not-allowed': [403, 'The key or token does not cover this tenant'],
  'origin-not-allowed': [403, 'The codec does not serve this caller'],
  'encoding-off': [403, 'Encoding is switched off'],
  'not-found': [404, 'Not found'],
  'method-not-allowed': [405, 'The method is not allowed here'],
  'request-timeout': [408, 'The request took too long'],
  'onboarding-in-progress': [409, 'Another onboarding of this account is in progress'],
  'account-exists': [409, 'The account exists already'],
  interrupted: [409, 'The account is interrupted'],
  'plan-changed': [409, 'The plan is not the one that was previewed'],
  'operation-in-progress': [409, 'Another operation of this account is in progress'],
  'offboarding-in-progress': [409, 'The account is being taken off'],
  'queue-full': [409, 'Too much waits for this account already'],
  protected: [409, 'The account is protected'],
  'name-taken': [409, 'The name is taken'],
  'wrong-status': [409, 'The command does not fit the status of the job'],
  'spec-changed': [412, 'The spec has changed since it was read'],
  'body-too-large': [413, 'The body is too large'],
  'spec-too-large': [413, 'The spec is too large for a job'],
  'address-too-long': [414, 'The address is too long'],
  'unsupported-media-type': [415, 'The body must be JSON'],
  'expectation-failed': [417, 'An expectation cannot be met'],
  'idempotency-key-reused': [422, 'The idempotency key was used for another body'],
  'quota-exceeded': [429, 'The quota of the tenant is used up'],
  'rate-limited': [429, 'Too many requests'],
  'too-many-previews': [429, 'Too many plans are open'],
  'too-many-streams': [429, 'Too many event streams are open'],
  'headers-too-large': [431, 'The headers are too large'],
  'internal-error': [500, 'Something went wrong inside Gangway'],
  'other-key-ring': [500, 'What Temporal keeps cannot be decrypted'],
  'vendor-fault': [502, 'A vendor did not answer as needed'],
  'engine-unavailable': [503, 'Temporal cannot be reached'],
  'lists-busy': [503, 'Too many lists are asked for'],
  'identity-unavailable': [503, 'The issuer of tokens cannot be reached'],
  'no-worker': [503, 'No worker answered in time'],
  stopping: [503, 'The API is stopping'],
} as const satisfies Record<string, readonly [number, string]>;

/** More findings are counted only: what is wrong in a thousand places is not mended by a list of them. */
const FINDINGS_SHOWN = 100;

export type ProblemSlug = keyof typeof PROBLEMS;

export interface ProblemExtras {
  /** For validation: all findings at once. The answer shows the first 100 and counts the rest. */
  errors?: readonly Finding[];
  headers?: Readonly<Record<string, string>>;
  /** More members of the answer (RFC 9457 section 3.2). */
  members?: Readonly<Record<string, unknown>>;
  /** Why, as one word for metrics and audit; the caller is not told. */
  reason?: string;
  cause?: unknown;
}

/** A refusal as the caller gets it (RFC 9457). Thrown anywhere, written by the one filter. */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly slug: ProblemSlug,
    readonly detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    super(`${slug}: ${detail}`, extras.cause === undefined ? {} : { cause: extras.cause });
    this.name = 'Problem';
    [this.status, this.title] = PROBLEMS[slug];
    this.headers = extras.headers ?? {};
  }

  /** The body of the answer. */
  body(instance: string, traceId: string): Record<string, unknown> {
    const { errors, members } = this.extras;
    return {
      type: `https://gangway.dev/problems/${this.slug}`,
      title: this.title,
      status: this.status,
      detail: this.detail,
      instance,
      traceId,
      ...(errors ? { errors: errors.slice(0, FINDINGS_SHOWN) } : {}),
      ...(errors && errors.length > FINDINGS_SHOWN ? { moreErrors: errors.length - FINDINGS_SHOWN } : {}),
      ...members,
    };
  }
}

/** Characters of the longest pointer that is told. */
const POINTER_LIMIT = 1_000;

/** Wrong input: all findings at once. */
export function invalid(slug: 'invalid-spec' | 'invalid-request', errors: readonly Finding[]): Problem {
  const count = errors.length === 1 ? 'one field' : `${errors.length} fields`;
  const detail = slug === 'invalid-spec' ? `Correct ${count}; nothing was started.` : `Correct ${count}.`;
  return new Problem(slug, detail, { errors: errors.map(shortened) });
}

/** A place whose names are longer than anybody writes them is told by the place that holds it: refusals stay short. */
function shortened(finding: Finding): Finding {
  let { pointer } = finding;
  while (pointer.length > POINTER_LIMIT) pointer = pointer.slice(0, pointer.lastIndexOf('/'));
  if (pointer === finding.pointer) return finding;
  return { pointer, message: `holds a name that is longer than ${POINTER_LIMIT} characters, which ${finding.message}` };
}

/** The same answer for what is not there and for what is another tenant's: `thing` completes "There is no ...". */
export function notFound(thing: string, extras: ProblemExtras = {}): Problem {
  return new Problem('not-found', `There is no ${thing}.`, extras);
}
