import { setTimeout as pause } from 'node:timers/promises';
import { accountHistory, addEvent, type AccountHistory } from '#libs/history/account-run.js';
import { liveFacts } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import type { RunRef } from '#libs/history/event.js';
import { followHistory } from '#libs/history/history.js';
import { decodeJobEvent } from '#libs/history/job-events.js';
import { queuedFacts, queuedJob, requestOf } from '#libs/history/load-job.js';
import { locateJob, type LocatedJob } from '#libs/history/locate.js';
import { refreshNotices } from '#libs/history/notices.js';
import {
  applyEvent,
  computeProgress,
  createJob,
  liveEvents,
  waitOf,
  noticeData,
  type Job,
  type JobRequest,
  type LiveFacts,
  type LiveMemory,
  type StreamEvent,
} from '#libs/progress/index.js';
import { isEngineUnavailable } from '#libs/temporal/client.js';

/** `describe` is asked at most this often, and only while an activity is open: retries add no events. */
const LIVE_PAUSE_MS = 2_000;
/** After a lost connection to Temporal. */
const RETRY_PAUSE_MS = 1_000;

const NO_LINKS = { self: '', events: '', temporalUi: null };

/** Told every event of a job, in order. */
export type Listener = (event: StreamEvent) => void;

/**
 * Follows one job for all its readers on this replica: one long poll of its history, and `describe` while an activity is open.
 * It keeps what it has told, so that a reader who comes later or again gets all of it without asking Temporal.
 */
export class Follower {
  private readonly told: StreamEvent[] = [];
  private readonly listeners = new Set<Listener>();
  private readonly stopping = new AbortController();
  private readonly memory: LiveMemory = new Map();
  private job: Job | undefined;
  private waiting: string | null = null;

  constructor(
    private readonly engine: Engine,
    private readonly located: LocatedJob,
    private readonly done: (error?: unknown) => void,
  ) {}

