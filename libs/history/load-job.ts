import {
  applyEvent,
  applyEvents,
  createJob,
  startedRequest,
  type Job,
  type JobEvent,
  type JobRequest,
  type LiveFacts,
} from '#libs/progress/index.js';
import type { AccountHistory } from './account-run.js';
import { liveFacts } from './describe.js';
import type { Engine } from './engine.js';
import type { HistoryEvent, RunRef } from './event.js';
import { readHistory } from './history.js';
import { decodeJobEvent } from './job-events.js';
import type { LocatedJob } from './locate.js';

/** A job as its history tells it, with what `describe` knows besides. */
export interface LoadedJob {
  located: LocatedJob;
  job: Job;
  live: LiveFacts | null;
}

/** Reads a job. Needs no worker. Undefined when nothing can be told of it. */
export async function loadJob(engine: Engine, located: LocatedJob): Promise<LoadedJob | undefined> {
  const { operation, queued } = located;
  if (operation) {
    const [events, live] = await Promise.all([readJobEvents(engine, operation), liveFacts(engine, operation)]);
    const request = requestOf(events);
    if (!request) return undefined;
    const job = createJob(request);
    applyEvents(job, events);
    return { located, job, live };
  }
  if (!queued) return undefined;
  const live = await queuedFacts(engine, located.account);
  return { located, job: queuedJob(queued.request, queued.history, queued.refusal), live };
}

/** What is known besides of a job that waits in the line of its account: the account's own task may fail. */
export async function queuedFacts(engine: Engine, account: RunRef | null): Promise<LiveFacts> {
  const live = account && (await liveFacts(engine, account));
  return { at: new Date().toISOString(), pending: [], taskWaitsSince: null, taskFailure: live?.taskFailure ?? null };
}

/** What was asked for, from the input of the operation itself. */
export function requestOf(events: readonly JobEvent[]): JobRequest | undefined {
  const [first] = events;
  return first?.type === 'started' ? startedRequest(first.input) : undefined;
}

/** A job whose operation has not started: waiting, or ended before it began. */
export function queuedJob(request: JobRequest, history: AccountHistory, refusal: string | null = null): Job {
  const job = createJob(request);
  for (const { command, at } of history.commands) {
    if (command.runId === request.runId) applyEvent(job, { eventId: 0, at, type: 'command', command });
  }
  for (const notice of history.notices) applyEvent(job, notice);
  const { end } = history;
  const cancelled = job.cancelledBy !== null && (end !== null || history.operation !== null);
  if (refusal !== null || cancelled) {
    const at = job.cancelledBy?.at ?? end?.at ?? request.acceptedAt;
    const reason = refusal ?? '';
    const details = { status: 'cancelled' as const, reason, code: null, step: null, leftovers: [] };
    applyEvent(job, { eventId: 0, at, type: 'closed', how: 'failed', details, result: null });
  } else if (end && end.how !== 'continued') {
    const how = end.how === 'terminated' ? 'terminated' : 'cancelled';
    applyEvent(job, { eventId: 0, at: end.at, type: 'closed', how, details: null, result: null });
  }
  return job;
}

/** An operation's history, decoded in order; events that say nothing are left out. */
export async function decodeJobEvents(
  engine: Engine,
  run: RunRef,
  events: readonly HistoryEvent[],
): Promise<JobEvent[]> {
  const decoded = await Promise.all(events.map((event) => decodeJobEvent(event, run.workflowId, engine.decoder)));
  return decoded.filter((event) => event !== undefined);
}

async function readJobEvents(engine: Engine, run: RunRef): Promise<JobEvent[]> {
  return decodeJobEvents(engine, run, await readHistory(engine, run));
}
