import type { FleetMode, FleetStatus, ReconcileFleetInput } from '#libs/contracts/index.js';
import { scheduleWarnings, type ScheduleWarning } from '#libs/schedules/index.js';
import { readRule, type WrittenRule } from './schedule-rule.js';

const NEXT_RUNS = 5;
/** So many times may pass without a run that completed before a schedule is overdue. */
const OVERDUE_AFTER = 2;

/** A run of a schedule. */
export interface ScheduledRun {
  id: string;
  status: FleetStatus;
  startedAt: string;
  closedAt: string | null;
}

/** A schedule as Temporal tells it. */
export interface KeptSchedule {
  name: string;
  rule: WrittenRule;
  input: ReconcileFleetInput;
  paused: boolean;
  /** RFC 3339 UTC, when it was set. */
  changedAt: string;
  nextTimes: string[];
  skippedOverlap: number;
  missedCatchup: number;
  /** Ids of its last runs, latest first. */
  recent: string[];
}

/** A schedule as the API shows it (`docs/http.md` §4). */
export interface ScheduleAnswer {
  name: string;
  cron?: string;
  every?: string;
  timezone: string;
  jitter?: string;
  mode: FleetMode;
  tenant: string | null;
  chain: string | null;
  paused: boolean;
  removeOrphans: boolean;
  maxRepairs?: number;
  maxRemovals?: number;
  by: string;
  changedAt: string;
  nextRuns: string[];
  lastRuns: ScheduledRun[];
  skippedOverlap: number;
  missedCatchup: number;
  overdue: boolean;
  warnings: ScheduleWarning[];
}

/** A schedule in a list. */
export type ScheduleItem = Pick<
  ScheduleAnswer,
  'name' | 'cron' | 'every' | 'timezone' | 'mode' | 'tenant' | 'chain' | 'paused'
> & { nextRun: string | null };

/** `due` are the times that have passed since the last good run began, or since the schedule was set. */
export function scheduleAnswer(
  kept: KeptSchedule,
  { lastRuns, due, now }: { lastRuns: ScheduledRun[]; due: number; now: number },
): ScheduleAnswer {
  const { input, rule, changedAt, skippedOverlap, missedCatchup } = kept;
  const { removeOrphans, maxRepairs, maxRemovals, by } = input;
  return {
    ...common(kept),
    ...(rule.jitter === null ? {} : { jitter: rule.jitter }),
    removeOrphans,
    ...(maxRepairs === undefined ? {} : { maxRepairs }),
    ...(maxRemovals === undefined ? {} : { maxRemovals }),
    ...{ by, changedAt },
    nextRuns: kept.paused ? [] : kept.nextTimes.slice(0, NEXT_RUNS),
    lastRuns,
    ...{ skippedOverlap, missedCatchup },
    overdue: isOverdue(kept, due),
    warnings: scheduleWarnings(readRule(rule), now),
  };
}

/** A schedule in a list. */
export function scheduleItem(kept: KeptSchedule): ScheduleItem {
  return { ...common(kept), nextRun: kept.paused ? null : (kept.nextTimes[0] ?? null) };
}

/** Whether a schedule has gone without a run that completed for too long. */
export function isOverdue({ paused }: Pick<KeptSchedule, 'paused'>, due: number): boolean {
  return !paused && due >= OVERDUE_AFTER;
}

/** The latest run that completed; undefined when none of these has. */
export function lastGood(runs: readonly ScheduledRun[]): ScheduledRun | undefined {
  return runs.find(({ status }) => status === 'completed');
}

function common({ name, rule, input, paused }: KeptSchedule): Omit<ScheduleItem, 'nextRun'> {
  const { mode, tenant, chain } = input;
  return {
    name,
    ...(rule.cron === null ? {} : { cron: rule.cron }),
    ...(rule.every === null ? {} : { every: rule.every }),
    timezone: rule.timezone ?? 'UTC',
    ...{ mode, tenant, chain, paused },
  };
}
