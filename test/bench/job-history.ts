import type { temporal } from '@temporalio/proto';
import { parseActivityId, type Verb } from '#libs/contracts/index.js';
import type { Job } from '#test/support/engine.js';
import type { BenchSystem } from './system.js';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** A step as the history tells it; all times are milliseconds since the epoch by the server's clock. */
export interface StepTimes {
  key: string;
  verb: Verb;
  attempt: number;
  scheduled: number;
  started: number;
  closed: number;
}

/** The milestones of a job. */
export interface JobTimes {
  /** The account's start. */
  accepted: number;
  /** The operation's start as the account's child. */
  operation: number;
  steps: StepTimes[];
  /** The operation's end. */
  operationClosed: number;
  /** The account's run that held it has continued as new. */
  accountClosed: number;
}

/** Reads the histories of a job's account and operation. */
export async function jobTimes(system: BenchSystem, job: Job): Promise<JobTimes> {
  const [account, operation] = await Promise.all([firstRun(system, job), job.operation().fetchHistory()]);
  const of = ({ events }: { events?: HistoryEvent[] | null }): HistoryEvent[] => events ?? [];
  return {
    accepted: timeOf(of(account)[0]),
    operation: timeOf(of(operation)[0]),
    steps: stepsIn(of(operation)),
    operationClosed: timeOf(of(operation).at(-1)),
    accountClosed: timeOf(of(account).at(-1)),
  };
}

/** Events and bytes of the two runs of a job, as the server counts them. */
export async function jobSize(system: BenchSystem, job: Job): Promise<Record<'account' | 'operation', HistorySize>> {
  const account = system.client.workflow.getHandle(job.account.workflowId, job.account.firstExecutionRunId);
  const sizes = await Promise.all(
    [account, job.operation()].map(async (handle) => {
      const { historyLength, historySize } = await handle.describe();
      return { events: historyLength, bytes: historySize ?? 0 };
    }),
  );
  const none = { events: 0, bytes: 0 };
  return { account: sizes[0] ?? none, operation: sizes[1] ?? none };
}

export interface HistorySize {
  events: number;
  bytes: number;
}

function firstRun(system: BenchSystem, { account }: Job): Promise<{ events?: HistoryEvent[] | null }> {
  return system.client.workflow.getHandle(account.workflowId, account.firstExecutionRunId).fetchHistory();
}

function stepsIn(events: readonly HistoryEvent[]): StepTimes[] {
  const byId = new Map(events.map((event) => [String(event.eventId), event]));
  return events.flatMap((event) => {
    const completed = event.activityTaskCompletedEventAttributes;
    if (!completed) return [];
    const scheduled = byId.get(String(completed.scheduledEventId));
    const started = byId.get(String(completed.startedEventId));
    const id = parseActivityId(scheduled?.activityTaskScheduledEventAttributes?.activityId ?? '');
    if (!id) return [];
    return {
      ...id,
      attempt: started?.activityTaskStartedEventAttributes?.attempt ?? 1,
      scheduled: timeOf(scheduled),
      started: timeOf(started),
      closed: timeOf(event),
    };
  });
}

function timeOf(event: HistoryEvent | undefined): number {
  const time = event?.eventTime;
  if (!time) throw new Error('a history event without its time');
  return Number(time.seconds) * 1_000 + (time.nanos ?? 0) / 1e6;
}
