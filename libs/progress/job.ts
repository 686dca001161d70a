import {
  blockedReason,
  connectionTaskQueue,
  isConnectionVerb,
  keyOfStep,
  mayBecomeHandoff,
  requestedPlan,
  standingOf,
  type AccountState,
  type CloseDetails,
  type Command,
  type ErrorCode,
  type Handoff,
  type JobStatus,
  type Leftover,
  type OperationInput,
  type OperationKind,
  type OperationRequest,
  type Plan,
  type PlanNode,
  type Standing,
  type StepProgress,
  type Verb,
} from '#libs/contracts/index.js';
import { dependants, sameBody } from '#libs/planning/index.js';
import type { CloseKind, LiveFacts, PendingStep } from './events.js';
import type { Notice } from './notices.js';
import { freshStep, standingStep, type StepState } from './steps.js';

/** What is known of a job before its operation has started, from the account's own input. */
export interface JobRequest {
  kind: OperationKind;
  runId: string;
  /** RFC 3339 UTC, when the job was accepted. */
  acceptedAt: string;
  /** What is wanted; where nothing is, what the account stands by. */
  plan: Plan;
  /** What the account recorded when the job began; null: nothing. */
  from: Standing | null;
}

/** An activity that has been scheduled and has not ended. */
export interface OpenActivity {
  key: string;
  verb: Verb;
  /** Its task queue; absent where it is not known. */
  queue?: string;
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
  /** What a correction has moved to another connection, as it stands on the former one; by queue and key. */
  former: Map<string, StepState>;
  /** Activities that have been scheduled and have not ended, by the id of their event. */
  open: Map<number, OpenActivity>;
  commands: Set<string>;
  /** The cancel command that took effect. */
  cancelledBy: Command | null;
  /** The command by which somebody took what could not be taken back as it is. */
  acceptedBy: Command | null;
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
    steps: firstSteps(request),
    former: new Map(),
    open: new Map(),
    commands: new Set(),
    cancelledBy: null,
    acceptedBy: null,
    handoff: null,
    answer: null,
    rejectedBy: null,
    notices: new Map(),
    updatedAt: request.acceptedAt,
    closed: null,
    lastEventId: 0,
  };
}

/** The steps that an operation begins with: the nodes of what is wanted, and behind them those that it removes. */
function firstSteps({ kind, plan, from }: JobRequest): Map<string, StepState> {
  const recorded = new Map(from?.resources.map((resource) => [resource.key, resource]));
  const before = new Map(from?.plan.nodes.map((node) => [node.key, node]));
  const steps = plan.nodes.map((node): StepState => {
    const known = before.get(node.key);
    const stands = recorded.get(node.key);
    if (kind === 'amend' && from && known && (stands ?? node.waits === true)) {
      const same = sameBody(known, from.plan.texts, node, plan.texts);
      return same ? standingStep(node, stands) : { ...freshStep(node), externalId: stands?.externalId ?? null };
    }
    if (kind === 'onboard' || kind === 'amend') return freshStep(node);
    return { ...freshStep(node), externalId: stands?.externalId ?? null, touched: kind === 'offboard' };
  });
  const wanted = new Set(plan.nodes.map(({ key }) => key));
  const dropped = kind !== 'amend' ? [] : (from?.plan.nodes ?? []).filter(({ key }) => !wanted.has(key));
  for (const node of dropped.reverse()) {
    steps.push({ ...freshStep(node), externalId: recorded.get(node.key)?.externalId ?? null, removal: true });
  }
  return new Map(steps.map((step) => [step.node.key, step]));
}

/** The request that an account holds in its line, as far as progress needs it; undefined where no plan is known. */
export function jobRequest(state: AccountState, request: OperationRequest): JobRequest | undefined {
  const plan = requestedPlan(request) ?? state.interrupted?.plan ?? state.plan;
  const { kind, runId, at } = request;
  return plan ? { kind, runId, acceptedAt: at, plan, from: standingOf(state) } : undefined;
}

/** The same from the input of the operation itself. */
export function startedRequest({ kind, runId, acceptedAt, from, to, interrupted }: OperationInput): JobRequest {
  const plan = to ?? interrupted ?? from?.plan;
  if (!plan) throw new RangeError(`The operation ${runId} has no plan.`);
  return { kind, runId, acceptedAt, plan, from };
}

