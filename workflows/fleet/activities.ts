import { scheduleActivity, type ActivityOptions } from '@temporalio/workflow';
import {
  FLEET_ACTIVITIES,
  WORKFLOW_TASK_QUEUE,
  type BeginInput,
  type BeginResult,
  type NoteInput,
  type RepairInput,
  type RepairOutcome,
  type SweepOrder,
  type SweepOutcome,
} from '#libs/contracts/index.js';

const OPTIONS: ActivityOptions = {
  taskQueue: WORKFLOW_TASK_QUEUE,
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  priority: { priorityKey: 5 },
};

/** Finds out what a run is about. */
export function begin(input: BeginInput): Promise<BeginResult> {
  const options: ActivityOptions = {
    ...OPTIONS,
    activityId: 'begin',
    summary: 'reads the registry',
    startToCloseTimeout: '30m',
    heartbeatTimeout: '1m',
  };
  return scheduleActivity(FLEET_ACTIVITIES.begin, [input], options);
}

/** Tells accounts what differs of them. */
export function note(input: NoteInput, nth: number): Promise<{ told: number }> {
  const summary = `tells ${String(input.notes.length)} accounts`;
  const options: ActivityOptions = {
    ...OPTIONS,
    ...{ activityId: `note:${String(nth)}`, summary, startToCloseTimeout: '30m', heartbeatTimeout: '1m' },
  };
  return scheduleActivity(FLEET_ACTIVITIES.note, [input], options);
}

/** Has accounts repaired, and follows them to their end. */
export function repair(input: RepairInput, nth: number): Promise<RepairOutcome[]> {
  const summary = `repairs ${String(input.accounts.length)} accounts`;
  const options: ActivityOptions = {
    ...OPTIONS,
    ...{ activityId: `repair:${String(nth)}`, summary, startToCloseTimeout: '12h', heartbeatTimeout: '10s' },
  };
  return scheduleActivity(FLEET_ACTIVITIES.repair, [input], options);
}

/** Removes the orphans of one account that is not there. */
export function sweep(input: SweepOrder): Promise<SweepOutcome[]> {
  const options: ActivityOptions = {
    ...OPTIONS,
    ...{
      summary: `removes ${String(input.targets.length)} orphans`,
      startToCloseTimeout: '12h',
      heartbeatTimeout: '10s',
    },
  };
  return scheduleActivity(FLEET_ACTIVITIES.sweep, [input], options);
}
