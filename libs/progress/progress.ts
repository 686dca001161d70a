import {
  accountId,
  type JobStatus,
  type Leftover,
  type OperationResult,
  type PlanNode,
  type Progress,
  type StepProgress,
} from '#libs/contracts/index.js';
import type { LiveFacts, PendingStep, TaskFailure } from './events.js';
import { counts, leftoversByStep, leftoversOf, openPending, stepOf, type Job } from './job.js';
import { waitForPerson, type Wait } from './handoffs.js';
import { notificationsOf } from './notices.js';
import { causeOf, closeReason } from './reasons.js';
import { engineSentence, retrySentence, statusSentence, workerSentence } from './sentences.js';
import { stepProgress } from './steps.js';

/** A step or task that nobody has taken for so long waits for a worker. Milliseconds. */
export const WORKER_PATIENCE_MS = 5_000;

const OPEN: readonly JobStatus[] = ['queued', 'running', 'waiting', 'rolling-back'];

/**
 * The progress of a job (`docs/http.md` §4.2): what its history tells, with what `describe` knows of open activities. Pure; needs
 * no worker. `live` may be left out for a closed job.
 */
export function computeProgress(job: Job, live: LiveFacts | null, links: Progress['links']): Progress {
  const { request, plan } = job;
  const waiting = waitOf(job, live);
  const steps = stepsOf(job, live);
  return {
    id: accountId(plan),
    runId: request.runId,
    tenant: plan.tenant,
    account: plan.account,
    chain: plan.chain,
    kind: request.kind,
    status: job.status,
    startedAt: request.acceptedAt,
    updatedAt: job.updatedAt,
    closedAt: job.closed?.at ?? null,
    percent: percentOf(job, steps),
    reason: reasonOf(job, waiting),
    waitingFor: waiting?.waitingFor ?? null,
    steps,
    leftovers: leftoversOf(job),
    ...repairOf(job),
    ...(plan.notify.length > 0 || job.notices.size > 0 ? { notifications: notificationsOf(job.notices) } : {}),
    links,
  };
}

function repairOf({ closed }: Job): Pick<Progress, 'repair'> {
  const { repair } = (closed?.result ?? {}) as Partial<OperationResult>;
  return repair ? { repair } : {};
}

/** The live facts of each step's open activity. */
export function pendingByStep(job: Job, live: LiveFacts | null): Map<string, PendingStep> {
  const found = new Map<string, PendingStep>();
  for (const pending of openPending(job, live)) {
    const step = stepOf(job, pending);
    if (step && counts(job, step)) found.set(step.node.key, pending);
  }
  return found;
}

/** The steps as the API shows them. */
export function stepsOf(job: Job, live: LiveFacts | null): StepProgress[] {
  const pending = pendingByStep(job, live);
  const left = job.status === 'rollback-incomplete' ? leftoversByStep(job) : new Map<string, Leftover>();
  return [...job.steps.values()].map((step) => {
    const shown = stepProgress(step, pending.get(step.node.key), job.closed !== null);
    return left.has(step.node.key) ? { ...shown, status: 'undo-failed' } : shown;
  });
}

/** How much of what the operation is for has been done: what stood as wanted from the start does not count. */
function percentOf(job: Job, steps: readonly StepProgress[]): number {
  if (job.status === 'succeeded') return 100;
  const { kind } = job.request;
  const meant = steps.filter(({ key }) => {
    const step = job.steps.get(key);
    return kind !== 'amend' || step?.touched === true || step?.phase !== 'done';
  });
  const ended = meant.filter(({ key, status }) => {
    if (status === 'undone' || status === 'kept') return kind === 'offboard' || job.steps.get(key)?.removal === true;
    return status === 'done';
  });
  return meant.length === 0 ? 0 : Math.min(99, Math.floor((100 * ended.length) / meant.length));
}

function reasonOf(job: Job, wait: Wait | null): string | null {
  if (job.closed) return closeReason(job);
  const sentence = wait?.sentence ?? null;
  if (wait?.waitingFor.kind === 'engine') return sentence;
  if (job.status === 'queued' || job.status === 'running' || job.status === 'waiting') return sentence;
  const cause = causeOf(job) ?? statusSentence(job.request.kind, job.status);
  return sentence === null ? cause : `${cause} Undo: ${sentence}`;
}