/**
 * The plan of a job is replaced: steps that stay keep their state, those that are gone stay until they are undone. One that moves to
 * another connection begins anew there; what stands on the former connection is undone apart from it.
 */
export function replan(job: Job, plan: Plan): void {
  const before = job.steps;
  job.plan = plan;
  job.steps = new Map(plan.nodes.map((node) => [node.key, goOn(job, before.get(node.key), node)]));
  for (const [key, step] of before) if (step.touched && !job.steps.has(key)) job.steps.set(key, step);
}

function goOn(job: Job, before: StepState | undefined, node: PlanNode): StepState {
  if (!before) return freshStep(node);
  if (placeOf(before.node) === placeOf(node)) return { ...before, node };
  // A person goes on with what stands at the same account of the vendor: nothing of it is undone apart.
  if (mayBecomeHandoff(before.node, node)) return { ...freshStep(node), touched: before.touched };
  if (before.touched) job.former.set(placeOf(before.node), before);
  const back = job.former.get(placeOf(node));
  job.former.delete(placeOf(node));
  return back && back.phase !== 'undone' ? { ...back, node } : freshStep(node);
}

/** A node on its connection. */
function placeOf({ vendor, connection, key }: PlanNode): string {
  return place(connectionTaskQueue(vendor, connection), key);
}

function place(queue: string, key: string): string {
  return `${queue} ${key}`;
}

/**
 * The step that an activity concerns; of a step that a correction has moved, the one on the activity's connection. A look names a
 * connection: its first step speaks for it.
 */
export function stepOf(job: Job, { key, verb, queue }: OpenActivity): StepState | undefined {
  if (isConnectionVerb(verb)) {
    const first = job.plan.nodes.find((node) => connectionTaskQueue(node.vendor, node.connection) === key);
    return first && job.steps.get(first.key);
  }
  return (queue === undefined ? undefined : job.former.get(place(queue, key))) ?? job.steps.get(key);
}

/** Key of the node that Temporal knows by a step name: of the plan, else of what a correction has dropped or moved. */
export function nodeKey(job: Job, name: string): string {
  const dropped = [...job.steps.values(), ...job.former.values()].map(({ node }) => node);
  return keyOfStep([...job.plan.nodes, ...dropped], name);
}

/** Whether a step is of the plan that counts, and not what a correction has left on a former connection. */
export function counts(job: Job, step: StepState): boolean {
  return job.steps.get(step.node.key) === step;
}

/** What an event tells of a step. What a correction has moved away is told by its connection alone: its state is not the step's. */
export function stepFacts(job: Job, step: StepState, facts: Partial<StepProgress>): Record<string, unknown> {
  const { key, vendor, connection } = step.node;
  return counts(job, step) ? { key, ...facts } : { key, formerConnection: `${vendor}/${connection}` };
}

/** The step as sentences name it: what a correction has moved away with its connection. */
export function titled(job: Job, step: StepState): StepState {
  const { title, connection } = step.node;
  return counts(job, step) ? step : { ...step, node: { ...step.node, title: `${title} at ${connection}` } };
}

/** The live facts of activities that the history knows as open: `describe` may have been asked a moment before or after. */
export function openPending(job: Job, live: LiveFacts | null): (PendingStep & OpenActivity)[] {
  const open = new Map([...job.open.values()].map((activity) => [`${activity.key}:${activity.verb}`, activity]));
  return (live?.pending ?? []).flatMap((pending) => {
    const activity = open.get(`${nodeKey(job, pending.key)}:${pending.verb}`);
    return activity ? [{ ...pending, ...activity }] : [];
  });
}

/**
 * What could not be taken back: steps whose undo failed, and those that were not tried because one of these may refer to them.
 * Empty while undo has not come to its end.
 */
export function leftoversOf(job: Job): Leftover[] {
  if (job.closed?.details) return job.closed.details.leftovers;
  if (job.status !== 'rollback-incomplete') return [];
  const leftovers = leftoversByStep(job);
  const former = [...job.former.values()].flatMap(({ leftover }) => leftover ?? []);
  return [...[...job.steps.keys()].flatMap((key) => leftovers.get(key) ?? []), ...former];
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
  const reason = blockedReason(title);
  return { key: step.node.key, externalId: step.externalId ?? '', reason };
}
