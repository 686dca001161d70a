import { rootCause } from '@temporalio/common';
import proto from '@temporalio/proto';
import {
  FLEET_MODES,
  FLEET_STATUSES,
  FLEET_WORKFLOW,
  reconciliationFromWorkflowId,
  reconciliationWorkflowId,
  type FleetMemo,
  type FleetReport,
  type FleetStatus,
  type ReconcileFleetInput,
} from '#libs/contracts/index.js';
import { describeRun, runState, type Description, type RunState } from './describe.js';
import type { Engine } from './engine.js';
import { isoTime, type RunRef } from './event.js';
import { readFirstEvent } from './history.js';
import { readPage, type ListedInfo } from './rows.js';

const { WorkflowExecutionStatus, HistoryEventFilterType } = proto.temporal.api.enums.v1;

/** A run over the fleet as Temporal tells it: its memo is what a list shows, and what rights are judged by. */
export interface FleetRun extends RunRef {
  /** `adhoc.{uuid}` or `{schedule}-{time}`. */
  id: string;
  state: RunState;
  status: FleetStatus;
  startedAt: string;
  closedAt: string | null;
  /** Null when it cannot be decoded. */
  memo: FleetMemo | null;
}

export type FleetRunPage = Awaited<ReturnType<typeof readFleetRuns>>;

/** One page of a list of runs over the fleet, latest close first. `condition` narrows it. */
export function readFleetRuns(
  engine: Engine,
  condition: string,
  pageSize: number,
  nextPageToken: Uint8Array | null,
): Promise<{ rows: FleetRun[]; nextPageToken: Uint8Array | null }> {
  const query = `WorkflowType = '${FLEET_WORKFLOW}'${condition === '' ? '' : ` AND ${condition}`}`;
  return readPage(engine, { query, pageSize, nextPageToken }, async (info) => {
    try {
      return await fleetRun(engine, info);
    } catch {
      return fleetRun(engine, { ...info, memo: null }); // shown as one that cannot be read: the others are
    }
  });
}

/** A run by its id, strongly consistent, with the workflows that it has under way; undefined when it is not there (any more). */
export async function describeFleetRun(
  engine: Engine,
  id: string,
): Promise<{ run: FleetRun; description: Description } | undefined> {
  const description = await describeRun(engine, { workflowId: reconciliationWorkflowId(id) });
  const info = description?.workflowExecutionInfo;
  const run = info?.type?.name === FLEET_WORKFLOW ? await fleetRun(engine, info) : undefined;
  return run && description && { run, description };
}

/** What a run was started with. Throws gRPC "not found" for a run that is not there any more. */
export async function readFleetInput(engine: Engine, run: RunRef): Promise<ReconcileFleetInput> {
  const first = await readFirstEvent(engine, run);
  const input = first?.workflowExecutionStartedEventAttributes?.input;
  return (await engine.decoder.value(input, run.workflowId)) as ReconcileFleetInput;
}

/** How a run ended: its report, or why there is none. */
export async function readFleetEnd(
  engine: Engine,
  run: RunRef,
): Promise<{ report: FleetReport } | { reason: string } | undefined> {
  const { history } = await engine.call(() =>
    engine.service.getWorkflowExecutionHistory({
      namespace: engine.namespace,
      execution: run,
      historyEventFilterType: HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    }),
  );
  const event = history?.events?.at(-1);
  const completed = event?.workflowExecutionCompletedEventAttributes;
  if (completed) return { report: (await engine.decoder.value(completed.result, run.workflowId)) as FleetReport };
  const failed = event?.workflowExecutionFailedEventAttributes;
  if (failed) {
    const error = await engine.decoder.failure(failed.failure, run.workflowId);
    return { reason: rootCause(error) ?? 'it failed' };
  }
  if (event?.workflowExecutionTimedOutEventAttributes) return { reason: 'it ran out of its time in Temporal' };
  const terminated = event?.workflowExecutionTerminatedEventAttributes;
  if (terminated) return { reason: 'it was terminated in Temporal itself' };
  return event?.workflowExecutionCanceledEventAttributes
    ? { reason: 'it was cancelled in Temporal itself' }
    : undefined;
}

async function fleetRun(engine: Engine, info: Partial<ListedInfo>): Promise<FleetRun | undefined> {
  const workflowId = info.execution?.workflowId ?? '';
  const id = reconciliationFromWorkflowId(workflowId);
  if (id === undefined) return undefined;
  const memo = memoOf(await engine.decoder.fields(info.memo?.fields, workflowId));
  const state = runState(info.status);
  return {
    id,
    workflowId,
    runId: info.execution?.runId ?? '',
    state,
    status: state === 'running' ? 'running' : closedStatus(info.status, memo),
    startedAt: isoTime(info.startTime) ?? '',
    closedAt: isoTime(info.closeTime),
    memo,
  };
}

/** One that Temporal closed in another way than completed has failed, whatever its memo said until then. */
function closedStatus(status: number | null | undefined, memo: FleetMemo | null): FleetStatus {
  const completed = status === WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED;
  const told = FLEET_STATUSES.find((each) => each === memo?.status);
  return completed && told !== undefined && told !== 'running' ? told : 'failed';
}

function memoOf(fields: Record<string, unknown>): FleetMemo | null {
  return FLEET_MODES.some((mode) => mode === fields['mode']) ? (fields as FleetMemo) : null;
}
