import { z } from 'zod';
import {
  ACCOUNT_STATES,
  ERROR_CODES,
  DELIVERY_CODES,
  JOB_STATUSES,
  NOTIFICATION_STATUSES,
  NOTIFY_EVENTS,
  OPERATION_KINDS,
  OUTCOMES,
  OWNERSHIPS,
  RECONCILIATION_MODES,
  DRIFT_KINDS,
  FORESEEN_ACTIONS,
  STEP_STATUSES,
  WAIT_KINDS,
} from '#libs/contracts/index.js';
import { CHAINS, VENDORS } from '#libs/onboarding/index.js';

/** RFC 3339 UTC. */
export const time = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });
export const finding = z
  .object({
    pointer: z.string().meta({ description: 'RFC 6901, without #; empty for the whole body' }),
    message: z.string().meta({ description: 'What is wrong and what to do about it' }),
  })
  .meta({ id: 'Finding', description: 'Something wrong, or worth knowing, about a field' });
/** A status of HTTP; null where no answer came. */
const httpStatus = z.int().min(100).max(599).nullable();
const outcome = z.enum(OUTCOMES);
const ownership = z.enum(OWNERSHIPS);
export const driftKind = z.enum(DRIFT_KINDS);
export const vendor = z.enum(VENDORS);
export const chain = z.enum(CHAINS);

