import { z } from 'zod';
import {
  ACCOUNT_STATES,
  CHAINS,
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
  STEP_STATUSES,
  VENDORS,
  WAIT_KINDS,
} from '#libs/contracts/index.js';

/** RFC 3339 UTC. */
const time = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });
const finding = z
  .object({
    pointer: z.string().meta({ description: 'RFC 6901, without #; empty for the whole body' }),
    message: z.string(),
  })
  .meta({ id: 'Finding' });
const outcome = z.enum(OUTCOMES).meta({ id: 'StepOrigin', description: 'What the step did' });
const ownership = z
  .enum(OWNERSHIPS)
  .meta({ id: 'Ownership', description: 'How the account first came by the object; it lasts' });
const driftKind = z.enum(DRIFT_KINDS).meta({ id: 'DriftKind' });
const vendor = z.enum(VENDORS);
const chain = z.enum(CHAINS);

/** The body of every error (RFC 9457). */
export const problemSchema = z
  .looseObject({
    type: z.url().meta({ description: 'https://gangway.dev/problems/<slug>, stable' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    traceId: z.string(),
    errors: z.array(finding).optional().meta({ description: 'The first 100 findings' }),
    moreErrors: z.int().optional().meta({ description: 'How many findings there are besides' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457; some problems have further members' });

const links = z
  .object({ self: z.string(), events: z.string(), temporalUi: z.string().nullable() })
  .meta({ id: 'JobLinks' });

const waitingFor = z
  .object({
    kind: z.enum(WAIT_KINDS),
    since: time,
    until: time.optional(),
    who: z.string().optional(),
    instruction: z.string().optional(),
  })
  .meta({ id: 'WaitingFor' });

const stepError = z
  .object({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    httpStatus: z.int().nullable(),
    vendorCode: z.string().nullable(),
    retryAt: time.nullable(),
  })
  .meta({ id: 'StepError' });

const step = z
  .object({
    key: z.string(),
    vendor,
    resource: z.string(),
    title: z.string(),
    status: z.enum(STEP_STATUSES),
    origin: outcome.nullable(),
    needs: z.array(z.string()),
    externalId: z.string().nullable(),
    attempt: z.int(),
    startedAt: time.nullable(),
    endedAt: time.nullable(),
    lastError: stepError.nullable(),
    drift: driftKind.nullable().optional().meta({ description: 'Of a reconciliation: what differs of the object' }),
  })
  .meta({ id: 'Step' });

const leftover = z
  .object({ key: z.string(), externalId: z.string(), reason: z.string() })
  .meta({ id: 'Leftover', description: 'An object that could not be taken back' });

const notification = z
  .object({
    event: z.enum(NOTIFY_EVENTS),
    status: z.enum(NOTIFICATION_STATUSES),
    attempts: z.int(),
    lastError: z
      .object({
        code: z.enum(DELIVERY_CODES),
        message: z.string(),
        httpStatus: z.int().nullable(),
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
    reason: z.string().nullable(),
    waitingFor: waitingFor.nullable(),
    steps: z.array(step),
    leftovers: z.array(leftover),
    repair: repair.optional(),
    notifications: z
      .array(notification)
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
function page(item: z.ZodType, id: string): z.ZodType {
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
  .object({ commandId: z.string(), runId: z.string().meta({ description: 'The job that it is for' }) })
  .meta({ id: 'CommandAccepted' });

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

const difference = z
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

/** Answer of `POST /v1/plans`. */
export const planAnswerSchema = z
  .object({
    id: z.string(),
    planHash: z.string(),
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
      }),
    ),
    undo: z.array(z.string()).meta({ description: 'Node keys in the order in which they would be undone' }),
    conflicts: z.array(z.object({ key: z.string(), reason: z.string(), externalId: z.string().nullable() })),
    warnings: z.array(finding),
  })
  .meta({ id: 'Plan' });

const payload = z.strictObject({
  metadata: z.record(z.string(), z.string()).optional(),
  data: z.string().optional(),
});

/** Body and answer of Temporal's remote codec protocol; bytes are base64. */
export const codecSchema = z
  .object({ payloads: z.array(z.looseObject(payload.shape)).max(10_000) })
  .meta({ id: 'Payloads' });
