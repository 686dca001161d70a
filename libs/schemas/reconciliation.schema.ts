import { z } from 'zod';
import { FLEET_MODES, FLEET_STATUSES, NAME_PATTERN, SCHEDULE_NAME_PATTERN } from '#libs/contracts/index.js';
import { parseDuration } from '#libs/fields/duration.js';
import { CHAINS } from '#libs/onboarding/index.js';
import { readCron, shortestPeriodMs, timeZoneFault, type Rule } from '#libs/schedules/index.js';
import { closestOf } from '#libs/text/closest.js';
import { paging } from './http-request.schema.js';

/** What is said of a name that no schedule can have. */
export const SCHEDULE_NAME_RULE = 'must be 1 to 64 lower-case letters, digits and inner hyphens';

/** Most accounts that one run may be told to repair, and most orphans that it may be told to remove. */
const MOST_CHANGES = 100_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Longest `every`, in days: what comes more rarely is told by a cron. */
const LONGEST_EVERY_DAYS = 365;

const name = z.string({ error: required('a text') }).regex(NAME_PATTERN, {
  error: 'must be 1 to 48 lower-case letters, digits and inner hyphens',
});
const chain = z.enum(CHAINS, { error: `must be one of ${CHAINS.join(', ')}` });
const mode = z.enum(FLEET_MODES, {
  error: ({ input }) => (input === undefined ? 'is missing: give observe or repair' : 'must be observe or repair'),
});
const flag = z.boolean({ error: 'must be true or false' });

function count(min: number, max = MOST_CHANGES): z.ZodNumber {
  return z
    .int({ error: 'must be a whole number' })
    .min(min, { error: `must be at least ${min}` })
    .max(max, { error: `must be at most ${max}` });
}

/** Which accounts, and how far a run may go. */
const run = {
  mode,
  tenant: name.optional().meta({ description: 'Only of this tenant; a caller of some tenants names one of them' }),
  chain: chain.optional().meta({ description: 'Only of this chain' }),
  removeOrphans: flag.optional().meta({ description: 'With repair: remove objects that an earlier run has listed' }),
  maxRepairs: count(0)
    .optional()
    .meta({ description: "Most accounts that are repaired; the installation's when left out" }),
  maxRemovals: count(0)
    .optional()
    .meta({ description: "Most orphans that are removed; the installation's when left out" }),
};

const removal = {
  path: ['removeOrphans'],
  error: 'removes objects, so it needs mode repair',
  when: always,
};

const ONE_RUN_ONLY = 'belongs to one run, after a stop that somebody has judged: give it to POST /v1/reconciliations';

const reconciliationFields = {
  ...run,
  from: z
    .string({ error: required('a text') })
    .regex(/^(?:reconciliation\/)?[a-z0-9][A-Za-z0-9.:-]{0,127}$/, { error: 'must be the id of a run' })
    .optional()
    .meta({ description: 'Id of a finished observe run: exactly its accounts are looked at again and repaired' }),
  stopShare: z
    .number({ error: 'must be a number' })
    .gt(0, { error: 'must be above 0' })
    .max(1, { error: 'must be at most 1: it is a share' })
    .optional()
    .meta({ description: 'For this run alone, of the rules share and same-field' }),
  stopCount: count(1).optional().meta({ description: 'For this run alone, of the rules share and same-field' }),
};

/** Body of `POST /v1/reconciliations`. */
export const reconciliationSchema = z
  .strictObject(reconciliationFields, { error: unknownFields(reconciliationFields) })
  .refine((body) => !(fieldsOf(body)['removeOrphans'] === true && fieldsOf(body)['mode'] === 'observe'), removal)
  .refine((body) => fieldsOf(body)['from'] === undefined || fieldsOf(body)['mode'] !== 'observe', {
    path: ['from'],
    error: 'names accounts to repair, so it needs mode repair',
    when: always,
  })
  .refine((body) => fieldsOf(body)['from'] === undefined || fieldsOf(body)['tenant'] === undefined, {
    path: ['tenant'],
    error: 'must not stand beside from: the accounts are those of that run',
    when: always,
  })
  .refine((body) => fieldsOf(body)['from'] === undefined || fieldsOf(body)['chain'] === undefined, {
    path: ['chain'],
    error: 'must not stand beside from: the accounts are those of that run',
    when: always,
  })
  .meta({ id: 'StartReconciliation' });
export type ReconciliationBody = z.output<typeof reconciliationSchema>;

const scheduleFields = {
  cron: z
    .string({ error: required('a text of five fields') })
    .superRefine((text, ctx) => {
      const reading = readCron(text);
      const faults =
        'faults' in reading
          ? reading.faults
          : shortestPeriodMs(reading.cron) === undefined
            ? ['never comes: none of its months has such a day']
            : [];
      for (const message of faults) ctx.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ description: 'Five fields: minute, hour, day of month, month, day of week', examples: ['30 3 * * *'] }),
  every: z
    .string({ error: required('a duration') })
    .superRefine((text, ctx) => {
      const message = everyFault(text);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ description: 'A period in place of cron, counted from 1970-01-01T00:00:00Z', examples: ['6h'] }),
  timezone: z
    .string({ error: required('a text') })
    .superRefine((text, ctx) => {
      const message = timeZoneFault(text);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ description: 'IANA name of the zone by whose clock cron counts; UTC when left out', examples: ['UTC'] }),
  jitter: z
    .string({ error: required('a duration') })
    .superRefine((text, ctx) => {
      const message = durationFault(text);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ description: 'Up to so much later, so that many schedules do not begin at once', examples: ['5m'] }),
  ...run,
  paused: flag.optional().meta({ description: 'false when left out' }),
};

