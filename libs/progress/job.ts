import type {
  CloseDetails,
  Command,
  ErrorCode,
  Handoff,
  JobStatus,
  Leftover,
  OperationKind,
  OperationRequest,
  Plan,
  Verb,
} from '#libs/contracts/index.js';
import { dependants } from '#libs/planning/index.js';
import type { CloseKind, LiveFacts, PendingStep } from './events.js';
import type { Notice } from './notices.js';
import { freshStep, type StepState } from './steps.js';

/** What is known of a job before its operation has started, from the account's own input. */
export interface JobRequest {
  kind: OperationKind;
  runId: string;
  /** RFC 3339 UTC, when the job was accepted. */
  acceptedAt: string;
  plan: Plan;
}

/** Everything that the history has told of a job so far. Made by `createJob`, moved on by `applyEvent`. */
export interface Job {
  request: JobRequest;
  /** The plan that counts now: a retry may bring a corrected one. */
  plan: Plan;
  status: JobStatus;
  /** Since when it has that status. */
  statusSince: string;
  errorCode: ErrorCode | null;
  failedStep: string | null;
  steps: Map<string, StepState>;
  /** Activities that have been scheduled and have not ended, by the id of their event. */
  open: Map<number, { key: string; verb: Verb }>;
  commands: Set<string>;
  /** The cancel command that took effect. */
  cancelledBy: Command | null;
  /** The latest task that was handed to a person; null: none was. */
  handoff: Handoff | null;
  /** An answer to it that is not judged yet. */
  answer: Command | null;
  /** The answer by which a person refused what the job needs. */
  rejectedBy: Command | null;
  /** Events that the job has told to whoever asked for it, by the workflow that delivers. */
  notices: Map<string, Notice>;
  updatedAt: string;
  closed: { how: CloseKind; details: CloseDetails | null; result: unknown; at: string } | null;
  lastEventId: number;
}

/** A job as accepted: nothing of it has run. */
export function createJob(request: JobRequest): Job {
  return {
    request,
    plan: request.plan,
    status: 'queued',
    statusSince: request.acceptedAt,
    errorCode: null,
    failedStep: null,
    steps: new Map(request.plan.nodes.map((node) => [node.key, freshStep(node)])),
    open: new Map(),
    commands: new Set(),
    cancelledBy: null,
    handoff: null,
    answer: null,
    rejectedBy: null,
    notices: new Map(),
    updatedAt: request.acceptedAt,
    closed: null,
    lastEventId: 0,
  };
}

/** The request that an account's queue holds, as far as progress needs it; undefined for an operation without a plan. */
export function jobRequest({ kind, runId, at, plan }: OperationRequest): JobRequest | undefined {
  return plan ? { kind, runId, acceptedAt: at, plan } : undefined;
}

/** The plan of a job is replaced: steps that stay keep their state, those that are gone stay until they are undone. */
export function replan(job: Job, plan: Plan): void {
  const before = job.steps;
  job.plan = plan;
  job.steps = new Map(plan.nodes.map((node) => [node.key, { ...(before.get(node.key) ?? freshStep(node)), node }]));
  for (const [key, step] of before) if (step.touched && !job.steps.has(key)) job.steps.set(key, step);
}

/** The steps that an event about `key` concerns. A look names a connection: its first step speaks for it. */
export function stepOf(job: Job, key: string, verb: Verb): StepState | undefined {
  if (verb !== 'look') return job.steps.get(key);
  const first = job.plan.nodes.find((node) => `${node.vendor}/${node.connection}` === key);
  return first && job.steps.get(first.key);
}

/** The live facts of activities that the history knows as open: `describe` may have been asked a moment before or after. */
export function openPending(job: Job, live: LiveFacts | null): PendingStep[] {
  const open = new Set([...job.open.values()].map(({ key, verb }) => `${key}:${verb}`));
  return (live?.pending ?? []).filter(({ key, verb }) => open.has(`${key}:${verb}`));
}

/**
 * What could not be taken back: steps whose undo failed, and those that were not tried because one of these may refer to them.
 * Empty while undo has not come to its end.
 */
export function leftoversOf(job: Job): Leftover[] {
  if (job.closed?.details) return job.closed.details.leftovers;
  if (job.status !== 'rollback-incomplete') return [];
  const leftovers = leftoversByStep(job);
  return [...job.steps.keys()].flatMap((key) => leftovers.get(key) ?? []);
}

/** What is left of each step: its own failed undo, or that it was not tried because a step that failed may refer to it. */
export function leftoversByStep(job: Job): Map<string, Leftover> {
  const found = new Map<string, Leftover>();
  for (const step of [...job.steps.values()].reverse()) {
    const { key } = step.node;
    const leftover = step.leftover ?? (untried(step) ? blockedBy(job, step, found) : undefined);
    if (leftover) found.set(key, leftover);
  }
  return found;
}

function untried({ touched, phase }: StepState): boolean {
  return touched && phase !== 'undone' && phase !== 'kept' && phase !== 'undo-failed' && phase !== 'skipped';
}

function blockedBy(job: Job, step: StepState, found: ReadonlyMap<string, Leftover>): Leftover | undefined {
  const by = dependants(job.plan, step.node.key).find((key) => found.has(key));
  if (by === undefined) return undefined;
  const title = job.steps.get(by)?.node.title ?? by;
  const reason = `STILL_REFERENCED: ${title} could not be undone and may refer to it`;
  return { key: step.node.key, externalId: step.externalId ?? '', reason };
}
