import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleDescription,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import {
  FLEET_WORKFLOW,
  fleetMemo,
  reconciliationFromWorkflowId,
  reconciliationWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type ReconcileFleetInput,
} from '#libs/contracts/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { describeFleetRun } from '#libs/history/fleet-runs.js';
import type { Engine } from '#libs/history/engine.js';
import { fleetAttributes } from '../reconciliations/fleet-starter.js';
import type { KeptSchedule, ScheduledRun } from './schedule-answer.js';
import { catchupWindowMs, temporalSpec, type WrittenRule } from './schedule-rule.js';

/** Name of the memo's field that keeps the rule as it was written; every run of the schedule has it too. */
const RULE_MEMO = 'rule';
const RUNS_SHOWN = 10;

/** What is set of a schedule. */
export interface ScheduleWish {
  name: string;
  rule: WrittenRule;
  input: ReconcileFleetInput;
  paused: boolean;
}

/** Temporal will not have a schedule; `detail` is what it says. */
export class ScheduleRefused extends Error {}

/** Keeps schedules where runs are kept: in Temporal. One is told by `describe` alone, since lists are late (`docs/temporal.md` §14). */
export class ScheduleStore {
  constructor(private readonly engine: Engine) {}

  /** A schedule by its name; undefined when there is none. */
  async find(name: string): Promise<KeptSchedule | undefined> {
    const handle = this.engine.client.schedule.getHandle(reconciliationWorkflowId(name));
    try {
      return keptSchedule(name, await this.engine.call(() => handle.describe()));
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  }

  /** Makes a schedule. False when there is one of that name. @throws {ScheduleRefused} */
  async create(wish: ScheduleWish): Promise<boolean> {
    const options = temporalOptions(wish);
    try {
      await refusing(() =>
        this.engine.call(() =>
          this.engine.client.schedule.create({ ...options, scheduleId: reconciliationWorkflowId(wish.name) }),
        ),
      );
      return true;
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning) return false;
      throw error;
    }
  }

  /** Sets a schedule that is there; a run under way goes on. False when there is none. @throws {ScheduleRefused} */
  async replace(wish: ScheduleWish): Promise<boolean> {
    const handle = this.engine.client.schedule.getHandle(reconciliationWorkflowId(wish.name));
    try {
      await refusing(() => this.engine.call(() => handle.update(() => temporalOptions(wish))));
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  }

  /** Takes a schedule away; a run under way goes on. False when there is none. */
  async remove(name: string): Promise<boolean> {
    const handle = this.engine.client.schedule.getHandle(reconciliationWorkflowId(name));
    try {
      await this.engine.call(() => handle.delete());
      return true;
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return false;
      throw error;
    }
  }

  /** One page of the names of all schedules. A new one comes into it with some delay. */
  async names(
    pageSize: number,
    nextPageToken: Uint8Array | null,
  ): Promise<{ names: string[]; nextPageToken: Uint8Array | null }> {
    const page = await this.engine.call(() =>
      this.engine.service.listSchedules({
        namespace: this.engine.namespace,
        maximumPageSize: pageSize,
        ...(nextPageToken ? { nextPageToken } : {}),
      }),
    );
    const names = page.schedules.flatMap(({ scheduleId }) => reconciliationFromWorkflowId(scheduleId ?? '') ?? []);
    return { names, nextPageToken: page.nextPageToken.length > 0 ? page.nextPageToken : null };
  }

  /** The last runs of a schedule that Temporal still has, latest first. */
  async lastRuns({ recent }: KeptSchedule): Promise<ScheduledRun[]> {
    const found = await Promise.all(recent.slice(0, RUNS_SHOWN).map((id) => describeFleetRun(this.engine, id)));
    return found.flatMap((each) => {
      if (!each) return [];
      const { id, status, startedAt, closedAt } = each.run;
      return [{ id, status, startedAt, closedAt }];
    });
  }

  /** How many times of a schedule have passed since then: a thousand at most are counted. */
  async dueSince({ name }: KeptSchedule, since: string, now: number): Promise<number> {
    const from = Date.parse(since);
    if (from >= now) return 0;
    const { startTime } = await this.engine.call(() =>
      this.engine.service.listScheduleMatchingTimes({
        namespace: this.engine.namespace,
        scheduleId: reconciliationWorkflowId(name),
        startTime: msToTs(from),
        endTime: msToTs(now),
      }),
    );
    return startTime.length;
  }
}

function temporalOptions({ name, rule, input, paused }: ScheduleWish) {
  return {
    spec: temporalSpec(rule),
    policies: { overlap: 'SKIP' as const, catchupWindow: catchupWindowMs(rule) },
    state: { paused, note: paused ? `paused by ${input.by}` : `set by ${input.by}` },
    action: {
      type: 'startWorkflow' as const,
      workflowType: FLEET_WORKFLOW,
      workflowId: reconciliationWorkflowId(name),
      taskQueue: WORKFLOW_TASK_QUEUE,
      args: [input],
      memo: { ...fleetMemo(input), [RULE_MEMO]: rule },
      typedSearchAttributes: fleetAttributes(name, input),
    },
  } satisfies ScheduleUpdateOptions;
}

function keptSchedule(name: string, { action, state, info }: ScheduleDescription): KeptSchedule | undefined {
  const rule = action.memo?.[RULE_MEMO] as WrittenRule | undefined;
  const [input] = (action.args ?? []) as ReconcileFleetInput[];
  if (!rule || !input) return undefined; // somebody made it in Temporal itself: it is none of ours
  return {
    name,
    rule,
    input,
    paused: state.paused,
    changedAt: (info.lastUpdatedAt ?? info.createdAt).toISOString(),
    nextTimes: info.nextActionTimes.map((time) => time.toISOString()),
    skippedOverlap: info.numActionsSkippedOverlap,
    missedCatchup: info.numActionsMissedCatchupWindow,
    recent: info.recentActions
      .map(({ action: taken }) => reconciliationFromWorkflowId(taken.workflow.workflowId) ?? '')
      .reverse(),
  };
}

/** What Temporal will not have is told as such: what only its server knows of rules and zones. */
async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (grpcCode(error) === GRPC.invalidArgument) throw new ScheduleRefused(causeText(error), { cause: error });
    throw error;
  }
}

function causeText(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const details = cause instanceof Error && 'details' in cause ? cause.details : undefined;
  return typeof details === 'string' && details !== '' ? details : 'it is not valid';
}