/** Body of `PUT /v1/reconciliation-schedules/{name}`. */
export const scheduleSchema = z
  .strictObject(scheduleFields, {
    error: unknownFields(scheduleFields, { stopShare: ONE_RUN_ONLY, stopCount: ONE_RUN_ONLY, from: ONE_RUN_ONLY }),
  })
  .refine((body) => fieldsOf(body)['cron'] !== undefined || fieldsOf(body)['every'] !== undefined, {
    path: ['cron'],
    error: 'is missing: give cron ("30 3 * * *") or every ("6h")',
    when: always,
  })
  .refine((body) => fieldsOf(body)['cron'] === undefined || fieldsOf(body)['every'] === undefined, {
    path: ['every'],
    error: 'must not stand beside cron: give one of them',
    when: always,
  })
  .refine((body) => !(fieldsOf(body)['removeOrphans'] === true && fieldsOf(body)['mode'] === 'observe'), removal)
  .refine((body) => !jitterReachesPeriod(fieldsOf(body)), {
    path: ['jitter'],
    error: 'must be shorter than the shortest time between two runs',
    when: always,
  })
  .meta({ id: 'SetReconciliationSchedule' });
export type ScheduleBody = z.output<typeof scheduleSchema>;

/** Query of `GET /v1/reconciliations`. */
export const reconciliationListQuerySchema = z.strictObject({
  tenant: name.optional(),
  schedule: z
    .string()
    .regex(SCHEDULE_NAME_PATTERN, { error: SCHEDULE_NAME_RULE })
    .optional()
    .meta({ description: 'Only runs of this schedule' }),
  status: z.enum(FLEET_STATUSES, { error: `must be one of ${FLEET_STATUSES.join(', ')}` }).optional(),
  ...paging,
});

/** Query of `GET /v1/reconciliation-schedules`. */
export const scheduleListQuerySchema = z.strictObject({ ...paging });

/** When a schedule of a body that fits starts runs. */
export function ruleOf({ cron, every, timezone }: Pick<ScheduleBody, 'cron' | 'every' | 'timezone'>): Rule {
  if (cron === undefined) return { everyMs: parseDuration(every ?? '') ?? 0, timezone: timezone ?? null };
  const reading = readCron(cron);
  if ('faults' in reading) throw new RangeError(reading.faults.join('; '));
  return { cron: reading.cron, timezone: timezone ?? 'UTC' };
}

/** The shortest time between two runs of a rule, in milliseconds. */
export function periodOf(rule: Rule): number {
  return 'cron' in rule ? (shortestPeriodMs(rule.cron) ?? 0) : rule.everyMs;
}

/** Whether jitter could carry a run beyond the next one; false where the fields that tell have faults of their own. */
function jitterReachesPeriod({ cron, every, jitter }: Readonly<Record<string, unknown>>): boolean {
  const jitterMs = typeof jitter === 'string' ? parseDuration(jitter) : undefined;
  if (jitterMs === undefined) return false;
  if (typeof cron === 'string') {
    const reading = readCron(cron);
    const period = 'cron' in reading ? shortestPeriodMs(reading.cron) : undefined;
    return period !== undefined && jitterMs >= period;
  }
  const period = typeof every === 'string' && everyFault(every) === undefined ? parseDuration(every) : undefined;
  return period !== undefined && jitterMs >= period;
}

function everyFault(text: string): string | undefined {
  const fault = durationFault(text);
  if (fault !== undefined) return fault;
  const ms = parseDuration(text) ?? 0;
  if (ms < SECOND_MS) return 'must be at least 1s';
  if (ms % SECOND_MS !== 0) return 'must be a whole number of seconds';
  if (ms > LONGEST_EVERY_DAYS * DAY_MS)
    return `must be at most ${LONGEST_EVERY_DAYS}d: give a cron for what comes more rarely`;
  return undefined;
}

function durationFault(text: string): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined) return 'must be a duration longer than 0, such as 30s, 15m, 6h, 1d or PT6H';
  return ms <= 0 ? 'must be longer than 0: leave it out for none' : undefined;
}

/** A rule across fields speaks also while other fields are wrong, so that all findings come at once. */
function always(): boolean {
  return true;
}

/** The fields of whatever was sent. */
function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}

function required(form: string): (issue: { input?: unknown }) => string {
  return ({ input }) => (input === undefined ? `is missing: give ${form}` : `must be ${form}`);
}

/** One line for each unknown field: what it is about, or what was probably meant. */
function unknownFields(
  shape: Readonly<Record<string, unknown>>,
  elsewhere: Readonly<Record<string, string>> = {},
): z.core.$ZodErrorMap {
  const known = Object.keys(shape);
  return (issue) => {
    if (issue.code !== 'unrecognized_keys') return 'must be an object of fields';
    const lines = issue.keys.map((key) => {
      if (Object.hasOwn(elsewhere, key)) return elsewhere[key];
      const near = closestOf(known)(key);
      return near === undefined
        ? `is not a known field; known are ${known.join(', ')}`
        : `is not a known field; did you mean ${near}?`;
    });
    return lines.join('\n');
  };
}