/** What a job waits for; null when it moves on or has closed. */
export function waitOf(job: Job, live: LiveFacts | null): Wait | null {
  if (job.closed) return null;
  if (live?.taskFailure) return engineWait(live.taskFailure);
  if (job.status === 'held' || job.status === 'rollback-incomplete') {
    const instruction =
      job.status === 'held'
        ? 'retry, rollback or cancel'
        : job.request.kind === 'offboard'
          ? 'retry, accept-leftovers to end the account as it is, or cancel to keep it'
          : 'rollback again, or accept-leftovers to end the job as it is';
    return { waitingFor: { kind: 'operator', since: job.statusSince, instruction }, sentence: null };
  }
  if (!live || !OPEN.includes(job.status)) return null;
  if (job.status === 'queued')
    return longAgo(job.request.acceptedAt, live.at) ? workerWait(null, job.request.acceptedAt) : null;
  const open = openSteps(job, live);
  const person = taskWaitsTooLong(live) ? null : waitForPerson(job);
  return retryWait(open, live) ?? person ?? vendorWait(job, open, live) ?? missingWorker(open, live);
}

interface OpenStep {
  node: PlanNode;
  pending: PendingStep;
  startedAt: string;
}

function openSteps(job: Job, live: LiveFacts): OpenStep[] {
  return openPending(job, live).flatMap((pending) => {
    const step = stepOf(job, pending);
    if (!step) return [];
    return [{ node: step.node, pending, startedAt: step.startedAt ?? pending.scheduledAt ?? live.at }];
  });
}

/** Of the steps that failed and are tried again, the one that has been tried most often speaks for all. */
function retryWait(open: readonly OpenStep[], live: LiveFacts): Wait | null {
  const failing = open.filter(({ pending }) => pending.lastFault && pending.lastFault.code !== 'NOT_READY');
  const [worst] = failing.sort((a, b) => b.pending.attempt - a.pending.attempt);
  if (!worst) return null;
  const { node, pending, startedAt } = worst;
  const until = pending.nextAttemptAt;
  return {
    waitingFor: { kind: 'retry', since: pending.lastEndedAt ?? startedAt, ...(until === null ? {} : { until }) },
    sentence: retrySentence(node, pending, live.at),
    step: node.key,
  };
}

/** Only when nothing but conditions is open: as long as anything else runs, the job moves on. */
function vendorWait(job: Job, open: readonly OpenStep[], live: LiveFacts): Wait | null {
  const conditions = open.filter(({ node, pending }) => node.waits === true && pending.verb === 'ensure');
  const [first] = conditions;
  if (!first || (job.status !== 'waiting' && conditions.length < open.length)) return null;
  const { node, pending, startedAt } = first;
  if (unserved(pending, live.at)) return null;
  const until = pending.nextAttemptAt;
  return {
    waitingFor: {
      kind: 'vendor',
      since: startedAt,
      ...(until === null ? {} : { until }),
      who: node.vendor,
    },
    sentence: pending.lastFault ? retrySentence(node, pending, live.at) : null,
    step: node.key,
  };
}

/** The workflow itself has no worker, or every open step has none. */
function missingWorker(open: readonly OpenStep[], live: LiveFacts): Wait | null {
  const { taskWaitsSince } = live;
  if (taskWaitsSince !== null && taskWaitsTooLong(live)) return workerWait(null, taskWaitsSince);
  const [first] = open;
  if (!first || !open.every(({ pending }) => unserved(pending, live.at))) return null;
  return workerWait(first.node, first.pending.scheduledAt ?? first.startedAt);
}

function taskWaitsTooLong({ taskWaitsSince, at }: LiveFacts): boolean {
  return taskWaitsSince !== null && longAgo(taskWaitsSince, at);
}

/** Whatever else it waits for, it cannot go on. */
function engineWait(failure: TaskFailure): Wait {
  const instruction =
    'see the log of the workers for the cause; start workers with the code and the key ring that the job was begun with';
  return { waitingFor: { kind: 'engine', since: failure.since, instruction }, sentence: engineSentence(failure) };
}

function workerWait(node: PlanNode | null, since: string): Wait {
  return {
    waitingFor: {
      kind: 'worker',
      since,
      instruction: node
        ? `start a worker that serves ${node.vendor}/${node.connection}`
        : 'start a worker that serves workflows',
    },
    sentence: workerSentence(node),
  };
}

function unserved({ state, nextAttemptAt, scheduledAt }: PendingStep, now: string): boolean {
  return state === 'scheduled' && nextAttemptAt === null && scheduledAt !== null && longAgo(scheduledAt, now);
}

function longAgo(since: string, now: string): boolean {
  return Date.parse(now) - Date.parse(since) > WORKER_PATIENCE_MS;
}