  /** Sends a listener everything after `seq`, and from then on what comes. Returns the function by which to leave. */
  join(listener: Listener, after: number): () => void {
    const fresh: Listener = (event) => {
      if (event.seq === null || event.seq > after) listener(event);
    };
    for (const event of this.told) fresh(event);
    this.listeners.add(fresh);
    return () => {
      this.listeners.delete(fresh);
      if (this.listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Runs until the job has closed or nobody listens any more. */
  start(): void {
    this.run().then(
      () => this.done(),
      (error: unknown) => this.done(this.stopping.signal.aborted ? undefined : error),
    );
  }

  private async run(): Promise<void> {
    const operation = this.located.operation ?? (await this.untilStarted());
    if (!operation) return;
    const live = this.watchLive(operation);
    try {
      await this.followOperation(operation);
    } finally {
      this.stop();
      await live;
    }
  }

  /** Waits for the account to start the operation, from one of its runs to the next. Null when the job ended before that. */
  private async untilStarted(): Promise<RunRef | null> {
    let { queued } = this.located;
    if (!queued) return null;
    this.tell(queuedEvent(queuedJob(queued.request, queued.history, queued.refusal)));
    const over = new AbortController();
    const watching = this.watchQueued(queued.request, AbortSignal.any([over.signal, this.stopping.signal]));
    try {
      for (;;) {
        const history: AccountHistory | undefined = await this.followAccount(queued.history.run);
        if (!history) return null;
        if (history.operation?.jobRunId === this.located.runId) return history.operation;
        const located = await locateJob(this.engine, this.located.ref, this.located.runId);
        if (!located) return null;
        if (located.operation) return located.operation;
        const goesOn = located.queued && located.queued.refusal === null && history.end?.how === 'continued';
        if (!located.queued || !goesOn) {
          this.tellQueuedEnd(queuedJob(queued.request, located.queued?.history ?? history, located.queued?.refusal));
          return null;
        }
        queued = located.queued;
      }
    } finally {
      over.abort();
      await watching;
      this.waiting = null;
    }
  }

  /** Follows the account's run until it has started the operation or has ended. */
  private async followAccount(run: RunRef): Promise<AccountHistory | undefined> {
    let history: AccountHistory | undefined;
    await this.reading(run, async (events) => {
      if (!history) history = await accountHistory(this.engine, run, events);
      else for (const event of events) await addEvent(this.engine, history, event);
      return history.operation?.jobRunId === this.located.runId || history.end !== null;
    });
    return history;
  }

  private async followOperation(run: RunRef): Promise<void> {
    let last = 0;
    await this.reading(run, async (events) => {
      for (const raw of events) {
        const event = await decodeJobEvent(raw, run.workflowId, this.engine.decoder);
        if (!event || event.eventId <= last) continue; // read again after a lost connection
        last = event.eventId;
        if (event.type === 'started') {
          const request = requestOf([event]);
          this.job = request && createJob(request);
          this.told.length = 0; // what was told of the queue is over
        }
        const told = this.job && applyEvent(this.job, event);
        if (told) this.tell(told);
      }
      return this.job?.closed != null;
    });
  }

  /** Reads a run's history to its end, or until `take` returns true; a lost connection is made good by reading again. */
  private async reading(
    run: RunRef,
    take: (events: Parameters<typeof accountHistory>[2]) => Promise<boolean>,
  ): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      try {
        for await (const events of followHistory(this.engine, run, signal)) {
          if (signal.aborted || (events.length > 0 && (await take(events)))) return;
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isEngineUnavailable(error)) throw error;
        await this.wait(RETRY_PAUSE_MS);
      }
    }
  }

  /** Reports retries and waits, which leave no trace in the history. */
  private async watchLive(run: RunRef): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      let next = LIVE_PAUSE_MS;
      const { job } = this;
      if (job && !job.closed && this.needsLooking(job)) {
        try {
          const live = await liveFacts(this.engine, run);
          if (live) {
            this.tellLive(job, live);
            const due = live.pending.map(({ nextAttemptAt }) => (nextAttemptAt ? Date.parse(nextAttemptAt) : Infinity));
            next = Math.max(250, Math.min(LIVE_PAUSE_MS, Math.min(...due) + 300 - Date.now()));
          }
        } catch (error) {
          if (!isEngineUnavailable(error)) throw error;
        }
      }
      if (job && !job.closed) await this.tellNotices(job);
      await this.wait(next);
    }
  }

  /** Tries of notifications leave no trace in the history of the job. */
  private async tellNotices(job: Job): Promise<void> {
    try {
      for (const notice of await refreshNotices(this.engine, job)) {
        this.tell({ event: 'status', seq: null, data: { at: new Date().toISOString(), ...noticeData(job, notice) } });
      }
    } catch (error) {
      if (!isEngineUnavailable(error)) throw error;
    }
  }

  /** While nothing is open the job waits for a person, which its history tells. */
  private needsLooking(job: Job): boolean {
    return job.open.size > 0 || job.status === 'running' || job.status === 'rolling-back';
  }

  /** A job that nobody picks up waits for a worker. */
  private async watchQueued(request: JobRequest, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.tellWait(createJob(request), await queuedFacts(this.engine, this.located.account));
      } catch (error) {
        if (!isEngineUnavailable(error)) throw error;
      }
      await this.wait(LIVE_PAUSE_MS, signal);
    }
  }

  /** Reports the attempts of steps and what the job waits for; a step that says itself why it waits carries both. */
  private tellLive(job: Job, live: LiveFacts): void {
    const steps = liveEvents(job, live, this.memory);
    const wait = this.waitEvent(job, live);
    const key = waitOf(job, live)?.step;
    const speaker = wait && steps.find(({ data }) => key !== undefined && data['key'] === key);
    if (speaker) {
      const { waitingFor, reason } = wait.data;
      Object.assign(speaker.data, { waitingFor, reason });
    }
    for (const event of steps) this.tell(event);
    if (wait && !speaker) this.tell(wait);
  }

  private tellWait(job: Job, live: LiveFacts): void {
    const wait = this.waitEvent(job, live);
    if (wait) this.tell(wait);
  }

  /** What to tell of a job that begins or ceases to wait; null when nothing has changed or its history tells it. */
  private waitEvent(job: Job, live: LiveFacts): StreamEvent | null {
    if (job.closed) return null;
    const { waitingFor, reason, status } = computeProgress(job, live, NO_LINKS);
    const kind = waitingFor?.kind ?? null;
    if (kind === this.waiting) return null;
    // Before its first look a condition has nothing to say that its step and the job's status have not said.
    if (kind === 'vendor' && reason === null) return null;
    // While a condition is looked at again it does not say what it waits for, but the job waits on.
    if (kind === null && status === 'waiting') return null;
    const before = this.waiting;
    this.waiting = kind;
    if (toldByHistory(kind) || (kind === null && toldByHistory(before))) return null;
    const message = reason ?? 'The job goes on.';
    return { event: 'status', seq: null, data: { at: live.at, status, waitingFor, reason, message } };
  }

  private tellQueuedEnd(job: Job): void {
    if (!job.closed) return;
    const { status, closedAt, reason } = computeProgress(job, null, NO_LINKS);
    const data = {
      at: job.closed.at,
      status,
      closedAt,
      reason,
      leftovers: [],
      message: reason ?? 'The job has ended.',
    };
    this.tell({ event: 'closed', seq: null, data });
  }

  private tell(event: StreamEvent): void {
    // What is told without a number concerns the moment: only the last word about the queue is kept for later readers.
    if (event.seq !== null || event.event === 'closed' || this.job === undefined) this.told.push(event);
    for (const listener of this.listeners) listener(event);
  }

  private async wait(ms: number, signal: AbortSignal = this.stopping.signal): Promise<void> {
    await pause(ms, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

/** What a job waits for by itself, without an open step, is in its history. */
function toldByHistory(kind: string | null): boolean {
  return kind === 'operator' || kind === 'handoff';
}

function queuedEvent(job: Job): StreamEvent {
  const { status } = job;
  const message = 'The job is accepted and waits to be picked up.';
  return { event: 'status', seq: null, data: { at: job.request.acceptedAt, status, message } };
}
