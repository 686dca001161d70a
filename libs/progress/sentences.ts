import {
  handoffInstruction,
  type Command,
  type ErrorCode,
  type Handoff,
  type JobStatus,
  type OperationKind,
  type Plan,
  type PlanNode,
} from '#libs/contracts/index.js';
import type { PendingStep, StepFault, TaskFailure } from './events.js';
import type { StepState } from './steps.js';

type Sentences = Record<JobStatus, string>;

const ONBOARDING: Sentences = {
  queued: 'The job is accepted and waits to be picked up.',
  running: 'The job is running.',
  waiting: 'The job waits for the vendor.', // the event that tells it says what for
  held: 'The job is held: an operator decides whether to retry, roll back or cancel.',
  'rolling-back': 'What the job made is being taken back.',
  'rollback-incomplete':
    'Not everything could be taken back: an operator decides whether to try again or accept what is left.',
  succeeded: 'The account is on board.',
  'rolled-back': 'The job failed, and everything it made has been taken back.',
  cancelled: 'The job was cancelled, and everything it made has been taken back.',
  rejected: 'A person rejected the hand-off, and everything the job made has been taken back.',
  interrupted: 'The job was terminated in Temporal itself; what it made may still stand.',
  failed: 'The job failed.',
};

const SENTENCES: Record<OperationKind, Sentences> = {
  onboard: ONBOARDING,
  amend: {
    ...ONBOARDING,
    'rolling-back': 'The account is led back to what it stood by before.',
    'rollback-incomplete':
      'Not everything is as it was before: an operator decides whether to try again or accept what is left.',
    succeeded: 'The account stands by its new spec.',
    'rolled-back': 'The amendment failed, and the account is as it was before.',
    cancelled: 'The amendment was cancelled, and the account is as it was before.',
    rejected: 'A person rejected the hand-off, and the account is as it was before.',
  },
  offboard: {
    ...ONBOARDING,
    running: 'What the account has at the vendors is being removed.',
    'rollback-incomplete':
      'Not everything could be removed: an operator decides whether to try again, accept what is left, or keep the account.',
    succeeded: 'The account is off: nothing of it stands but what was there before it.',
    cancelled: 'The offboarding was stopped; the account goes on, and what is gone already is drift.',
    interrupted: 'The offboarding was terminated in Temporal itself; a part of the account may still stand.',
  },
  reconcile: {
    ...ONBOARDING,
    running: 'The account is compared with the vendors.',
    succeeded: 'The reconciliation is over.',
    cancelled: 'The reconciliation was stopped; what it has repaired stays.',
    interrupted: 'The reconciliation was terminated in Temporal itself.',
    failed: 'The reconciliation failed; what it has repaired stays, and what differs still is drift.',
  },
  sweep: {
    ...ONBOARDING,
    running: 'Objects that no account claims are being removed.',
    succeeded: 'The objects that no account claims are gone.',
    cancelled: 'The removal of objects that no account claims was stopped.',
    interrupted: 'The removal of objects that no account claims was terminated in Temporal itself.',
    failed: 'Objects that no account claims could not be removed.',
  },
};

const STARTED: Record<OperationKind, string> = {
  onboard: 'The job has started',
  amend: 'The amendment has started',
  offboard: 'The offboarding has started',
  reconcile: 'The reconciliation has started',
  sweep: 'The removal of objects that no account claims has started',
};

/** The vendor's name as it writes it itself. */
export function vendorName({ vendor, vendorLabel }: Pick<PlanNode, 'vendor' | 'vendorLabel'>): string {
  return vendorLabel ?? vendor;
}

/** What a status means, for somebody on support. */
export function statusSentence(kind: OperationKind, status: JobStatus): string {
  return SENTENCES[kind][status];
}

/** What is still open of a job that only waits for conditions: `All else is done; still waited for: Sinch channels active.` */
export function waitingSentence(kind: OperationKind, conditions: readonly PlanNode[]): string {
  if (conditions.length === 0) return statusSentence(kind, 'waiting');
  return `All else is done; still waited for: ${conditions.map(({ title }) => title).join(', ')}.`;
}

/** What is left of a job that an operator has closed as it is. */
export function leftoversSentence(count: number, acceptedBy: Command | null): string {
  const objects = count === 1 ? 'one object that' : `${String(count)} objects that`;
  const who = acceptedBy === null ? '' : `, accepted by ${acceptedBy.by} (${acceptedBy.reason})`;
  return `The job has ended and leaves ${objects} could not be taken back${who}.`;
}

/** `The job has started: 12 steps at eGain and Sinch.` */
export function startedSentence(kind: OperationKind, plan: Plan): string {
  const vendors = [...new Set(plan.nodes.map((node) => vendorName(node)))];
  const count = plan.nodes.length;
  return `${STARTED[kind]}: ${count} step${count === 1 ? '' : 's'} at ${vendors.join(' and ')}.`;
}