/** The body of every error (RFC 9457). */
export const problemSchema = z
  .object({
    type: z.url().meta({ description: 'https://gangway.dev/problems/<slug>, stable: what to decide by' }),
    title: z.string().meta({ description: 'The kind of problem in a few words' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong here, and what to do' }),
    instance: z.string().meta({ description: 'The address that was asked' }),
    traceId: z.string().meta({ description: 'Names the request in the logs' }),
    errors: z.array(finding).max(100).optional().meta({ description: 'Of invalid input, the first 100 findings' }),
    moreErrors: z.int().min(1).optional().meta({ description: 'How many findings there are besides' }),
    scope: z.string().optional().meta({ description: 'missing-scope: the scope that is needed' }),
    runId: z.string().optional().meta({ description: 'onboarding-in-progress: the job that runs' }),
    planHash: z.string().optional().meta({ description: 'plan-changed: the hash of the plan as it is now' }),
    jobStatus: z.enum(JOB_STATUSES).optional().meta({ description: 'wrong-status: the status that the job has' }),
    quota: z.string().optional().meta({ description: 'quota-exceeded: which one, openJobs or accounts' }),
    limit: z.int().min(0).optional().meta({ description: 'quota-exceeded: how many there may be' }),
    connection: z.string().optional().meta({ description: 'vendor-fault: the connection that did not answer' }),
    code: z.enum(ERROR_CODES).nullable().optional().meta({ description: 'vendor-fault: what went wrong' }),
  })
  .meta({ id: 'Problem', description: 'Why a call was refused or failed (RFC 9457); docs/problems.md lists them all' });

const links = z
  .object({ self: z.string(), events: z.string(), temporalUi: z.string().nullable() })
  .meta({ id: 'JobLinks' });

export const waitingForSchema = z
  .object({
    kind: z.enum(WAIT_KINDS),
    since: time,
    until: time.optional().meta({ description: 'When it goes on, or is given up' }),
    who: z.string().optional().meta({ description: 'Whom to ask' }),
    instruction: z.string().optional().meta({ description: 'What to do' }),
  })
  .meta({ id: 'WaitingFor' });

export const stepErrorSchema = z
  .object({
    code: z.enum(ERROR_CODES),
    message: z.string().meta({ description: 'A sentence for people' }),
    httpStatus: httpStatus.meta({ description: "Of the vendor's answer; null when none came" }),
    vendorCode: z.string().nullable().meta({ description: "The vendor's own code" }),
    retryAt: time.nullable().meta({ description: 'When it is tried again; null: it is not, or is now' }),
  })
  .meta({ id: 'StepError' });

const step = z
  .object({
    key: z.string().meta({ description: 'Key of the node, which begins with the name of its vendor' }),
    vendor,
    resource: z.string(),
    title: z.string(),
    status: z.enum(STEP_STATUSES),
    origin: outcome.nullable(),
    needs: z.array(z.string()).meta({ description: 'Keys of the steps that come before' }),
    externalId: z.string().nullable().meta({ description: "The vendor's id of the object" }),
    attempt: z.int().min(0),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    lastError: stepErrorSchema.nullable(),
    drift: driftKind.nullable().optional().meta({ description: 'Of a reconciliation: what differs of the object' }),
  })
  .meta({ id: 'Step' });

export const leftoverSchema = z
  .object({ key: z.string(), externalId: z.string(), reason: z.string() })
  .meta({ id: 'Leftover', description: 'An object that could not be taken back' });

export const notificationSchema = z
  .object({
    event: z.enum(NOTIFY_EVENTS),
    status: z.enum(NOTIFICATION_STATUSES),
    attempts: z.int().min(0),
    lastError: z
      .object({
        code: z.enum(DELIVERY_CODES),
        message: z.string(),
        httpStatus,
        retryAt: time.nullable(),
      })
      .nullable()
      .meta({ description: 'Of the last try; null once one has delivered' }),
    id: z.string().meta({ description: 'webhook-id' }),
    host: z.string().meta({ description: "The receiver's host" }),
    at: time.meta({ description: 'When the event came about' }),
  })
  .meta({ id: 'NotificationProgress', description: 'One event for one receiver' });

const repair = z
  .object({
    repaired: z.array(z.string()),
    replaced: z.array(z.object({ key: z.string(), before: z.string(), after: z.string() })),
    reissued: z.array(z.string()),
  })
  .meta({
    id: 'Repair',
    description: 'What a repair has done: keys brought back, objects made anew, keys with new credentials',
  });

/** Answer of `GET /v1/onboardings/{id}` (`docs/http.md` §4.2). */
export const progressSchema = z
  .object({
    id: z.string(),
    runId: z.string(),
    tenant: z.string(),
    account: z.string(),
    chain,
    kind: z.enum(OPERATION_KINDS),
    status: z.enum(JOB_STATUSES),
    startedAt: time,
    updatedAt: time,
    closedAt: time.nullable(),
    percent: z.int().min(0).max(100),
    reason: z.string().nullable().meta({ description: 'Why it stands as it does, for people' }),
    waitingFor: waitingForSchema.nullable(),
    steps: z.array(step),
    leftovers: z.array(leftoverSchema),
    repair: repair.optional(),
    notifications: z
      .array(notificationSchema)
      .optional()
      .meta({ description: 'There when the spec asks for some; the latest 100' }),
    links,
  })
  .meta({ id: 'Progress' });

/** An item of `GET /v1/onboardings`. */
export const jobItemSchema = z
  .object({
    id: z.string(),
    runId: z.string(),
    tenant: z.string(),
    account: z.string(),
    chain: chain.nullable(),
    kind: z.enum(OPERATION_KINDS),
    status: z.enum(JOB_STATUSES),
    waitingFor: z.object({ kind: z.enum(WAIT_KINDS) }).nullable(),
    errorCode: z.enum(ERROR_CODES).nullable(),
    step: z.string().nullable(),
    startedAt: time,
    closedAt: time.nullable(),
    links,
  })
  .meta({ id: 'JobItem' });

/** A page of a list. */
export function page(item: z.ZodType, id: string): z.ZodType {
  return z
    .object({ items: z.array(item), nextCursor: z.string().nullable().meta({ description: 'null on the last page' }) })
    .meta({ id });
}

export const jobPageSchema = page(jobItemSchema, 'JobPage');

/** Answer of `POST /v1/onboardings`. */
export const startedSchema = z
  .object({
    id: z.string(),
    runId: z.string(),
    status: z.enum(JOB_STATUSES),
    links,
    warnings: z.array(finding),
  })
  .meta({ id: 'StartedJob' });

/** Answer of every command. */
export const commandAnswerSchema = z
  .object({
    commandId: z.string(),
    runId: z.string().meta({ description: 'The job that it is for' }),
    waitingFor: waitingForSchema.optional().meta({
      description: 'There when the job cannot take the command now: it is kept, and takes effect once this is over',
    }),
  })
  .meta({ id: 'CommandAccepted' });

/** Answer of what sets something of an account. */
export const noteAnswerSchema = z.object({ commandId: z.string() }).meta({ id: 'NoteAnswer' });

const operationRecord = z
  .object({
    id: z.string(),
    kind: z.enum(OPERATION_KINDS),
    status: z.enum(['running', 'succeeded', 'undone', 'failed', 'held', 'rollback-incomplete', 'interrupted']),
    startedAt: time,
    endedAt: time.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'OperationRecord' });

export const difference = z
  .object({ path: z.string(), expected: z.unknown(), seen: z.unknown() })
  .meta({ id: 'Difference', description: 'One field in which an object differs; secrets are never shown' });

const driftEntry = z
  .object({
    key: z.string(),
    kind: driftKind,
    fields: z.array(difference),
    since: time,
    reason: z.string().optional(),
    externalId: z.string().optional(),
  })
  .meta({ id: 'DriftEntry' });

/** Answer of `GET /v1/accounts/{id}`. */
export const accountSchema = z
  .object({
    id: z.string(),
    tenant: z.string(),
    account: z.string(),
    chain,
    state: z.enum(ACCOUNT_STATES),
    spec: z
      .record(z.string(), z.unknown())
      .meta({ describedAs: 'OnboardingSpec' })
      .nullable()
      .meta({ description: 'The spec; `[secret]` and `<n characters>` mean "as recorded" when it is sent back' }),
    specHash: z.string().nullable().meta({ description: 'Also the ETag' }),
    protect: z.boolean(),
    resources: z.array(
      z.object({ key: z.string(), vendor, resource: z.string(), externalId: z.string(), origin: ownership }),
    ),
    lastOperation: operationRecord.nullable(),
    queue: z.array(z.object({ id: z.string(), kind: z.enum(OPERATION_KINDS), by: z.string(), at: time })),
    lastReconciliation: z
      .object({
        at: time,
        mode: z.enum(['observe', 'repair']),
        status: z.enum(['in-sync', 'drifted', 'repaired', 'failed']),
      })
      .nullable(),
    reconciliation: z
      .object({ mode: z.enum(RECONCILIATION_MODES), until: time.nullable(), by: z.string(), reason: z.string() })
      .nullable(),
    drift: z.array(driftEntry),
    unseen: z.array(z.string()).optional().meta({ description: 'Keys of nodes of which nothing can be read' }),
  })
  .meta({ id: 'Account' });

/** Answer of what queues an operation on an account. */
export const acceptedSchema = z
  .object({
    operationId: z.string().nullable(),
    status: z.enum(JOB_STATUSES).optional(),
    links: links.optional(),
    warnings: z.array(finding).optional(),
  })
  .meta({ id: 'OperationAccepted' });

const accountItem = z
  .object({
    id: z.string(),
    tenant: z.string(),
    account: z.string(),
    chain: chain.nullable(),
    state: z.enum(ACCOUNT_STATES).nullable().meta({ description: 'null when what is kept of it cannot be read' }),
    drift: z.string().nullable(),
    since: time.meta({ description: 'When its current run began' }),
  })
  .meta({ id: 'AccountItem' });

export const accountPageSchema = page(accountItem, 'AccountPage');

const plannedChanges = z
  .array(difference)
  .meta({ description: 'The fields that would be written, secrets as `[secret]`; the first 20, long values cut' });

/** Answer of `POST /v1/plans`. */
export const planAnswerSchema = z
  .object({
    id: z.string(),
    kind: z
      .enum(['onboard', 'amend'])
      .meta({ description: 'amend: the account is there, and a PUT would bring it to the spec' }),
    planHash: z.string(),
    baseSpecHash: z.string().nullable().meta({
      description: 'The hash of the spec with which it was compared, for the If-Match of a PUT; null: with none',
    }),
    nodes: z.array(
      z.object({
        key: z.string(),
        vendor,
        resource: z.string(),
        connection: z.string(),
        title: z.string(),
        needs: z.array(z.string()),
        body: z.record(z.string(), z.unknown()).meta({ description: 'What would be sent, secrets hidden' }),
        action: z.enum(['create', 'adopt', 'update', 'unchanged', 'shared', 'conflict', 'wait']).nullable(),
        reason: z.string().nullable(),
        externalId: z.string().nullable(),
        changes: plannedChanges,
      }),
    ),
    removals: z
      .array(
        z.object({
          key: z.string(),
          vendor,
          resource: z.string(),
          externalId: z.string().nullable(),
          action: z.enum(FORESEEN_ACTIONS).nullable(),
          reason: z.string(),
        }),
      )
      .meta({ description: 'What the spec no longer has, in the order in which it would be removed, last of all' }),
    undo: z.array(z.string()).meta({ description: 'Node keys in the order in which they would be undone' }),
    undoLeadsTo: z.string().meta({ description: 'To what an undo would lead, for people' }),
    conflicts: z.array(z.object({ key: z.string(), reason: z.string(), externalId: z.string().nullable() })),
    warnings: z.array(finding),
    basedOn: z.array(z.object({ connection: z.string(), at: time })).meta({
      description:
        'The connections that were looked at: nothing that the plan rests on was read before. Empty: none was',
    }),
  })
  .meta({ id: 'Plan' });

/** Answer of `POST /v1/plans` and of `GET /v1/plans/{id}` for a plan that is not ready. */
export const pendingPlanSchema = z
  .object({
    id: z.string().meta({ description: 'Of the plan, not of the account' }),
    pages: z.int().meta({ description: "Pages of the vendors' lists that have been read" }),
    of: z.int().nullable().meta({ description: 'How many there will be in all, about; null while that is not known' }),
    links: z.object({ self: z.string().meta({ description: 'Where it is read on' }) }),
  })
  .meta({ id: 'PendingPlan' });

/** Answer of `GET /v1/accounts/{id}/plan`. */
export const accountPlanSchema = z
  .object({
    id: z.string(),
    operation: z.enum(['offboard', 'repair']),
    steps: z
      .array(
        z.object({
          key: z.string(),
          vendor,
          resource: z.string(),
          externalId: z.string().nullable(),
          action: z.enum(FORESEEN_ACTIONS),
          reason: z.string(),
          changes: plannedChanges,
        }),
      )
      .meta({ description: 'In the order in which they would be done' }),
  })
  .meta({ id: 'AccountPlan' });

const payload = z.strictObject({
  metadata: z.record(z.string(), z.string()).optional(),
  data: z.string().optional(),
});

/** Body and answer of Temporal's remote codec protocol; bytes are base64. */
export const codecSchema = z
  .object({ payloads: z.array(z.looseObject(payload.shape)).max(10_000) })
  .meta({ id: 'Payloads' });
