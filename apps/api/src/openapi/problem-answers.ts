import type { JsonObject } from '#libs/contracts/index.js';
import { PROBLEMS, type ProblemSlug } from '../problems/problem.js';
import { refTo } from './json-schema.js';

/** Any call may be refused for these: who calls is judged first, and how often. */
const ANY: readonly ProblemSlug[] = [
  ...(['unauthorized', 'missing-scope', 'rate-limited'] as const),
  ...(['internal-error', 'identity-unavailable', 'stopping'] as const),
];
/** What the HTTP server itself refuses, whatever is called, and addresses that are none: of no operation in particular. */
export const OF_NO_OPERATION: readonly ProblemSlug[] = [
  ...(['method-not-allowed', 'request-timeout', 'address-too-long'] as const),
  ...(['expectation-failed', 'headers-too-large'] as const),
];
/** Calls with a body. */
const BODY: readonly ProblemSlug[] = ['malformed-json', 'invalid-request', 'body-too-large', 'unsupported-media-type'];
/** Calls that ask Temporal. */
const ENGINE: readonly ProblemSlug[] = ['engine-unavailable', 'other-key-ring'];
/** Calls with a spec. */
const SPEC: readonly ProblemSlug[] = ['invalid-spec', 'tenant-not-allowed'];
/** Calls that look at the vendors. */
const LOOK: readonly ProblemSlug[] = ['vendor-fault', 'no-worker', 'too-many-previews'];
/** Calls about one job, which a query may name. */
const JOB: readonly ProblemSlug[] = [...ENGINE, 'lists-busy', 'invalid-request', 'not-found'];
const COMMAND: readonly ProblemSlug[] = [...JOB, ...BODY, 'wrong-status'];
const LIST: readonly ProblemSlug[] = [...ENGINE, 'lists-busy', 'invalid-request', 'tenant-not-allowed'];

/** What each operation may be refused with, besides `ANY`. A test compares it with the operations that there are. */
const OPERATIONS: Readonly<Record<string, readonly ProblemSlug[]>> = {
  Plans_plan: [
    ...[...ENGINE, ...BODY, ...SPEC, ...LOOK],
    ...(['onboarding-in-progress', 'offboarding-in-progress', 'protected'] as const),
  ],
  Plans_read: [...ENGINE, 'not-found', 'vendor-fault'],
  AccountPlans_plan: [
    ...[...JOB, ...LOOK],
    ...(['onboarding-in-progress', 'offboarding-in-progress', 'interrupted', 'protected'] as const),
  ],
  Onboardings_start: [
    ...ENGINE,
    ...BODY,
    ...SPEC,
    'onboarding-in-progress',
    'account-exists',
    'operation-in-progress',
    'offboarding-in-progress',
    'interrupted',
    'plan-changed',
    'spec-too-large',
    'quota-exceeded',
    'lists-busy',
    'idempotency-key-reused',
  ],
  Onboardings_list: LIST,
  Onboardings_progress: JOB,
  Onboardings_events: [...JOB, 'too-many-streams'],
  Commands_cancel: COMMAND,
  Commands_retry: [...COMMAND, ...SPEC, 'spec-too-large'],
  Commands_rollback: COMMAND,
  Commands_acceptLeftovers: COMMAND,
  Handoff_read: JOB,
  Handoff_answer: COMMAND,
  AccountOperations_amend: [
    ...(['not-found', 'onboarding-in-progress', 'offboarding-in-progress', 'queue-full', 'protected'] as const),
    ...(['spec-changed', 'spec-too-large', 'plan-changed', 'idempotency-key-reused'] as const),
    ...[...ENGINE, ...BODY, ...SPEC],
  ],
  AccountOperations_offboard: [
    ...JOB,
    ...BODY, // it takes none, and reads the one that is sent
    'onboarding-in-progress',
    'spec-changed',
    'offboarding-in-progress',
    'queue-full',
    'protected',
  ],
  AccountOperations_reconcile: [
    ...JOB,
    ...BODY,
    'onboarding-in-progress',
    'interrupted',
    'offboarding-in-progress',
    'queue-full',
  ],
  AccountOperations_cap: [...JOB, ...BODY, 'onboarding-in-progress'],
  Accounts_list: LIST,
  Accounts_read: [...ENGINE, 'not-found'],
  Credentials_read: [...ENGINE, 'not-found'],
  Reconciliations_start: [...ENGINE, ...BODY, 'tenant-not-allowed'],
  Reconciliations_list: LIST,
  Reconciliations_read: [...ENGINE, 'not-found'],
  Reconciliations_cancel: [...ENGINE, ...BODY, 'not-found', 'wrong-status'],
  Schedules_list: [...ENGINE, 'invalid-request'],
  Schedules_read: [...ENGINE, 'not-found'],
  Schedules_set: [...ENGINE, ...BODY, 'not-found', 'tenant-not-allowed', 'name-taken'],
  Schedules_remove: [...ENGINE, ...BODY, 'not-found'],
  Codec_decode: [...BODY, 'invalid-payload', 'origin-not-allowed'],
  Codec_encode: [...BODY, 'invalid-payload', 'origin-not-allowed', 'encoding-off'],
};

