import { z } from 'zod';
import {
  JOB_STATUSES,
  LISTED_WAITS,
  NAME_PATTERN,
  OPERATION_KINDS,
  RECONCILIATION_MODES,
} from '#libs/contracts/index.js';
import { CHAINS } from '#libs/onboarding/index.js';
import { textFault } from '#libs/text/text-faults.js';
import { onboardingSpecSchema } from './spec.schema.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const name = z.string().regex(NAME_PATTERN, { error: 'must be 1 to 48 lower-case letters, digits and inner hyphens' });
const runId = z
  .string()
  .regex(/^[0-9A-Za-z-]{1,64}$/, { error: 'must be the runId of a job' })
  .meta({ description: 'Names the attempt; the latest onboarding when left out' });

/** What every list takes. */
export const paging = {
  limit: z.coerce
    .number({ error: 'must be a number' })
    .int({ error: 'must be a whole number' })
    .min(1, { error: 'must be at least 1' })
    .max(MAX_LIMIT, { error: `must be at most ${MAX_LIMIT}` })
    .default(DEFAULT_LIMIT),
  cursor: z.string().max(2_000).optional().meta({ description: 'The nextCursor of the page before' }),
};

const ACCOUNT_PATTERN = /^[a-z0-9-]{1,48}(?:\.[a-z0-9-]{1,48})?$/;
const kinds = OPERATION_KINDS.join('|');
const KINDS_PATTERN = new RegExp(`^(?:${kinds})(?:,(?:${kinds}))*$`);

/** Query of `GET /v1/onboardings`. */
export const jobListQuerySchema = z
  .strictObject({
    tenant: name.optional(),
    status: z.enum(JOB_STATUSES, { error: `must be one of ${JOB_STATUSES.join(', ')}` }).optional(),
    waitingFor: z
      .enum(LISTED_WAITS, { error: `must be one of ${LISTED_WAITS.join(', ')}` })
      .optional()
      .meta({ description: 'Open jobs that wait for this; engine: tasks of their workflow fail again and again' }),
    chain: z.enum(CHAINS, { error: `must be one of ${CHAINS.join(', ')}` }).optional(),
    account: z
      .string()
      .regex(ACCOUNT_PATTERN, { error: 'must be an account as tenant.account, or its name beside tenant' })
      .optional(),
    kind: z
      .string()
      .regex(KINDS_PATTERN, { error: `must be some of ${OPERATION_KINDS.join(', ')}, comma-separated` })
      .optional()
      .meta({ description: 'Comma-separated; without it onboard, amend and offboard' }),
    ...paging,
  })
  .refine(({ account, tenant }) => account === undefined || account.includes('.') || tenant !== undefined, {
    path: ['account'],
    error: 'must be tenant.account where no tenant is given',
  });

/** Query of `GET /v1/accounts`. */
export const accountListQuerySchema = z.strictObject({
  tenant: name.optional(),
  chain: z.enum(CHAINS, { error: `must be one of ${CHAINS.join(', ')}` }).optional(),
  drift: z
    .string()
    .regex(/^[a-z-]{1,32}$/, { error: 'must be true, false or a kind of drift' })
    .optional()
    .meta({ description: 'true, false or a kind: missing, changed, not-ready, duplicate' }),
  ...paging,
});

/** Query of the calls that name a job. */
export const runQuerySchema = z.strictObject({ runId: runId.optional() });

/** Query of `GET /v1/onboardings/{id}/events`. */
export const eventsQuerySchema = z.strictObject({
  runId: runId.optional(),
  after: z.string().max(100).optional().meta({ description: 'The id of the last event that was read' }),
});

/** Query of `POST /v1/plans`. */
export const planQuerySchema = z.strictObject({
  offline: z
    .enum(['true', 'false', ''], { error: 'must be true or false' })
    .optional()
    .meta({ description: 'true: do not look at the vendors' }),
  fresh: z.enum(['true', 'false', ''], { error: 'must be true or false' }).optional().meta({
    description: 'true: nothing that was read before the question may stand for it. No plan rests on such, see basedOn',
  }),
});

const reason = z
  .string({ error: 'is missing: say why, in 1 to 500 characters' })
  .trim()
  .min(1, { error: 'must not be empty: say why, in 1 to 500 characters' })
  .max(500, { error: 'must have at most 500 characters' })
  .superRefine((value, ctx) => {
    const message = textFault(value, 'lines');
    if (message !== undefined) ctx.addIssue({ code: 'custom', message });
  });

/** Body of the commands. */
export const commandSchema = z.strictObject({ reason }).meta({ id: 'Command' });

/** Body of `POST /v1/onboardings/{id}/retry`. The spec is judged like that of a start. */
export const retrySchema = z
  .strictObject({
    reason,
    spec: z
      .unknown()
      .meta({ describedAs: 'OnboardingSpec', description: 'The corrected spec to go on with' })
      .optional(),
  })
  .meta({ id: 'Retry' });

/** Body of `POST /v1/onboardings`, for the API description; `parseSpec` judges it. */
export const startSchema = onboardingSpecSchema
  .extend({
    planHash: z.string().optional().meta({ description: 'Refuse to start unless the plan of this spec has this hash' }),
  })
  .meta({ id: 'StartOnboarding' });

/** Query of `DELETE /v1/accounts/{id}`. */
export const offboardQuerySchema = z.strictObject({ reason: reason.optional() });

/** Query of `GET /v1/accounts/{id}/plan`. */
export const accountPlanQuerySchema = z.strictObject({
  operation: z.enum(['offboard', 'repair'], { error: 'must be offboard or repair' }),
});

/** Body of `POST /v1/accounts/{id}/reconcile`. */
export const reconcileSchema = z
  .strictObject({
    mode: z.enum(['observe', 'repair'], { error: 'must be observe or repair' }),
    rewriteSecrets: z.boolean({ error: 'must be true or false' }).optional(),
  })
  .refine(({ mode, rewriteSecrets }) => mode === 'repair' || rewriteSecrets !== true, {
    path: ['rewriteSecrets'],
    error: 'writes, so it needs mode repair',
  })
  .meta({ id: 'Reconcile' });

/** Body of `PUT /v1/accounts/{id}/reconciliation`. */
export const capSchema = z
  .strictObject({
    mode: z.enum(RECONCILIATION_MODES, { error: 'must be off, observe or repair' }),
    until: z.iso
      .datetime({ offset: true, error: 'must be an RFC 3339 time, as 2026-12-24T00:00:00Z' })
      .refine((text) => Date.parse(text) > Date.now(), { error: 'must be in the future' })
      .optional(),
    reason,
  })
  .meta({ id: 'ReconciliationCap' });
