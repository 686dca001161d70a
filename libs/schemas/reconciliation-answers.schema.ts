import { z } from 'zod';
import {
  CONNECTION_SCAN_STATUSES,
  FLEET_MODES,
  FLEET_OUTCOMES,
  FLEET_STATUSES,
  REPORT_FIELDS_LIMIT,
  REPORT_LIMIT,
  STOP_RULES,
} from '#libs/contracts/index.js';
import { chain, difference, driftKind, finding, page, time, vendor } from './http.schema.js';

const count = z.int().min(0);
const mode = z.enum(FLEET_MODES);
const status = z.enum(FLEET_STATUSES);
const schedule = z.string().nullable().meta({ description: 'Name of the schedule; null: somebody asked for the run' });
const tenant = z.string().nullable().meta({ description: 'Only of this tenant; null: of all' });
const ofChain = chain.nullable().meta({ description: 'Only of this chain; null: of all' });
const by = z.string().meta({ description: 'Id of the key that asked for it, or set the schedule' });

const links = z.object({ self: z.string(), temporalUi: z.string().nullable() }).meta({ id: 'ReconciliationLinks' });

const counts = z
  .object({
    accounts: count.meta({ description: 'inSync + drifted + busy + interrupted + unreadable' }),
    inSync: count,
    drifted: count,
    busy: count.meta({ description: 'Something ran or waited there: nothing is said of them' }),
    capped: count.meta({
      description: 'Those that a cap keeps from being looked at (counted nowhere else) or repaired',
    }),
    interrupted: count,
    unreadable: count,
    orphans: count.meta({ description: 'Objects, not accounts' }),
    repaired: count,
    deferred: count.meta({ description: 'Drifted ones that were left for another run' }),
  })
  .meta({ id: 'ReconciliationCounts', description: 'Accounts in the scope of a run' });

const stopped = z
  .object({
    rule: z.enum(STOP_RULES),
    connection: z.string().meta({ description: '{vendor}/{name}; empty for cancelled' }),
    detail: z.string().meta({ description: 'A sentence for the operator' }),
  })
  .meta({ id: 'ReconciliationStop', description: 'Why a run went no further: nothing was repaired or recorded' });

const reading = z
  .object({ resource: z.string(), pages: count, objects: count, vendorCalls: count })
  .meta({ id: 'ConnectionReading', description: 'How far the reading of a connection is' });

const connection = z
  .object({
    connection: z.string().meta({ description: '{vendor}/{name}' }),
    status: z.enum(CONNECTION_SCAN_STATUSES),
    reason: z.string().nullable(),
    accounts: count.meta({ description: 'Accounts in scope that record an object there' }),
    objects: count.meta({ description: 'Objects that were read in lists' }),
    vendorCalls: count,
    reading: reading.nullable().meta({ description: 'While it is read: how far that is' }),
  })
  .meta({ id: 'ReconciledConnection' });

const item = z
  .object({
    id: z.string().meta({ description: '{tenant}.{account}' }),
    key: z.string(),
    kind: driftKind,
    fields: z.array(difference).max(REPORT_FIELDS_LIMIT),
    outcome: z.enum(FLEET_OUTCOMES),
    reason: z.string().nullable(),
  })
  .meta({ id: 'ReconciledItem', description: 'What differs of one node of an account; the account has the rest' });

const orphan = z
  .object({
    vendor,
    resource: z.string(),
    externalId: z.string(),
    marker: z.string(),
    removed: z.boolean(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Orphan', description: 'An object with our marker that no account claims' });

/** Answer of `GET /v1/reconciliations/{id}`. */
export const reconciliationAnswerSchema = z
  .object({
    id: z.string(),
    schedule,
    by,
    mode,
    tenant,
    chain: ofChain,
    from: z.string().nullable().meta({ description: 'The observe run whose accounts it repairs' }),
    removeOrphans: z.boolean(),
    status,
    startedAt: time,
    closedAt: time.nullable(),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Why it was ended from outside, or why less is told than is known' }),
    counts,
    connections: z.array(connection),
    items: z.array(item).max(REPORT_LIMIT),
    orphans: z.array(orphan).max(REPORT_LIMIT),
    truncated: z.boolean().meta({ description: 'There were more items or orphans' }),
    stopped: stopped.nullable(),
    vendorCalls: count,
    links,
  })
  .meta({ id: 'Reconciliation' });

/** Answer of `POST /v1/reconciliations`. */
export const startedReconciliationSchema = z.object({ id: z.string(), links }).meta({ id: 'StartedReconciliation' });

const unread = 'null when what is kept of the run cannot be read';

export const reconciliationPageSchema = page(
  z
    .object({
      id: z.string(),
      schedule,
      by: by.nullable(),
      mode: mode.nullable().meta({ description: unread }),
      tenant,
      chain: ofChain,
      status,
      startedAt: time,
      closedAt: time.nullable(),
      counts: counts.nullable().meta({ description: 'null while the run is under way' }),
      stopped: stopped.nullable(),
      links,
    })
    .meta({ id: 'ReconciliationItem' }),
  'ReconciliationPage',
);

/** When a schedule starts runs: one of `cron` and `every` is there. */
const rule = {
  name: z.string(),
  cron: z.string().optional(),
  every: z.string().optional(),
  timezone: z.string(),
};
const nextRun = time.nullable().meta({ description: 'null while it is paused' });

/** Answer of the calls for one schedule. */
export const scheduleAnswerSchema = z
  .object({
    ...rule,
    jitter: z.string().optional(),
    mode,
    tenant,
    chain: ofChain,
    paused: z.boolean(),
    removeOrphans: z.boolean(),
    maxRepairs: count.optional(),
    maxRemovals: count.optional(),
    by,
    changedAt: time,
    nextRuns: z.array(time).max(5).meta({ description: 'None while it is paused' }),
    lastRuns: z
      .array(z.object({ id: z.string(), status, startedAt: time, closedAt: time.nullable() }))
      .max(10)
      .meta({ description: 'Latest first' }),
    skippedOverlap: count.meta({ description: 'Times at which the run before was still under way' }),
    missedCatchup: count.meta({ description: 'Times that were missed while Temporal was away, and not caught up' }),
    overdue: z.boolean().meta({ description: 'Two or more times have passed since the last run that completed began' }),
    warnings: z.array(finding),
  })
  .meta({ id: 'ReconciliationSchedule' });

export const schedulePageSchema = page(
  z
    .object({ ...rule, mode, tenant, chain: ofChain, paused: z.boolean(), nextRun })
    .meta({ id: 'ReconciliationScheduleItem' }),
  'ReconciliationSchedulePage',
);
