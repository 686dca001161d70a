import type { OnboardInput } from '#libs/contracts/index.js';
import {
  applyEvent,
  applyEvents,
  createJob,
  type Job,
  type JobEvent,
  type JobRequest,
  type LiveFacts,
} from '#libs/progress/index.js';
import type { AccountHistory } from './account-run.js';
import { liveFacts } from './describe.js';
import type { Engine } from './engine.js';
import { readHistory, type RunRef } from './history.js';
import { decodeJobEvent, type HistoryEvent } from './job-events.js';
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
    const request = requestOf(located, events);
    if (!request) return undefined;
    const job = createJob(request);
    applyEvents(job, events);
    return { located, job, live };
  }
  if (!queued) return undefined;
  const live: LiveFacts = { at: new Date().toISOString(), pending: [], taskWaitsSince: null };
  return { located, job: queuedJob(queued.request, queued.history), live };
}

/** What was asked for, from the input of the operation itself. */
export function requestOf({ kind }: LocatedJob, events: readonly JobEvent[]): JobRequest | undefined {
  const [first] = events;
  if (first?.type !== 'started') return undefined;
  const { runId, acceptedAt, plan }: OnboardInput = first.input;
  return { kind, runId, acceptedAt, plan };
}

/** A job whose operation has not started: waiting, or ended before it began. */
export function queuedJob(request: JobRequest, history: AccountHistory): Job {
  const job = createJob(request);
  for (const { command, at } of history.commands) applyEvent(job, { eventId: 0, at, type: 'command', command });
  for (const notice of history.notices) applyEvent(job, notice);
  const { end } = history;
  if (end && end.how !== 'continued') {
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
