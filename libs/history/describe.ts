import proto from '@temporalio/proto';
import { parseActivityId, type AccountMemo } from '#libs/contracts/index.js';
import type { LiveFacts, PendingStep, TaskFailure } from '#libs/progress/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import type { Engine } from './engine.js';
import { isoTime, reportedProblem, type RunRef } from './event.js';
import { stepFault } from './faults.js';

const { PendingActivityState, PendingWorkflowTaskState, WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

/** What `describe` returns. */
export type Description = Awaited<ReturnType<Engine['service']['describeWorkflowExecution']>>;
type PendingActivity = NonNullable<Description['pendingActivities']>[number];

/** Whether a run is under way, ended in a way that our code chose, or was ended from outside. */
export type RunState = 'running' | 'ended' | 'terminated';

/** An account's latest run. */
export interface AccountRun {
  workflowId: string;
  /** The latest run. */
  runId: string;
  /** The first run of its chain of continue-as-new: it holds the onboarding. */
  firstRunId: string;
  state: RunState;
  memo: Partial<AccountMemo>;
}

/** The latest run of an account, strongly consistent; undefined when there is none. */
export async function describeAccount(engine: Engine, workflowId: string): Promise<AccountRun | undefined> {
  const found = await describeRun(engine, { workflowId });
  const info = found?.workflowExecutionInfo;
  if (!info) return undefined;
  const runId = info.execution?.runId ?? '';
  return {
    workflowId,
    runId,
    firstRunId: info.firstRunId ? info.firstRunId : runId,
    state: runState(info.status),
    memo: (await engine.decoder.fields(info.memo?.fields, workflowId)) as Partial<AccountMemo>,
  };
}

/** What `describe` knows of a run's open activities; null when the run is not there any more. */
export async function liveFacts(engine: Engine, run: RunRef): Promise<LiveFacts | null> {
  const found = await describeRun(engine, run);
  if (!found) return null;
  const { pendingActivities, pendingWorkflowTask: task } = found;
  const waits = task?.state === PendingWorkflowTaskState.PENDING_WORKFLOW_TASK_STATE_SCHEDULED;
  const pending = await Promise.all(pendingActivities.map((each) => pendingStep(engine, run.workflowId, each)));
  return {
    at: new Date().toISOString(),
    pending: pending.filter((each) => each !== undefined),
    taskFailure: taskFailure(found),
    taskWaitsSince: waits ? isoTime(task.originalScheduledTime ?? task.scheduledTime) : null,
  };
}

/** A task that fails once or is cut off once, as by the death of a worker, is tried again at once and says nothing. */
const FAILED_OFTEN = 2;

function taskFailure({ pendingWorkflowTask: task, workflowExecutionInfo: info }: Description): TaskFailure | null {
  const failed = (task?.attempt ?? 1) - 1;
  const since = isoTime(task?.originalScheduledTime ?? task?.scheduledTime);
  if (failed < FAILED_OFTEN || since === null) return null;
  return { since, failed, cause: reportedProblem(info?.searchAttributes?.indexedFields) };
}

/** How a run stands by its status. Continued as new counts as ended: this run is over. */
export function runState(status: number | null | undefined): RunState {
  switch (status) {
    case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
    case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED:
      return 'running';
    case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED:
    case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
      return 'terminated';
    default:
      return 'ended';
  }
}

/** What Temporal knows of a workflow's latest run, or of the one that is named; undefined when it is not there (any more). */
export async function describeRun(
  engine: Engine,
  execution: { workflowId: string; runId?: string },
): Promise<Description | undefined> {
  try {
    return await engine.call(() =>
      engine.service.describeWorkflowExecution({ namespace: engine.namespace, execution }),
    );
  } catch (error) {
    if (grpcCode(error) === GRPC.notFound) return undefined;
    throw error;
  }
}

async function pendingStep(
  engine: Engine,
  workflowId: string,
  activity: PendingActivity,
): Promise<PendingStep | undefined> {
  const parsed = parseActivityId(activity.activityId ?? '');
  if (!parsed) return undefined;
  const scheduled = activity.state === PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED;
  return {
    ...parsed,
    state: scheduled ? 'scheduled' : 'started',
    attempt: activity.attempt ?? 1,
    scheduledAt: isoTime(activity.scheduledTime),
    lastEndedAt: isoTime(activity.lastAttemptCompleteTime),
    nextAttemptAt: scheduled ? isoTime(activity.nextAttemptScheduleTime) : null,
    lastFault: stepFault(await engine.decoder.failure(activity.lastFailure, workflowId)),
  };
}