const WITH_RETRY_AFTER: readonly ProblemSlug[] = [
  'rate-limited',
  'engine-unavailable',
  'lists-busy',
  'identity-unavailable',
  'no-worker',
  'too-many-streams',
  'too-many-previews',
  'stopping',
];

/** The `type` by which clients know a problem. */
export function problemType(slug: string): string {
  return `https://gangway.dev/problems/${slug}`;
}

/** What an operation may be refused with. @throws RangeError for an operation that the table does not have */
export function problemsOf(operationId: string): ProblemSlug[] {
  const own = OPERATIONS[operationId];
  if (!own) throw new RangeError(`problem-answers.ts does not say what ${operationId} may be refused with`);
  return SLUGS.filter((slug) => ANY.includes(slug) || own.includes(slug));
}

/** The refusals of an operation: status -> answer, each a component, since many operations share them. */
export function problemAnswers(operationId: string): Record<string, JsonObject> {
  return Object.fromEntries(
    byStatus(problemsOf(operationId)).map(([status, slugs]) => [
      String(status),
      { $ref: `#/components/responses/${nameOf(slugs)}` },
    ]),
  );
}

/** The components that `problemAnswers` refers to. */
export function problemComponents(): JsonObject {
  const groups = Object.keys(OPERATIONS).flatMap((operation) => byStatus(problemsOf(operation)));
  return Object.fromEntries(groups.map(([, slugs]) => [nameOf(slugs), answer(slugs)]));
}

const SLUGS = Object.keys(PROBLEMS) as ProblemSlug[];

function byStatus(slugs: readonly ProblemSlug[]): [number, ProblemSlug[]][] {
  const statuses = [...new Set(slugs.map((slug) => PROBLEMS[slug][0]))].sort((a, b) => a - b);
  return statuses.map((status) => [status, slugs.filter((slug) => PROBLEMS[slug][0] === status)]);
}

/** `MissingScopeOrTenantNotAllowed`. */
function nameOf(slugs: readonly ProblemSlug[]): string {
  const words = (slug: string): string => slug.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase());
  return slugs.map(words).join('Or');
}

function answer(slugs: readonly ProblemSlug[]): JsonObject {
  const types = { type: 'object', properties: { type: { type: 'string', enum: slugs.map(problemType) } } };
  return {
    description: slugs.map((slug) => `\`${slug}\`: ${PROBLEMS[slug][1]}`).join('\n\n'),
    ...headersOf(slugs),
    content: { 'application/problem+json': { schema: { allOf: [refTo('Problem'), types] } } },
  };
}

function headersOf(slugs: readonly ProblemSlug[]): JsonObject {
  if (slugs.includes('unauthorized')) return { headers: { 'WWW-Authenticate': header('How to authenticate') } };
  if (!slugs.some((slug) => WITH_RETRY_AFTER.includes(slug))) return {};
  return { headers: { 'Retry-After': { ...header('Seconds after which to try again'), schema: { type: 'integer' } } } };
}

function header(description: string): JsonObject {
  return { description, schema: { type: 'string' } };
}
