import type { ScheduleSpec } from '@temporalio/client';
import type { JsonObject } from '#libs/contracts/index.js';
import { cronText, type Rule } from '#libs/schedules/index.js';
import { parseDuration } from '#libs/fields/duration.js';
import { periodOf, ruleOf, type ScheduleBody } from '#libs/schemas/reconciliation.schema.js';

const LONGEST_CATCHUP_MS = 600_000;

/** When a schedule starts runs, as it was written; kept beside Temporal's own form, which has no cron any more. */
export interface WrittenRule extends JsonObject {
  cron: string | null;
  every: string | null;
  timezone: string | null;
  jitter: string | null;
}

/** The rule of a body as it was written. */
export function writtenRule({ cron, every, timezone, jitter }: ScheduleBody): WrittenRule {
  return { cron: cron?.trim() ?? null, every: every ?? null, timezone: timezone ?? null, jitter: jitter ?? null };
}

/** A written rule, read. */
export function readRule({ cron, every, timezone }: WrittenRule): Rule {
  return ruleOf({ cron: cron ?? undefined, every: every ?? undefined, timezone: timezone ?? undefined });
}

/** The rule as Temporal takes it: cron in numbers, so that both read it alike. */
export function temporalSpec(written: WrittenRule): ScheduleSpec {
  const rule = readRule(written);
  const jitter = written.jitter === null ? undefined : parseDuration(written.jitter);
  return {
    ...('cron' in rule
      ? { cronExpressions: [cronText(rule.cron)], timezone: rule.timezone }
      : { intervals: [{ every: rule.everyMs }] }),
    ...(jitter === undefined ? {} : { jitter }),
  };
}

/** How late a missed run may still begin, in milliseconds: the period, at most ten minutes. Temporal makes it ten seconds at least. */
export function catchupWindowMs(written: WrittenRule): number {
  return Math.min(periodOf(readRule(written)), LONGEST_CATCHUP_MS);
}