/** What has just happened to a step. */
export function stepSentence(step: StepState): string {
  const { node } = step;
  switch (step.phase) {
    case 'ensuring':
      return node.waits === true
        ? `${node.title}: waiting for ${vendorName(node)}.`
        : `${node.title}: started at ${vendorName(node)}.`;
    case 'asking':
      return `${node.title}: handed to a person.`;
    case 'done':
      return `${node.title}: ${node.waits === true ? 'ready' : doneWord(step)}.`;
    case 'failed':
      return `${node.title} failed: ${step.lastError ? afterTitle(node, step.lastError.message) : 'for an unknown reason'}`;
    case 'stopped':
      return `${node.title}: stopped.`;
    case 'undoing':
      return `${node.title}: being taken back.`;
    case 'undone':
    case 'kept':
    case 'skipped':
      return `${node.title}: ${step.undoMessage ?? (step.phase === 'undone' ? 'taken back' : step.phase)}`;
    case 'undo-failed':
      return `${node.title} could not be taken back: ${undoFault(step) ?? 'for an unknown reason'}`;
    case 'pending':
      return `${node.title}: waits for its turn.`;
  }
}

/** Why a pending step has not ended yet and when it is tried again: `eGain answers 503; trying again in 8 s (attempt 4)`. */
export function retrySentence(node: PlanNode, pending: PendingStep, now: string): string {
  const { lastFault, nextAttemptAt, attempt } = pending;
  const what = lastFault ? faultSentence(node, lastFault) : `${node.title} did not succeed at ${vendorName(node)}`;
  const verb = lastFault?.code === 'NOT_READY' ? 'looking again' : 'trying again';
  return `${what}; ${verb} ${dueIn(nextAttemptAt, now)} (attempt ${attempt})`;
}

/** The same of a step by its title, for a line of its own. */
export function stepRetrySentence(node: PlanNode, pending: PendingStep, now: string): string {
  const sentence = retrySentence(node, pending, now);
  return sentence.startsWith(node.title) ? sentence : `${node.title}: ${sentence}`;
}

/** What a person is asked for. */
export function askSentence(node: PlanNode, handoff: Handoff): string {
  return `${node.title}: a person is asked: ${handoffInstruction(node.person, handoff)}`;
}

/** What the check of an answer has shown. */
export function checkSentence({ node, lastError }: StepState): string {
  return lastError
    ? `${node.title}: the answer is not right: ${afterTitle(node, lastError.message)}`
    : `${node.title}: the answer is right.`;
}

/** What has become of a task that was handed to a person. */
export function handoffSentence(node: PlanNode, handoff: Handoff): string {
  const what = `${node.title}: the hand-off (${handoff.kind})`;
  switch (handoff.state) {
    case 'open':
      return handoff.note === null
        ? askSentence(node, handoff)
        : `${node.title}: ${handoff.note} The person is asked again.`;
    case 'checking':
      return `${what} is answered; the answer is checked.`;
    case 'accepted':
      return `${what} is done.`;
    case 'rejected':
    case 'overdue':
      return `${what} ended: ${handoff.note ?? handoff.state}`;
    case 'stopped':
      return `${what} is called off.`;
    case 'skipped':
      return `${node.title}: ${handoff.note ?? 'nothing to take back'}.`;
  }
}

/** What it means that no worker takes a step. */
export function workerSentence(node: PlanNode | null): string {
  if (!node) return 'No worker is running for the jobs; this one goes on as soon as one is started';
  return `No worker is free for ${vendorName(node)} (connection ${node.connection}); the job goes on as soon as one is`;
}

/** What it means that a task of the workflow fails again and again. */
export function engineSentence({ failed, cause }: TaskFailure): string {
  const why = cause === null ? '' : ` (${cause})`;
  return `Temporal cannot carry the job on: a task of its workflow has failed ${failed} times${why}. Nothing is undone, and it goes on by itself once the cause is mended`;
}

/** What follows a step's title: messages of our own algorithms begin with it. */
function afterTitle({ title }: PlanNode, message: string): string {
  return message.startsWith(`${title}: `) ? message.slice(title.length + 2) : message;
}

function undoFault({ node, lastError, leftover }: StepState): string | undefined {
  return lastError ? `${lastError.code}: ${afterTitle(node, lastError.message)}` : leftover?.reason;
}

function faultSentence(node: PlanNode, fault: StepFault): string {
  const vendor = vendorName(node);
  const status = fault.httpStatus === null ? '' : ` (${fault.httpStatus})`;
  const byCode: Partial<Record<ErrorCode, string>> = {
    VENDOR_UNAVAILABLE:
      fault.httpStatus === null ? `${vendor} does not answer` : `${vendor} answers ${fault.httpStatus}`,
    RATE_LIMITED: `${vendor} asks us to slow down${status}`,
    CREDENTIALS_REJECTED: `${vendor} rejects our credentials${status}`,
    PERMISSION_DENIED: `${vendor} does not permit this${status}`,
  };
  return byCode[fault.code] ?? fault.message.replace(/[.\s]+$/, '');
}

function dueIn(at: string | null, now: string): string {
  if (at === null) return 'now';
  const seconds = Math.ceil((Date.parse(at) - Date.parse(now)) / 1000);
  if (seconds <= 0) return 'now';
  return seconds < 120 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}

function doneWord(step: StepState): string {
  switch (step.origin) {
    case 'adopted':
      return 'taken over';
    case 'updated':
      return 'updated';
    case 'shared':
      return 'there already and used with others';
    case 'unchanged':
      return 'there already as it should be';
    default:
      return 'created';
  }
}
