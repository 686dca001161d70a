import { z } from 'zod';
import { COMMAND_VERBS, JOB_STATUSES, OPERATION_KINDS, OUTCOMES, STEP_STATUSES } from '#libs/contracts/index.js';
import { leftoverSchema, notificationSchema, stepErrorSchema, time, waitingForSchema } from './http.schema.js';

/** What every event of a job's stream tells. */
const base = {
  seq: z
    .int()
    .min(1)
    .optional()
    .meta({ description: 'Counts the events of the job; not there where the event has no id' }),
  at: time,
  message: z.string().meta({ description: 'What has happened, as a sentence for people' }),
};

const status = z.enum(JOB_STATUSES);
const waitingFor = waitingForSchema.nullable().optional();
const reason = z.string().nullable().optional();

/** Data of the events of `GET /v1/onboardings/{id}/events`, by their names (`docs/http.md` §4.3): the fields that have changed. */
export const EVENT_DATA = {
  started: z.object({ ...base, status }).meta({ id: 'StartedEvent', description: 'The job was picked up' }),
  step: z
    .object({
      ...base,
      key: z.string().meta({ description: 'The step' }),
      status: z.enum(STEP_STATUSES).optional(),
      origin: z.enum(OUTCOMES).nullable().optional(),
      externalId: z.string().nullable().optional(),
      attempt: z.int().min(0).optional(),
      startedAt: time.nullable().optional(),
      endedAt: time.nullable().optional(),
      lastError: stepErrorSchema.nullable().optional(),
      waitingFor,
      reason,
    })
    .meta({ id: 'StepEvent', description: 'A step has changed' }),
  status: z
    .object({
      ...base,
      status,
      waitingFor,
      reason,
      leftovers: z.array(leftoverSchema).optional(),
      notifications: z.array(notificationSchema).optional(),
    })
    .meta({ id: 'StatusEvent', description: 'The job as a whole has changed, or what it waits for' }),
  command: z
    .object({
      ...base,
      commandId: z.string(),
      verb: z.enum(COMMAND_VERBS),
      by: z.string().meta({ description: 'The caller that asked for it' }),
      reason: z.string(),
      ignored: z.literal(true).optional().meta({ description: 'There when the command did not fit any more' }),
    })
    .meta({ id: 'CommandEvent', description: 'A command has reached the job' }),
  closed: z
    .object({
      ...base,
      status,
      closedAt: time.nullable(),
      reason: z.string().nullable(),
      leftovers: z.array(leftoverSchema),
    })
    .meta({ id: 'ClosedEvent', description: 'The job has ended; the stream ends too' }),
} as const;

/** What a receiver of notifications gets (`docs/notifications.md`). */
export const notificationBodySchema = z
  .object({
    type: z.string().meta({
      description: '<onboarding, amendment, offboarding or reconciliation>.<event>',
      examples: ['onboarding.succeeded'],
    }),
    timestamp: time.meta({ description: 'When the event came about' }),
    data: z.object({
      id: z.string().meta({ description: '{tenant}.{account}' }),
      runId: z.string(),
      kind: z.enum(OPERATION_KINDS),
      status,
      reason: z.string().nullable(),
      links: z.object({ self: z.string(), events: z.string() }),
    }),
  })
  .meta({ id: 'NotificationBody' });
